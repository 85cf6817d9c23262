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

/// Lets so many in at once, the others in the order they came.
public final class ConcurrencyLimit: Sendable {
  private struct State {
    var free: Int
    var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextID = 0
    /// Cancelled before they got to wait.
    var cancelled: Set<Int> = []
  }

  private let state: Lock<State>

  public init(_ count: Int) { state = Lock(State(free: max(1, count))) }

  /// - Throws: `CancellationError` where the task is cancelled while it waits, and what `body` throws.
  public func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await body()
  }

  private func enter() async throws {
    try Task.checkCancellation()
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isAdmitted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        guard let position = state.waiting.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil as CheckedContinuation<Bool, Never>?
        }
        return state.waiting.remove(at: position).continuation
      }
      continuation?.resume(returning: false)
    }
    if !isAdmitted { throw CancellationError() }
    // Cancelled in the very moment of being let in: nobody else will take the mark away.
    state.withLock { _ = $0.cancelled.remove(id) }
  }

  private func leave() {
    let next = state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil as CheckedContinuation<Bool, Never>?
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
