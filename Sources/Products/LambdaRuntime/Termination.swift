import Concurrency

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A wish to end: at once while idle, after the answer while an invocation runs.
public final class Termination: Sendable {
  private struct State {
    var isRequested = false
    var isBusy = false
    var running: Task<Void, Never>?
  }

  private let state = Lock(State())

  public init() {}

  private var isBusy: Bool { state.withLock { $0.isBusy } }

  public var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Cancels the invocation that runs, so that it writes what is finished and answers.
  ///
  /// - Returns: Whether one was running; if not, the process may end now: it only waits for a poll.
  public func request() -> Bool {
    let (isBusy, running) = state.withLock { state in
      state.isRequested = true
      return (state.isBusy, state.running)
    }
    running?.cancel()
    return isBusy
  }

  /// An event has come; the process has to answer it, even if it is to end.
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

  /// Ends the process with 0 on SIGTERM, or lets the loop do it after the answer.
  ///
  /// Call before any other thread starts: the signal is blocked for them all and awaited by one of its own.
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
        // An event may have come at this very moment, and its poll not have returned yet.
        usleep(20_000)
        // Without exit handlers: they would clear up under threads that still run.
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
