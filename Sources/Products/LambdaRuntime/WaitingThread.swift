import Concurrency

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs a task on the thread that waits for it. Passing each event to another thread and back would take as long as
/// polling for it and answering it.
final class WaitingThread: TaskExecutor, @unchecked Sendable {
  // Unchecked: the jobs are behind their lock, and a semaphore is made for use from several threads.
  private let jobs = Lock<[UnownedJob]>([])
  private let arrivals = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(arrivals, 0, 0) }

  deinit {
    sem_destroy(arrivals)
    arrivals.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    sem_post(arrivals)
  }

  /// Starts the task and blocks until it is done. Runs its jobs here, except those for other executors.
  ///
  /// - Parameter started: Gets the task before any of it runs.
  func wait(for body: @escaping @Sendable () async -> Void, started: (Task<Void, Never>) -> Void) {
    let isDone = Lock(false)
    let task = Task(executorPreference: self) {
      await body()
      isDone.withLock { $0 = true }
      // Wakes the thread, which may sleep if another thread ran the end of the task.
      sem_post(self.arrivals)
    }
    started(task)
    while !isDone.withLock({ $0 }) {
      while sem_wait(arrivals) != 0 {}
      let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      job?.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
