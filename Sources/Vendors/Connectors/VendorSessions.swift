import Concurrency
import HTTPClient
import Time

/// What outlives a run in a warm environment: connections, logins and rate limiters, never data.
public struct VendorSessions: Sendable {
  /// Sends the requests to vendors, AWS and notification services.
  public let transport: any HTTPTransport
  private let limiters = Lock<[SourceID: (limit: RateLimit, limiter: RateLimiter)]>([:])
  private let narrowed = Lock<[String: (windows: [RateLimit.Window], whole: RateLimiter, limiter: RateLimiter)]>([:])
  private let logins = Lock<[ObjectIdentifier: any Sendable]>([:])

  public init(transport: any HTTPTransport) { self.transport = transport }

  /// The login of that type, which all runs of the process share.
  ///
  /// - Parameter make: Makes it when it is asked for the first time.
  public func login<Login: Sendable>(_ type: Login.Type = Login.self, make: () -> Login) -> Login {
    logins.withLock { logins in
      if let login = logins[ObjectIdentifier(type)] as? Login { return login }
      let login = make()
      logins[ObjectIdentifier(type)] = login
      return login
    }
  }

  /// A client that counts its own requests and shares the vendor's limits with all others of the process.
  ///
  /// - Parameters:
  ///   - deadline: On the monotonic clock; no request outlives it.
  ///   - shares: How many processes share the limit.
  public func api(
    for source: SourceID, _ limit: RateLimit, shares: Int = 1, policy: RetryPolicy = RetryPolicy(),
    time: TimeSource, deadline: Duration?,
    verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) -> APIClient {
    APIClient(
      transport: transport, limiter: limiter(for: source, limit.share(of: shares)), policy: policy, time: time,
      deadline: deadline, verdict: verdict)
  }

  /// A client for calls of a vendor that have a limit of their own beside the vendor's.
  ///
  /// - Parameters:
  ///   - calls: Tells them apart from the vendor's other calls: `search`.
  ///   - windows: Their own limit.
  public func api(
    for source: SourceID, _ limit: RateLimit, calls: String, _ windows: [RateLimit.Window],
    policy: RetryPolicy = RetryPolicy(), time: TimeSource, deadline: Duration?,
    verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) -> APIClient {
    let whole = limiter(for: source, limit)
    let limiter = narrowed.withLock { narrowed in
      let key = "\(source.name) \(calls)"
      if let known = narrowed[key], known.windows == windows, known.whole === whole { return known.limiter }
      let limiter = whole.narrowed(to: windows)
      narrowed[key] = (windows, whole, limiter)
      return limiter
    }
    return APIClient(
      transport: transport, limiter: limiter, policy: policy, time: time, deadline: deadline, verdict: verdict)
  }

  private func limiter(for source: SourceID, _ limit: RateLimit) -> RateLimiter {
    limiters.withLock { limiters in
      if let known = limiters[source], known.limit == limit { return known.limiter }
      let limiter = RateLimiter(limit)
      limiters[source] = (limit, limiter)
      return limiter
    }
  }
}
