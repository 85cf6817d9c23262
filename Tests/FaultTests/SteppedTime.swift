import Concurrency
import Time

/// A clock for concurrent waits. When no task has work left, it moves to the end of the wait that ends first.
///
/// `VirtualTime` moves with every single wait, so it would add up waits that overlap.
final class SteppedTime: Sendable {
  private struct State {
    var now = Duration.zero
    var sleepers: [Int: (wake: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
    var cancelled: Set<Int> = []
    var nextID = 0
    var changes = 0
    var isPumping = false
  }

  private let state = Lock(State())
  private let start: Duration

  init(_ start: String = "2026-11-01T06:00:00Z") {
    self.start = .milliseconds(Timestamp(iso8601: start)?.milliseconds ?? 0)
  }

  var source: TimeSource {
    TimeSource(
      monotonic: { self.state.withLock { $0.now } }, wall: { self.wall }, sleep: { try await self.sleep($0) })
  }

  var wall: Duration { start + state.withLock { $0.now } }

  private func sleep(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = state.withLock { state in
          state.changes += 1
          guard state.cancelled.remove(id) == nil else { return true }
          state.sleepers[id] = (state.now + duration, continuation)
          if !state.isPumping {
            state.isPumping = true
            Task { await self.pump() }
          }
          return false
        }
        if isCancelled { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.changes += 1
        guard let sleeper = state.sleepers.removeValue(forKey: id) else {
          state.cancelled.insert(id)
          return nil as (wake: Duration, continuation: CheckedContinuation<Void, Never>)?
        }
        return sleeper
      }
      sleeper?.continuation.resume()
    }
    try Task.checkCancellation()
  }

  /// Moves the clock to the next end of a wait whenever nothing has happened for a moment, until no task waits.
  private func pump() async {
    while true {
      let before = state.withLock { $0.changes }
      // Several short sleeps: on a busy machine, one alone does not prove that no task has work left.
      for _ in 0..<6 where state.withLock({ $0.changes }) == before { try? await Task.sleep(for: .milliseconds(4)) }
      let (woken, isDone) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
        guard state.changes == before else { return ([], false) }
        guard let next = state.sleepers.values.map(\.wake).min() else {
          state.isPumping = false
          return ([], true)
        }
        state.now = max(state.now, next)
        let due = state.sleepers.filter { $0.value.wake <= state.now }
        for id in due.keys { state.sleepers[id] = nil }
        return (due.values.map(\.continuation), false)
      }
      for continuation in woken { continuation.resume() }
      if isDone { return }
    }
  }
}
