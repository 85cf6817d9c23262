/// When the stages of a run have to be over, on the monotonic clock.
public struct RunDeadlines: Sendable, Equatable {
  /// Nil without a limit.
  public var extraction: Duration?
  public var load: Duration?
  /// Of the last words: metrics, notifications, files in a bucket.
  public var closing: Duration?

  static let none = RunDeadlines()

  /// Shares out what is left of an invocation.
  ///
  /// - Parameters:
  ///   - left: Until Lambda ends it.
  ///   - margin: Kept for files and the answer; cut down to 5 s where a short limit would leave no time for a try.
  static func sharing(_ left: Duration, margin: Duration, now: Duration) -> RunDeadlines {
    let usable = max(.zero, left - margin, min(left / 2, left - .seconds(5)))
    let forLoading = min(usable / 4, .seconds(60))
    return RunDeadlines(
      extraction: now + usable - forLoading, load: now + usable, closing: now + max(.zero, left - .seconds(2)))
  }
}
