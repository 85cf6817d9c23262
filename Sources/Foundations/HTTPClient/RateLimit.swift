import Concurrency

/// At most `requests` starts in any period of `window`, and at most `maximumConcurrency` requests at the same time.
public struct RateLimit: Sendable, Equatable {
  /// Starts in one window; values below 1 count as 1.
  public var requests: Int
  /// A sliding window: it may begin at any instant.
  public var window: Duration
  /// Requests at the same time; values below 1 count as 1.
  public var maximumConcurrency: Int

  public init(requests: Int, window: Duration, maximumConcurrency: Int) {
    self.requests = requests
    self.window = window
    self.maximumConcurrency = maximumConcurrency
  }

  /// The limit for each of `count` processes, so that all of them together keep this limit.
  public func share(of count: Int) -> RateLimit {
    guard count > 1 else { return self }
    let share = max(1, requests / count)
    // Less than one request per window becomes one request in a longer window.
    return RateLimit(
      requests: share, window: requests >= count ? window : window * count / max(1, requests),
      maximumConcurrency: max(1, maximumConcurrency / count))
  }
}

/// Applies a vendor's limit to all requests of the process, across runs.
public final class RateLimiter: Sendable {
  let schedule: Lock<StartSchedule>
  let concurrency: ConcurrencyLimit

  public init(_ limit: RateLimit) {
    schedule = Lock(StartSchedule(limit))
    concurrency = ConcurrencyLimit(limit.maximumConcurrency)
  }
}

/// Decides when each request may start.
///
/// Remembers the last `requests` starts instead of using a token bucket. Vendors count per window, and a bucket would
/// either leave half of each window unused or exceed the limit just after a pause. Pure: the time is an argument.
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

  /// Reserves the next start and returns it, `now` at the earliest. If that is not before the deadline, returns nil and
  /// reserves nothing, so that a request that is never sent does not delay the next run.
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

  /// Lets no request start before that instant, because the server asked to wait.
  mutating func pause(until instant: Duration) { pausedUntil = max(pausedUntil, instant) }
}
