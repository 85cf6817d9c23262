/// When the stages of a run must have ended, on the monotonic clock. Nil without a limit.
public struct RunDeadlines: Sendable, Equatable {
  /// Nil without a limit.
  public var extraction: Duration?
  public var load: Duration?
  /// For metrics, notifications and files in a bucket.
  public var closing: Duration?

  static let none = RunDeadlines()

  /// Divides the time that is left of an invocation among the stages.
  ///
  /// - Parameters:
  ///   - left: Time until Lambda ends the invocation.
  ///   - margin: Kept for files and the answer. Reduced if little time is left, but not below 5 s, so that there is
  ///     still time to read.
  static func sharing(_ left: Duration, margin: Duration, now: Duration) -> RunDeadlines {
    let usable = max(.zero, left - margin, min(left / 2, left - .seconds(5)))
    let forLoading = min(usable / 4, .seconds(60))
    return RunDeadlines(
      extraction: now + usable - forLoading, load: now + usable, closing: now + max(.zero, left - .seconds(2)))
  }
}
