import Connectors
import Formats
import HTTPClient
import Time

/// Shares one login between runs, because each login opens a new session on the instance.
public typealias LookerSession = SharedLogin<LookerCredentials, LookerToken>

/// A bearer token, and the time on the monotonic clock from which it is not sent any more.
public struct LookerToken: Sendable {
  let secret: Secret
  let expires: Duration
}

/// Sends calls to Looker. After HTTP 401 it logs in again, once for each call.
///
/// Throws ``SourceError`` of kind `refused`, `notConfigured` or `malformed` where another try does not help,
/// `RequestFailure` where retries are used up, ``LookerQueryFailure`` where the database behind Looker failed twice.
public struct LookerClient: Sendable {
  private let api: APIClient
  private let credentials: LookerCredentials
  /// Keeps the login between runs.
  private let session: LookerSession
  private let time: TimeSource

  /// - Parameter session: Keeps the login between runs.
  public init(api: APIClient, credentials: LookerCredentials, session: LookerSession, time: TimeSource = .system) {
    self.api = api
    self.credentials = credentials
    self.session = session
    self.time = time
  }

  /// Logs in where there is no usable token.
  ///
  /// - Throws: ``SourceError`` of kind `refused` where the credentials are wrong.
  public func checkLogin() async throws { _ = try await token(replacing: nil) }

  /// - Parameter refused: What the instance has just refused.
  private func token(replacing refused: LookerSession.Grant?) async throws -> LookerSession.Grant {
    let now = time.monotonic()
    return try await session.access(
      for: credentials, replacing: refused, isUsable: { $0.expires > now },
      isRefusal: { ($0 as? SourceError)?.kind == .refused }, login: { try await login() }
    )
  }

  private func login() async throws -> LookerToken {
    let response = try await api.send(LookerEndpoint.login.request(credentials, token: nil))
    guard response.isSuccess else {
      // Looker says 404 to wrong credentials.
      throw SourceError(
        .refused,
        "Looker refused the login (HTTP \(response.status)); check LOOKER_CLIENT_ID, LOOKER_CLIENT_SECRET and LOOKER_BASE_URL"
      )
    }
    let answer = try response.decode(LoginAnswer.self)
    // 10 s early, so that it does not expire while a request is on its way.
    let lifetime = Duration.seconds(max(0, min(answer.expiresIn, 86_400) - 10))
    return LookerToken(secret: Secret(answer.accessToken), expires: time.monotonic() + lifetime)
  }

  /// All rows of a saved Look.
  ///
  /// - Parameters:
  ///   - columns: Full field names (`view.field`); each row has their cells in this order.
  ///   - limit: Rows asked for; -1 for all, where the default would be the Look's own.
  ///   - timeout: For the whole run of the Look, which can take minutes.
  public func run(look id: String, columns: [String], limit: Int, timeout: Duration) async throws -> LookerTable {
    try await table(.runLook(id: id, limit: limit, timeout: timeout), columns: columns, name: "Look \(id)")
  }

  /// All rows of a query that is not saved. Columns and timeout as of a Look.
  public func run(_ query: InlineQuery, columns: [String], timeout: Duration) async throws -> LookerTable {
    try await table(.runQuery(query, timeout: timeout), columns: columns, name: "the query on \(query.view)")
  }

  /// Once more where the database failed, or the answer was cut off.
  private func table(_ endpoint: LookerEndpoint, columns: [String], name: String) async throws -> LookerTable {
    try await repeating(atMost: 2, ifFailed: { $0 is LookerQueryFailure || $0 is JSONBodyError }) { _ in
      try await tableOnce(endpoint, columns: columns, name: name)
    }
  }

  /// The row limit saved with a Look; nil where it has none, or can't be read.
  public func rowLimit(ofLook id: String) async throws -> Int? {
    let response = try await send(.look(id: id))
    return response.isSuccess ? (try? response.decode(LookDefinition.self))?.rowLimit : nil
  }

  /// The instance's time zone; nil where it is not set, or the API user may not read it.
  public func timeZone() async throws -> String? {
    let response = try await send(.setting)
    return response.isSuccess ? (try? response.decode(InstanceSetting.self))?.timezone : nil
  }

  private func send(_ endpoint: LookerEndpoint) async throws -> HTTPResponse {
    let grant = try await token(replacing: nil)
    let response = try await api.send(endpoint.request(credentials, token: grant.access.secret))
    guard response.status == 401 else { return response }
    let next = try await token(replacing: grant)
    return try await api.send(endpoint.request(credentials, token: next.access.secret))
  }

  private func tableOnce(
    _ endpoint: LookerEndpoint, columns: [String], name: String
  ) async throws -> LookerTable {
    let response = try await send(endpoint)
    switch response.status {
    case 200..<300: break
    case 401, 403: throw SourceError(.refused, "Looker refused access to \(name) (HTTP \(response.status))")
    case 400, 404, 422:
      throw SourceError(
        .notConfigured, "Looker has no \(name), or the API user may not see it (HTTP \(response.status))")
    default: throw SourceError(.malformed, "Looker answered HTTP \(response.status) to \(name)")
    }
    let table = try LookerTable(json: response.body, columns: columns)
    if table.hasErrors { throw LookerQueryFailure(name: name) }
    return table
  }
}

/// The database behind Looker failed. Its message may quote data, so it is not shown.
public struct LookerQueryFailure: Error, Sendable, CustomStringConvertible {
  let name: String

  public var description: String { "\(name) failed in Looker (looker_error)" }
}
