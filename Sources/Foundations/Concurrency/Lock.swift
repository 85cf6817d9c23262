#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A value behind a pthread mutex.
///
/// Not `Synchronization.Mutex`: ThreadSanitizer does not see its futex and then reports races that do not exist.
public final class Lock<Value>: @unchecked Sendable {
  // Unchecked: `value` is only touched while `mutex` is held.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` with the mutex held. Keep it short and never wait in it; the mutex is not recursive.
  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
