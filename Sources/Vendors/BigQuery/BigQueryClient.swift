import Connectors
import Formats
import HTTPClient
import Time

/// Shares one token between runs.
public typealias BigQuerySession = SharedLogin<BigQueryCredentials, BigQueryToken>

/// A bearer token, and until when it is sent on the monotonic clock.
public struct BigQueryToken: Sendable {
  let secret: Secret
  let expires: Duration
}

/// A query can't be answered, and no retry helps.
public enum BigQueryFailure: Error, Sendable, Equatable {
  /// The table or dataset of that name is not there.
  case missing(String)
  /// The query itself is wrong; at `line:column` where BigQuery says so.
  case invalid(place: String?)
}

/// Runs queries in the warehouse.
///
/// Throws ``SourceError``, ``BigQueryFailure``, `RequestFailure` or `JSONBodyError`.
public struct BigQueryClient: Sendable {
  private let api: APIClient
  private let credentials: BigQueryCredentials
  private let session: BigQuerySession
  private let time: TimeSource

  public init(api: APIClient, credentials: BigQueryCredentials, session: BigQuerySession, time: TimeSource) {
    self.api = api
    self.credentials = credentials
    self.session = session
    self.time = time
  }

  /// What an answer of Google means: quotas are 403 with a reason.
  @Sendable public static func verdict(_ response: HTTPResponse) -> AnswerVerdict? {
    guard response.status == 403, let reason = (try? response.decode(GoogleFailure.self))?.reason else { return nil }
    return ["rateLimitExceeded", "jobRateLimitExceeded", "jobBackendError"].contains(reason)
      ? .throttled(retryAfter: nil) : nil
  }

  /// - Throws: ``SourceError`` of kind `refused` where the credentials are wrong.
  public func checkLogin() async throws { _ = try await access(replacing: nil) }

  /// All rows of a query in standard SQL.
  ///
  /// - Parameter days: Values of the parameters that the query names as `@name`.
  public func rows(_ sql: String, days: [String: CalendarDate]) async throws -> BigQueryTable {
    var answer = try await send(.query(sql, days: days))
    let job = answer.job
    while !answer.jobComplete {
      guard let job else {
        throw SourceError(.malformed, "BigQuery's query has not ended, and it does not say which it is")
      }
      // The call itself waits; this is for servers that answer at once.
      try await api.wait(.milliseconds(500), for: "the query's end")
      answer = try await send(.results(job, pageToken: nil))
    }
    var table = BigQueryTable(columns: answer.schema?.fields.map(\.name) ?? [])
    var pager = Pager(.bigQuery)
    while true {
      for row in answer.rows ?? [] {
        guard row.cells.count == table.columns.count else {
          throw SourceError(.malformed, "BigQuery sent a row that does not fit its columns")
        }
        table.rows.append(row.cells.map(\.value))
      }
      guard table.rows.count <= BigQueryOptions.maximumRows else {
        throw SourceError(
          .malformed, "the query's result has more than \(BigQueryOptions.maximumRows) rows; a card needs a few numbers"
        )
      }
      guard let token = answer.pageToken, let job = job ?? answer.job else { return table }
      try pager.follow(token, rows: nil)
      answer = try await send(.results(job, pageToken: token))
    }
  }

  private func access(replacing refused: BigQuerySession.Grant?) async throws -> BigQuerySession.Grant {
    let now = time.monotonic()
    return try await session.access(
      for: credentials, replacing: refused, isUsable: { $0.expires > now },
      isRefusal: { ($0 as? SourceError)?.kind == .refused }, login: { try await askingTwice { try await login() } })
  }

  private func login() async throws -> BigQueryToken {
    let assertion = try SignedAssertion.text(credentials, now: time.now)
    let response = try await api.send(BigQueryEndpoint.token(assertion).request(credentials, token: nil))
    guard response.isSuccess else {
      throw SourceError(
        .refused,
        "Google refused the service account (HTTP \(response.status)); check BIGQUERY_CREDENTIALS and this machine's clock"
      )
    }
    let answer = try response.decode(TokenAnswer.self)
    let lifetime = Duration.seconds(max(0, min(answer.expiresIn, 86_400) - 30))
    return BigQueryToken(secret: Secret(answer.token), expires: time.monotonic() + lifetime)
  }

  private func send(_ endpoint: BigQueryEndpoint) async throws -> QueryAnswer {
    try await askingTwice { try await sendOnce(endpoint) }
  }

  private func sendOnce(_ endpoint: BigQueryEndpoint) async throws -> QueryAnswer {
    let grant = try await access(replacing: nil)
    var response = try await api.send(endpoint.request(credentials, token: grant.access.secret))
    if response.status == 401 {
      let next = try await access(replacing: grant)
      response = try await api.send(endpoint.request(credentials, token: next.access.secret))
    }
    if response.isSuccess { return try response.decode(QueryAnswer.self) }
    let failure = try? response.decode(GoogleFailure.self)
    if let name = failure?.missingName { throw BigQueryFailure.missing(name) }
    if response.status == 400, failure?.reason == "invalidQuery" || failure?.reason == "invalid" {
      throw BigQueryFailure.invalid(place: failure?.place)
    }
    let code = VendorCode(failure?.reason)
    let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
    switch response.status {
    case 401, 403:
      throw SourceError(
        .refused, "BigQuery refused a query (\(detail)); the service account needs to run jobs and read the tables")
    case 404:
      throw SourceError(.notConfigured, "BigQuery has no such project (\(detail)); check BIGQUERY_PROJECT")
    default: throw SourceError(.malformed, "BigQuery refused a query (\(detail))")
    }
  }
}
