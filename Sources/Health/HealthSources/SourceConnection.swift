import Connectors
import HTTPClient
import Time

/// What a source's client is made of besides its credentials.
public struct SourceConnection: Sendable {
  public let sessions: VendorSessions
  public let time: TimeSource
  /// On the monotonic clock: no request outlives it. Nil without a limit.
  public let deadline: Duration?
  /// How many processes share the vendors' rate limits.
  public let shares: Int

  public init(sessions: VendorSessions, time: TimeSource = .system, deadline: Duration? = nil, shares: Int = 1) {
    self.sessions = sessions
    self.time = time
    self.deadline = deadline
    self.shares = shares
  }

  /// A client that counts its own requests.
  public func api(for source: SourceID, _ limit: RateLimit, policy: RetryPolicy = RetryPolicy()) -> APIClient {
    sessions.api(for: source, limit, shares: shares, policy: policy, time: time, deadline: deadline)
  }
}

/// A source that has credentials, with the client that counts its requests.
public struct ActiveSource: Sendable {
  public let source: any HealthSource
  public let api: APIClient

  public init(_ source: any HealthSource, api: APIClient) {
    self.source = source
    self.api = api
  }
}
