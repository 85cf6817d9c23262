import Connectors
import Formats
import HTTPClient

/// Shares one session between runs; BILL ends it after 35 idle minutes.
public typealias BILLSession = SharedLogin<BILLCredentials, Secret>

/// Reads bills and vendors. After a session has ended it logs in again, once for each call.
///
/// Throws ``SourceError``, `RequestFailure` or `JSONBodyError`.
public struct BILLClient: Sendable {
  private let api: APIClient
  private let credentials: BILLCredentials
  private let session: BILLSession

  public init(api: APIClient, credentials: BILLCredentials, session: BILLSession) {
    self.api = api
    self.credentials = credentials
    self.session = session
  }

  /// What an answer of BILL means: its limits have codes of their own, with any status.
  @Sendable public static func verdict(_ response: HTTPResponse) -> AnswerVerdict? {
    guard !response.isSuccess else { return nil }
    switch BILLFailure.code(of: response.body) {
    // Too many at once.
    case "BDC_1322": return .throttled(retryAfter: .seconds(5))
    // The hour's requests are used up.
    case "BDC_1144": return .final
    default: return nil
    }
  }

  /// - Throws: ``SourceError`` of kind `refused` where the credentials are wrong.
  public func checkLogin() async throws { _ = try await access(replacing: nil) }

  /// All bills whose field has one of the values, each once, archived ones too.
  ///
  /// - Parameter rejectable: Values that some organisations' BILL does not know, and refuses.
  public func bills(
    where field: String, isOneOf values: [String], rejectable: Set<String> = []
  ) async throws -> [Bill] {
    try await withThrowingTaskGroup(of: [Bill].self) { group in
      for value in values {
        group.addTask {
          do {
            return try await list(Bill.self, id: \.id) { .bills(field: field, value: value, cursor: $0) }
          } catch is Unaccepted where rejectable.contains(value) {
            return []
          } catch let error as Unaccepted {
            throw SourceError(.malformed, error.message)
          }
        }
      }
      // A bill may get another value between two lists.
      var seen: Set<String> = []
      return try await group.reduce(into: []) { bills, more in bills += more.filter { seen.insert($0.id).inserted } }
    }
  }

  /// All vendors that BILL lists.
  public func vendors() async throws -> [BILLVendor] {
    do {
      return try await list(BILLVendor.self, id: \.id) { .vendors(cursor: $0) }
    } catch let error as Unaccepted {
      throw SourceError(.malformed, error.message)
    }
  }

  /// A vendor that the list may leave out; nil where there is none.
  public func vendor(_ id: String) async throws -> BILLVendor? {
    do {
      return try await askingTwice { try await send(.vendor(id)).decode(BILLVendor.self) }
    } catch is Unaccepted {
      return nil
    }
  }

  private func list<Row: Decodable>(
    _ type: Row.Type, id: (Row) -> String, _ endpoint: (String?) -> BILLEndpoint
  ) async throws -> [Row] {
    var rows: [Row] = []
    var seen: Set<String> = []
    var cursor: String?
    var pager = Pager(.bill)
    while true {
      let page = try await askingTwice { try await send(endpoint(cursor)).decode(BILLPage<Row>.self) }
      let values = page.results.compactMap(\.value)
      guard values.count == page.results.count else {
        throw SourceError(.malformed, "BILL sent \(page.results.count - values.count) rows that can't be read")
      }
      rows += values.filter { seen.insert(id($0)).inserted }
      guard let next = page.nextPage, !next.isEmpty else { return rows }
      try pager.follow(next, rows: seen.count)
      cursor = next
    }
  }

  /// BILL refused the request itself (400, 404).
  private struct Unaccepted: Error { let message: String }

  private func access(replacing refused: BILLSession.Grant?) async throws -> BILLSession.Grant {
    try await session.access(
      for: credentials, replacing: refused, isRefusal: { ($0 as? SourceError)?.kind == .refused },
      login: { try await askingTwice { try await login() } })
  }

  private func login() async throws -> Secret {
    let response = try await api.send(BILLEndpoint.login.request(credentials, session: nil))
    guard response.isSuccess else {
      let code = BILLFailure.code(of: response.body)
      let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
      if code == "BDC_1144" { throw SourceError(.unavailable, "BILL's hourly limit is reached (\(detail))") }
      throw SourceError(
        .refused,
        "BILL refused the login (\(detail)); check BILLCOM_API_KEY, BILLCOM_ORG_ID, BILLCOM_USERNAME and BILLCOM_PASSWORD"
      )
    }
    return Secret(try response.decode(BILLLogin.self).sessionId)
  }

  private func send(_ endpoint: BILLEndpoint) async throws -> HTTPResponse {
    let grant = try await access(replacing: nil)
    var response = try await api.send(endpoint.request(credentials, session: grant.access))
    if isExpired(response) {
      let next = try await access(replacing: grant)
      response = try await api.send(endpoint.request(credentials, session: next.access))
    }
    if response.isSuccess { return response }
    let code = BILLFailure.code(of: response.body)
    let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
    if code == "BDC_1144" {
      throw SourceError(.unavailable, "BILL's hourly limit is reached (\(detail)); it ends with the hour")
    }
    switch response.status {
    case 400, 404, 422: throw Unaccepted(message: "BILL refused a request (\(detail))")
    case 401, 403:
      throw SourceError(.refused, "BILL refused a call (\(detail)); the user or sync token may not make it")
    default: throw SourceError(.malformed, "BILL refused a request (\(detail))")
    }
  }

  private func isExpired(_ response: HTTPResponse) -> Bool {
    response.status == 401 || (!response.isSuccess && BILLFailure.code(of: response.body) == "BDC_1109")
  }
}
