import Concurrency

/// At most `requests` starts in any period of `window`, and at most `maximumConcurrency` requests at the same time.
public struct RateLimit: Sendable, Equatable {
  /// At most so many starts in any period of that length.
  public struct Window: Sendable, Equatable {
    /// Values below 1 count as 1.
    public var requests: Int
    /// It slides: it may begin at any instant.
    public var length: Duration

    public init(requests: Int, length: Duration) {
      self.requests = requests
      self.length = length
    }

    /// The window for each of `count` processes. Less than one request becomes one in a longer window.
    fileprivate func share(of count: Int) -> Window {
      Window(
        requests: max(1, requests / count),
        length: requests >= count ? length : length * count / max(1, requests))
    }

    /// The same rate without a burst: one request at a time, evenly spaced.
    public var evenly: Window { Window(requests: 1, length: length / max(1, requests)) }
  }

  /// All of them are kept; one at least.
  public var windows: [Window]
  /// Requests at the same time; values below 1 count as 1.
  public var maximumConcurrency: Int

  public init(_ windows: [Window], maximumConcurrency: Int) {
    self.windows = windows
    self.maximumConcurrency = maximumConcurrency
  }

  public init(requests: Int, window: Duration, maximumConcurrency: Int) {
    self.init([Window(requests: requests, length: window)], maximumConcurrency: maximumConcurrency)
  }

  /// The limit for each of `count` processes, so that all of them together keep this limit.
  public func share(of count: Int) -> RateLimit {
    guard count > 1 else { return self }
    return RateLimit(windows.map { $0.share(of: count) }, maximumConcurrency: max(1, maximumConcurrency / count))
  }
}

/// Applies a vendor's limit to all requests of the process, across runs.
public final class RateLimiter: Sendable {
  /// One window's starts: as they were given out, and as they happened. A busy machine wakes several that wait at once, and
  /// what was planned one after the other would start together.
  private struct Starts {
    var planned: StartSchedule
    var actual: StartSchedule

    init(_ window: RateLimit.Window) {
      planned = StartSchedule(window)
      actual = StartSchedule(window)
    }
  }

  /// Shared with limiters that were made of this one, so that one request counts in all of its windows at once.
  private let schedules: Lock<[Starts]>
  /// Positions of those that this limiter keeps.
  private let kept: [Int]
  let concurrency: ConcurrencyLimit

  public init(_ limit: RateLimit) {
    schedules = Lock(limit.windows.map(Starts.init))
    kept = Array(limit.windows.indices)
    concurrency = ConcurrencyLimit(limit.maximumConcurrency)
  }

  private init(_ schedules: Lock<[Starts]>, kept: [Int], _ concurrency: ConcurrencyLimit) {
    self.schedules = schedules
    self.kept = kept
    self.concurrency = concurrency
  }

  /// For some of a vendor's calls, which keep further windows beside those of all calls.
  public func narrowed(to windows: [RateLimit.Window]) -> RateLimiter {
    let added = schedules.withLock { schedules in
      let first = schedules.count
      schedules += windows.map(Starts.init)
      return Array(first..<schedules.count)
    }
    return RateLimiter(schedules, kept: kept + added, concurrency)
  }

  /// Reserves the next start and returns it, `now` at the earliest. If that is not before the deadline, returns nil and
  /// reserves nothing, so that a request that is never sent does not delay the next run.
  func reserve(now: Duration, before deadline: Duration? = nil) -> Duration? {
    schedules.withLock { schedules in
      let start = kept.map { schedules[$0].planned.earliest(now) }.max() ?? now
      if let deadline, start >= deadline { return nil }
      for index in kept { schedules[index].planned.take(start) }
      return start
    }
  }

  /// Starts a request whose time has come.
  ///
  /// - Returns: Nil where it has started; else when to ask again, since others have started late.
  func begin(now: Duration) -> Duration? {
    schedules.withLock { schedules in
      let start = kept.map { schedules[$0].actual.earliest(now) }.max() ?? now
      guard start <= now else { return start }
      for index in kept { schedules[index].actual.take(now) }
      return nil
    }
  }

  /// Lets no request start before that instant, because the server asked to wait.
  func pause(until instant: Duration) {
    schedules.withLock { schedules in
      for index in kept { schedules[index].planned.pause(until: instant) }
    }
  }
}

/// Decides when each request may start.
///
/// Remembers the last `requests` starts instead of using a token bucket. Vendors count per window, and a bucket would
/// either leave half of each window unused or exceed the limit just after a pause. Each start is one window after the one
/// that it replaces, so the starts are so many chains, and no window holds two of a chain. Pure: the time is an argument.
private struct StartSchedule {
  private let window: Duration
  private var starts: [Duration]
  private var next = 0
  private var isFull = false
  private var pausedUntil = Duration.zero

  init(_ window: RateLimit.Window) {
    self.window = window.length
    starts = Array(repeating: .zero, count: max(1, window.requests))
  }

  func earliest(_ now: Duration) -> Duration {
    let start = max(now, pausedUntil)
    return isFull ? max(start, starts[next] + window) : start
  }

  /// - Parameter start: Not before ``earliest(_:)``.
  mutating func take(_ start: Duration) {
    starts[next] = start
    next += 1
    if next == starts.count {
      next = 0
      isFull = true
    }
  }

  mutating func pause(until instant: Duration) { pausedUntil = max(pausedUntil, instant) }
}
