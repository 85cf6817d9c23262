import Concurrency
import Connectors
import Formats
import HTTPClient

/// Sends calls to the org. After HTTP 401 it logs in again, once for each call.
///
/// All calls throw ``SalesforceRefusal`` for a status that is not expected, ``SourceError`` where the login or an
/// answer is wrong, `JSONBodyError` for a body that is not expected, and what ``APIClient`` throws.
///
/// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/
///
/// Throws ``SourceError`` where another try does not help or the org lacks something, ``SalesforceRefusal`` for the org's
/// "no" to a request, `RequestFailure` where retries are used up, `JSONBodyError` for an answer that is not the documented
/// JSON.
public struct SalesforceClient: Sendable {
  let api: APIClient
  private let login: SalesforceLogin
  /// Keeps the login between runs.
  private let session: SalesforceSession
  /// `salesforce.api_version` of `sources.yaml`, such as 66.0.
  private let apiVersion: String
  /// Limits how many queries are open at the same time, from their first page to their last. An org keeps ten cursors
  /// open for each user, and drops the oldest when there are more.
  private let openQueries = ConcurrencyLimit(8)

  /// - Parameter session: Keeps the login between runs.
  public init(
    api: APIClient, credentials: SalesforceCredentials, session: SalesforceSession, options: SalesforceOptions
  ) {
    self.api = api
    login = SalesforceLogin(api: api, credentials: credentials, soapVersion: options.soapVersion)
    self.session = session
    apiVersion = options.apiVersion
  }

  /// The path that all calls of this API version begin with.
  var dataPath: String { "/services/data/v\(apiVersion)" }

  /// Logs in where there is no usable token.
  ///
  /// - Throws: ``SourceError`` of kind `refused` where the credentials are wrong.
  public func checkLogin() async throws { _ = try await access(replacing: nil) }

  /// - Parameter refused: What the org has just refused.
  private func access(replacing refused: SalesforceSession.Grant?) async throws -> SalesforceSession.Grant {
    try await session.access(
      for: login.credentials, replacing: refused, isRefusal: { ($0 as? SourceError)?.kind == .refused },
      login: { try await login.perform() })
  }

  /// The fields of an object; nil where the org has no such object, or the user may not see it (404).
  public func describe(_ object: String) async throws -> ObjectDescription? {
    let response = try await send(.get, dataPath + "/sobjects/\(object.percentEncoded())/describe", accepting: [404])
    return response.status == 404 ? nil : try response.decode(ObjectDescription.self)
  }

  /// The fields of `Account`, which every org has. An org that answers 404 to this does not have the API version, so a
  /// 404 for another object does not mean that the object is missing.
  ///
  /// - Throws: ``SourceError`` of kind `unavailable` that names the version.
  public func describeAccount() async throws -> ObjectDescription {
    if let description = try await describe("Account") { return description }
    throw SourceError(
      .unavailable,
      "Salesforce answers 404 for Account itself: the org does not have API version \(apiVersion) (any more), or the user may not see accounts; check salesforce.api_version in sources.yaml and the user's permissions"
    )
  }

  /// Hands on all rows of a query, each id once, as its pages come.
  ///
  /// - Parameters:
  ///   - received: Incomplete where an error is thrown.
  ///   - use: Notes in `received` whether it used the row.
  public func rows(
    _ query: SalesforceQuery, received: inout Received, _ use: (SalesforceRow, inout Received) -> Void
  ) async throws {
    try await openQueries.run { try await continuedRows(query, received: &received, use) }
  }

  private func continuedRows(
    _ query: SalesforceQuery, received: inout Received, _ use: (SalesforceRow, inout Received) -> Void
  ) async throws {
    let columns = SalesforceRow.Columns(query.columns)
    var ids: Set<String> = []
    var last: String?
    var fruitless = 0
    while true {
      // A query that goes on after an id announces only the rows that are left.
      var came: Set<String> = []
      let before = ids.count
      var others = 0
      do {
        let total = try await pages(query, after: last, columns, received: &received) { row, received in
          guard let id = row.value("Id")?.text else {
            others += 1
            return use(row, &received)
          }
          last = last.map { max($0, id) }
          guard came.insert(id).inserted else { return received.skip("duplicate") }
          if ids.insert(id).inserted { use(row, &received) }
        }
        guard total >= 0 else {
          throw SourceError(.malformed, "Salesforce announced a number of rows that is not possible")
        }
        guard came.count + others >= total else {
          throw SourceError(.unavailable, "Salesforce announced \(total) rows but gave \(came.count + others)")
        }
        return try received.announce(ids.count + others, came: ids.count + others, by: .salesforce)
      } catch let error as SalesforceRefusal where error.code == "INVALID_QUERY_LOCATOR" && fruitless < 3 {
        // The org dropped the cursor. Ask again ordered by id, and from then on after the last id.
        if ids.count == before { fruitless += 1 }
        last = last ?? ""
      }
    }
  }

  /// - Returns: How many rows Salesforce announced.
  private func pages(
    _ query: SalesforceQuery, after last: String?, _ columns: SalesforceRow.Columns, received: inout Received,
    _ use: (SalesforceRow, inout Received) -> Void
  ) async throws -> Int {
    // Commas, quotes and parentheses are allowed in a URL's query. Without encoding, long lists of ids stay short.
    let text = query.soql(after: last).percentEncoded(keeping: ",'()")
    var path: String? = dataPath + (query.includesArchived ? "/queryAll" : "/query") + "?q=" + text
    var count = 0
    var pager = Pager(.salesforce)
    var total = 0
    while let current = path {
      let page = try await askingTwice {
        try QueryPage(json: await queryPage(current, naming: query.columns).body, columns: columns)
      }
      for row in page.records { use(row, &received) }
      count += page.records.count
      received.pages += 1
      total = page.totalSize
      guard page.isDone || page.nextRecordsPath != nil else {
        throw SourceError(.malformed, "Salesforce gave no next page of an unfinished query")
      }
      // A path, as documented, or a URL with the host that was asked.
      path = page.isDone ? nil : page.nextRecordsPath.map { Self.withoutHost($0) }
      if let path { try pager.follow(path, rows: count) }
    }
    return total
  }

  /// The currency that the org converts amounts to, which is that of the login's user; nil where it is unknown.
  public func currency() async throws -> String? {
    guard let user = try await access(replacing: nil).access.userID else { return nil }
    let soql = "SELECT Id, DefaultCurrencyIsoCode FROM User WHERE Id = \(SOQL.quoted(user))"
    let path = dataPath + "/query?q=" + soql.percentEncoded(keeping: ",'()")
    let columns = SalesforceRow.Columns(["Id", "DefaultCurrencyIsoCode"])
    let page = try QueryPage(json: await queryPage(path, naming: []).body, columns: columns)
    let code = page.records.first?.value("DefaultCurrencyIsoCode")?.text
    return VendorCode(code)?.description
  }

  /// Whether the user can see at least one row of an object.
  public func hasRows(_ object: String) async throws -> Bool {
    let path = dataPath + "/query?q=" + "SELECT Id FROM \(object) LIMIT 1".percentEncoded()
    let page = try QueryPage(json: await queryPage(path, naming: []).body, columns: SalesforceRow.Columns(["Id"]))
    return page.totalSize > 0 || !page.records.isEmpty
  }

  private static func withoutHost(_ url: String) -> String {
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), let start = url.firstRange(of: "/services/data/")
    else {
      return url
    }
    return String(url[start.lowerBound...])
  }

  /// Repeats what the org could not do just now: these come as 400, which ``APIClient`` does not repeat.
  private func queryPage(_ path: String, naming names: [String]) async throws -> HTTPResponse {
    try await whilePassing({ $0.isPassingForReaders }, "a Salesforce query") {
      try await send(.get, path, naming: names)
    }
  }

  /// Repeats a request after an error that passes, with five attempts at most.
  private func whilePassing(
    _ isPassing: (SalesforceRefusal) -> Bool, _ what: String, _ send: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    try await repeating(
      atMost: 5, pause: { try await api.wait(.milliseconds(500) * (1 << $0), for: what) },
      ifFailed: { ($0 as? SalesforceRefusal).map(isPassing) ?? false }
    ) { _ in try await send() }
  }

  /// Sends a request to the org. Repeats it, also a write, where the org has too many requests at the same time.
  ///
  /// - Parameters:
  ///   - path: Begins with `/services/data/`.
  ///   - isIdempotent: Whether the org may receive the request twice.
  ///   - accepting: Statuses, other than success, that are returned and not thrown.
  ///   - grace: How long after the deadline the request may end.
  ///   - names: Our own names that an error may be about.
  /// - Throws: ``SalesforceRefusal`` for a status that is neither success nor accepted.
  func send(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json",
    isIdempotent: Bool = true, accepting: Set<Int> = [], grace: Duration = .zero, maximumResponseBytes: Int? = nil,
    naming names: [String] = []
  ) async throws -> HTTPResponse {
    // Too many requests at the same time: the org did nothing, so even a write may be sent again.
    try await whilePassing({ $0.isTooManyAtOnce }, "Salesforce, which has too many requests at once") {
      try await sendOnce(
        method, path, body: body, contentType: contentType, isIdempotent: isIdempotent, accepting: accepting,
        grace: grace, maximumResponseBytes: maximumResponseBytes, naming: names)
    }
  }

  private func sendOnce(
    _ method: HTTPMethod, _ path: String, body: [UInt8]?, contentType: String, isIdempotent: Bool, accepting: Set<Int>,
    grace: Duration, maximumResponseBytes: Int?, naming names: [String]
  ) async throws -> HTTPResponse {
    // Some paths come from answers. A path such as ".elsewhere.example" or "@elsewhere.example", appended to our host,
    // would make another host.
    guard path.hasPrefix("/services/data/") else {
      throw SourceError(.malformed, "Salesforce named a path outside of its API")
    }
    var grant = try await access(replacing: nil)
    var isRenewed = false
    while true {
      var headers: HTTPFields = [
        "Authorization": "Bearer \(grant.access.token.text)",
        "Accept": contentType == "text/csv" ? "text/csv" : "application/json",
      ]
      if body != nil {
        headers.append("Content-Type", contentType == "text/csv" ? "text/csv; charset=UTF-8" : contentType)
      }
      var request = HTTPRequest(
        method, grant.access.instanceURL + path, headers: headers, body: body, timeout: .seconds(120))
      request.label = Self.label(path)
      if let maximumResponseBytes { request.maximumResponseBytes = maximumResponseBytes }
      let response = try await api.send(request, isIdempotent: isIdempotent, grace: grace)
      if response.status == 401, !isRenewed {
        grant = try await access(replacing: grant)
        isRenewed = true
        continue
      }
      if response.isSuccess || accepting.contains(response.status) { return response }
      let item = (try? response.decode([ErrorItem].self))?.first
      throw SalesforceRefusal(
        status: response.status, code: VendorCode(item?.errorCode)?.description, request: request.description,
        names: names.filter { item?.message?.contains($0) ?? false },
        isDaily: item?.message?.contains("TotalRequests") ?? false)
    }
  }

  /// The path for messages: without the query, and without parts that may come from an answer.
  private static func label(_ path: String) -> String {
    let names = path.prefix { $0 != "?" }.split(separator: "/").prefix(8).map { name in
      name.utf8.count <= 40 && name.utf8.allSatisfy { $0 != UInt8(ascii: "@") && (33...126).contains($0) }
        ? String(name) : "…"
    }
    return "/" + names.joined(separator: "/")
  }
}
