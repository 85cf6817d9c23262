import Concurrency

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A request to end the process: at once while idle, after the answer while an invocation runs.
public final class Termination: Sendable {
  private struct State {
    var isRequested = false
    var isBusy = false
    var running: Task<Void, Never>?
  }

  private let state = Lock(State())

  public init() {}

  private var isBusy: Bool { state.withLock { $0.isBusy } }

  /// Stays true once the end was requested.
  public var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Requests the end, and cancels a running invocation so that it writes what is complete and answers.
  ///
  /// - Returns: Whether an invocation is running. If not, the process may exit now: it only waits for the next event.
  public func request() -> Bool {
    let (isBusy, running) = state.withLock { state in
      state.isRequested = true
      return (state.isBusy, state.running)
    }
    running?.cancel()
    return isBusy
  }

  /// Notes that an event arrived. The process must answer it before it ends.
  func begin() { state.withLock { $0.isBusy = true } }

  func watch(_ task: Task<Void, Never>) {
    let isLate = state.withLock { state in
      state.running = task
      return state.isRequested
    }
    if isLate { task.cancel() }
  }

  func end() {
    state.withLock { state in
      state.isBusy = false
      state.running = nil
    }
  }

  /// On SIGTERM, exits with status 0 while idle; while an invocation runs, the loop ends after the answer.
  ///
  /// Call before any other thread starts. It blocks the signal for all threads and starts one that waits for it.
  public func followSIGTERM() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let termination = Unmanaged<Termination>.fromOpaque(context).takeRetainedValue()
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        var received: Int32 = 0
        while sigwait(&signals, &received) != 0 {}
        if termination.request() { return nil }
        // An event may have arrived just now, with its poll not returned yet.
        usleep(20_000)
        // Without exit handlers, which would free what other threads still use.
        if !termination.isBusy { _exit(0) }
        return nil
      }, context)
    // Without a thread the default stays: the signal ends the process.
    guard status == 0 else {
      Unmanaged<Termination>.fromOpaque(context).release()
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      return
    }
    pthread_detach(thread)
  }
}
