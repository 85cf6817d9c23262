import HTTPClient

/// When the stages of a run have to be over, on the monotonic clock.
struct RunDeadlines: Sendable, Equatable {
  /// Nil without a limit.
  var extraction: Duration?
  var load: Duration?

  static let none = RunDeadlines()

  /// Shares out what is left of an invocation.
  ///
  /// - Parameters:
  ///   - left: Until Lambda ends it.
  ///   - margin: Kept for files and the answer; at most half of what is left, so that a short limit still allows a try.
  static func sharing(_ left: Duration, margin: Duration, now: Duration) -> RunDeadlines {
    let usable = max(left - margin, left / 2)
    let forLoading = min(usable / 4, .seconds(60))
    return RunDeadlines(extraction: now + usable - forLoading, load: now + usable)
  }
}
