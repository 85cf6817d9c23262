import Concurrency

/// At most `requests` in any stretch of `window`, and so many at once.
public struct RateLimit: Sendable, Equatable {
  public var requests: Int
  public var window: Duration
  public var maximumConcurrency: Int

  public init(requests: Int, window: Duration, maximumConcurrency: Int) {
    self.requests = requests
    self.window = window
    self.maximumConcurrency = maximumConcurrency
  }

  /// What one of so many processes may ask for, so that all of them together keep the limit.
  public func share(of count: Int) -> RateLimit {
    guard count > 1 else { return self }
    let share = max(1, requests / count)
    // Less than one request a window is one in a longer window.
    return RateLimit(
      requests: share, window: requests >= count ? window : window * count / max(1, requests),
      maximumConcurrency: max(1, maximumConcurrency / count))
  }
}

/// Keeps a vendor's limits over all requests of the process, whichever run they belong to.
public final class RateLimiter: Sendable {
  let schedule: Lock<StartSchedule>
  let concurrency: ConcurrencyLimit

  public init(_ limit: RateLimit) {
    schedule = Lock(StartSchedule(limit))
    concurrency = ConcurrencyLimit(limit.maximumConcurrency)
  }
}

/// Hands out the instants at which requests may start.
///
/// Remembers the last `requests` starts instead of filling a bucket: vendors count per window, and a bucket would either
/// leave half of each window unused or overrun it just after a pause. Pure: the clock is an argument.
struct StartSchedule {
  private let window: Duration
  private var starts: [Duration]
  private var next = 0
  private var isFull = false
  private var pausedUntil = Duration.zero

  init(_ limit: RateLimit) {
    window = limit.window
    starts = Array(repeating: .zero, count: max(1, limit.requests))
  }

  /// Reserves the next start and returns when it is, `now` at the earliest; nil, and nothing reserved, where that is too
  /// late: what is never sent must not keep the next run waiting.
  mutating func reserve(now: Duration, before deadline: Duration? = nil) -> Duration? {
    var start = max(now, pausedUntil)
    if isFull { start = max(start, starts[next] + window) }
    if let deadline, start >= deadline { return nil }
    starts[next] = start
    next += 1
    if next == starts.count {
      next = 0
      isFull = true
    }
    return start
  }

  /// Nothing starts before that instant: the server said it has had enough.
  mutating func pause(until instant: Duration) { pausedUntil = max(pausedUntil, instant) }
}
