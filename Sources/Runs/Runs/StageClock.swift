import Time

/// How long each stage of a run took.
public struct StageClock: Sendable {
  private let time: TimeSource
  private var last: Duration
  /// Seconds by stage.
  public private(set) var stages: [String: Double] = [:]

  public init(time: TimeSource) {
    self.time = time
    last = time.monotonic()
  }

  /// The stage began when the one before it ended.
  public mutating func end(_ stage: String) {
    let now = time.monotonic()
    stages[stage] = (now - last).roundedSeconds
    last = now
  }
}
