import Connectors
import Formats
import FoundationEssentials
import HTTPClient
import Time

/// Shares one login between runs.
public typealias ZendeskSession = SharedLogin<ZendeskCredentials, ZendeskAccess>

/// What is sent as `Authorization`, and until when on the monotonic clock.
public struct ZendeskAccess: Sendable {
  let authorization: Secret
  let expires: Duration?
}

/// Reads tickets' counts and reply times.
///
/// Throws ``SourceError``, `RequestFailure` or `JSONBodyError`.
public struct ZendeskClient: Sendable {
  private let api: APIClient
  /// Incremental exports have a limit of their own.
  private let exportAPI: APIClient
  private let credentials: ZendeskCredentials
  private let session: ZendeskSession
  private let time: TimeSource

  public init(
    api: APIClient, exportAPI: APIClient, credentials: ZendeskCredentials, session: ZendeskSession, time: TimeSource
  ) {
    self.api = api
    self.exportAPI = exportAPI
    self.credentials = credentials
    self.session = session
    self.time = time
  }

  /// What an answer of Zendesk means: its headers say how many requests are left of the account's minute.
  @Sendable public static func verdict(_ response: HTTPResponse) -> AnswerVerdict? {
    guard response.isSuccess, let left = response.headers["X-Rate-Limit-Remaining"].flatMap({ Int($0) }),
      left < ZendeskOptions.rateLimit.maximumConcurrency
    else { return nil }
    let reset = response.headers["ratelimit-reset"].flatMap { Int64($0) }
    return .exhausted(refillsIn: .seconds(reset ?? 60))
  }

  /// How many tickets a search finds.
  public func count(_ query: String) async throws -> Int {
    try await askingTwice { try await send(.count(query: query), by: api).decode(ZendeskCount.self).count }
  }

  /// Tickets that changed since an instant, each once, as it is now.
  ///
  /// - Parameter maximumPages: Nil reads to the end.
  /// - Returns: And whether the end was reached.
  public func changes(
    since start: Timestamp, maximumPages: Int? = nil
  ) async throws -> (tickets: [ZendeskTicket], isComplete: Bool) {
    var found: [String: ZendeskTicket] = [:]
    var endpoint = ZendeskEndpoint.changes(since: start)
    var pager = Pager(.zendesk)
    var pages = 0
    while true {
      let current = endpoint
      let page = try await askingTwice { try await send(current, by: exportAPI).decode(ZendeskTickets.self) }
      pages += 1
      guard page.unreadable == 0 else {
        throw SourceError(.malformed, "Zendesk sent \(page.unreadable) tickets that can't be read")
      }
      for ticket in page.tickets where found[ticket.id].map({ $0.generated <= ticket.generated }) ?? true {
        found[ticket.id] = ticket
      }
      if page.isEnd { return (Array(found.values), true) }
      guard let cursor = page.cursor else {
        throw SourceError(.malformed, "Zendesk's export ended without its end")
      }
      if let maximumPages, pages >= maximumPages { return (Array(found.values), false) }
      try pager.follow(cursor, rows: nil)
      endpoint = .moreChanges(cursor: cursor)
    }
  }

  /// The tickets that a search finds, with their metrics; nil where this Zendesk does not offer that way.
  public func tickets(_ query: String) async throws -> [ZendeskTicket]? {
    var ids: [String] = []
    var cursor: String?
    var pager = Pager(.zendesk)
    repeat {
      let current = cursor
      guard
        let page = try await askingTwice({
          try await sendIfOffered(.export(query: query, cursor: current))?.decode(ZendeskSearchPage.self)
        })
      else { return nil }
      ids += page.results.compactMap(\.id)
      cursor = page.meta?.hasMore == true ? page.meta?.cursor : nil
      if let cursor { try pager.follow(cursor, rows: Set(ids).count) }
    } while cursor != nil
    var tickets: [ZendeskTicket] = []
    var rest = Array(Set(ids)).sorted()[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(100))
      rest = rest.dropFirst(part.count)
      guard
        let page = try await askingTwice({ try await sendIfOffered(.tickets(ids: part))?.decode(ZendeskTickets.self) })
      else { return nil }
      tickets += page.tickets
    }
    return tickets.allSatisfy(\.hasMetrics) ? tickets : nil
  }

  /// Unsolved tickets that did not change since an instant, in the order of the export that finds them.
  ///
  /// - Returns: Nil where there are too many pages before them.
  public func unsolvedUnchanged(since instant: Timestamp) async throws -> [ZendeskTicket]? {
    let day = "\(instant.date)"
    if let tickets = try await tickets("type:ticket status<solved updated<=\(day)") { return tickets }
    let all = try await changes(
      since: Timestamp(milliseconds: 0), maximumPages: ZendeskOptions.oldestPages)
    return all.isComplete ? all.tickets.filter(\.isUnsolved) : nil
  }

  // MARK: Sending

  private func access(replacing refused: ZendeskSession.Grant?) async throws -> ZendeskSession.Grant {
    let now = time.monotonic()
    return try await session.access(
      for: credentials, replacing: refused, isUsable: { $0.expires.map { $0 > now } ?? true },
      isRefusal: { ($0 as? SourceError)?.kind == .refused }, login: { try await askingTwice { try await login() } })
  }

  private func login() async throws -> ZendeskAccess {
    if case .token(let email, let token) = credentials.login {
      let text = Data("\(email.text)/token:\(token.text)".utf8).base64EncodedString()
      return ZendeskAccess(authorization: Secret("Basic \(text)"), expires: nil)
    }
    let response = try await api.send(ZendeskEndpoint.login.request(credentials, authorization: nil))
    guard response.isSuccess else {
      throw SourceError(
        .refused,
        "Zendesk refused the login (HTTP \(response.status)); check ZENDESK_CLIENT_ID, ZENDESK_CLIENT_SECRET and ZENDESK_BASE_URL"
      )
    }
    let answer = try response.decode(ZendeskToken.self)
    let lifetime = answer.expiresIn.map { Duration.seconds(max(0, min($0, 86_400) - 10)) }
    return ZendeskAccess(
      authorization: Secret("Bearer \(answer.token)"), expires: lifetime.map { time.monotonic() + $0 })
  }

  private func answer(_ endpoint: ZendeskEndpoint, by api: APIClient) async throws -> HTTPResponse {
    let grant = try await access(replacing: nil)
    let response = try await api.send(
      endpoint.request(credentials, authorization: grant.access.authorization.text))
    guard response.status == 401, case .client = credentials.login else { return response }
    let next = try await access(replacing: grant)
    return try await api.send(endpoint.request(credentials, authorization: next.access.authorization.text))
  }

  /// Nil where Zendesk does not know the call, or the plan does not include it.
  private func sendIfOffered(_ endpoint: ZendeskEndpoint) async throws -> HTTPResponse? {
    let response = try await answer(endpoint, by: api)
    if [400, 403, 404, 422].contains(response.status) { return nil }
    return try checked(response)
  }

  private func send(_ endpoint: ZendeskEndpoint, by api: APIClient) async throws -> HTTPResponse {
    try checked(await answer(endpoint, by: api))
  }

  private func checked(_ response: HTTPResponse) throws -> HTTPResponse {
    if response.isSuccess { return response }
    let code = VendorCode((try? response.decode(ZendeskFailure.self))?.error)
    let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
    switch response.status {
    case 401:
      throw SourceError(.refused, "Zendesk refused the credentials (\(detail)); check the ZENDESK_ variables")
    case 403:
      throw SourceError(.refused, "Zendesk refused a call (\(detail)); exports need an administrator's credentials")
    case 404: throw SourceError(.notConfigured, "Zendesk has no such call (\(detail)); check ZENDESK_BASE_URL")
    default: throw SourceError(.malformed, "Zendesk refused a request (\(detail))")
    }
  }
}
