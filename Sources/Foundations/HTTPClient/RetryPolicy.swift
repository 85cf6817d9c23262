/// How one attempt ended, as far as a retry is concerned.
public enum AttemptOutcome: Sendable, Equatable {
  /// The server's status and how long it asks to wait, if it does.
  case status(Int, retryAfter: Duration?)
  case transport(TransportError.Kind)
}

/// Decides whether to try again, and when. Pure: jitter and remaining time are arguments.
public struct RetryPolicy: Sendable, Equatable {
  /// Attempts in all, the first included.
  public var maximumAttempts: Int
  /// The first wait is random between 0 and this. The upper bound doubles with each further attempt (full jitter).
  public var baseDelay: Duration
  /// The highest upper bound of a wait, `Retry-After` aside.
  public var maximumDelay: Duration
  /// A longer `Retry-After` is shortened to this.
  public var maximumRetryAfter: Duration
  /// Statuses worth repeating.
  public var retryableStatuses: Set<Int>
  /// Whether a request that reached its time limit is retried. False for slow queries, which would be as slow again.
  public var repeatsTimeouts: Bool

  public init(
    maximumAttempts: Int = 5, baseDelay: Duration = .milliseconds(300), maximumDelay: Duration = .seconds(20),
    maximumRetryAfter: Duration = .seconds(60),
    retryableStatuses: Set<Int> = [408, 425, 429, 500, 502, 503, 504], repeatsTimeouts: Bool = true
  ) {
    self.maximumAttempts = maximumAttempts
    self.baseDelay = baseDelay
    self.maximumDelay = maximumDelay
    self.maximumRetryAfter = maximumRetryAfter
    self.retryableStatuses = retryableStatuses
    self.repeatsTimeouts = repeatsTimeouts
  }

  /// The wait before another attempt; nil to give up.
  ///
  /// - Parameters:
  ///   - attempt: The attempt that just ended, from 1.
  ///   - isIdempotent: Whether the server may safely receive the request twice. If not, only attempts that surely had
  ///     no effect are repeated.
  ///   - timeLeft: Until the deadline; nil without one. A wait that would reach the deadline gives nil.
  ///   - jitter: 0..<1.
  public func delay(
    after outcome: AttemptOutcome, attempt: Int, isIdempotent: Bool, timeLeft: Duration?, jitter: Double
  ) -> Duration? {
    guard attempt < maximumAttempts, isWorthRepeating(outcome, isIdempotent: isIdempotent) else { return nil }
    let ceiling = min(maximumDelay, baseDelay * (1 << min(attempt - 1, 16)))
    var delay = ceiling * jitter
    if case .status(_, let retryAfter?) = outcome {
      // A little later than asked, so that clients do not all return at the same instant. If clocks differ, the asked
      // wait can be zero or less; the normal delay is then the minimum.
      delay = max(delay, min(max(retryAfter, .zero), maximumRetryAfter) + baseDelay * jitter)
    }
    if let timeLeft, delay >= timeLeft { return nil }
    return delay
  }

  private func isWorthRepeating(_ outcome: AttemptOutcome, isIdempotent: Bool) -> Bool {
    switch outcome {
    case .status(let status, _):
      return retryableStatuses.contains(status) && (isIdempotent || status == 429 || status == 503)
    case .transport(.connect): return true
    case .transport(.timedOut): return isIdempotent && repeatsTimeouts
    case .transport(.interrupted): return isIdempotent
    case .transport: return false
    }
  }
}
