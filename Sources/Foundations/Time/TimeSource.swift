#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The clocks and the sleep function. All code waits through it; tests pass their own, so that they never sleep.
public struct TimeSource: Sendable {
  /// Never goes back. Only the difference between two readings has a meaning.
  public var monotonic: @Sendable () -> Duration
  /// Since 1970-01-01T00:00:00Z.
  public var wall: @Sendable () -> Duration
  /// Throws `CancellationError` when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void

  public init(
    monotonic: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.monotonic = monotonic
    self.wall = wall
    self.sleep = sleep
  }

  /// The system's monotonic and wall clocks, and `Task.sleep`.
  public static let system = TimeSource(
    monotonic: { read(CLOCK_MONOTONIC) }, wall: { read(CLOCK_REALTIME) }, sleep: { try await Task.sleep(for: $0) })

  private static func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}

extension TimeSource {
  /// The wall clock's instant, to the millisecond.
  public var now: Timestamp { Timestamp(milliseconds: wall().inMilliseconds) }
}

extension Duration {
  /// Seconds with their fraction, for reports.
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// Whole milliseconds, rounded down.
  public var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
