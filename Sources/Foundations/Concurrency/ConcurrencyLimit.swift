/// Runs a limited number of bodies at the same time. Further callers wait and start in the order of their calls.
public final class ConcurrencyLimit: Sendable {
  private struct State {
    var free: Int
    var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextID = 0
    /// Ids of callers that were cancelled before they were added to `waiting`.
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
    // A task can be cancelled at the moment it is admitted. Its mark is removed here, because nothing else removes it.
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
