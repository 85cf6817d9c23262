import HealthModel
import Jira
import Time

/// The counts of one account's bugs. All are integers, so the order of merging does not change the result.
struct BugTally: Codable, Sendable, Equatable {
  /// Created before ``Extraction/asOf`` and not resolved before it.
  var open = 0
  /// Open bugs with a critical priority.
  var critical = 0
  /// Created in the window.
  var created = 0
  /// Resolved in the window.
  var resolved = 0
  /// From creation to resolution, summed over the bugs that `resolved` counts.
  var resolutionMilliseconds: Int64 = 0
  /// Moved to a reopened status in the window.
  var reopened = 0
  /// Paths of metrics that are unavailable, because a bug that may count for them can't be read.
  var spoiled: Set<String> = []

  /// The metrics of the search for created bugs. Reopened bugs have a search of their own.
  static let counts: [Metric] = [.openBugs, .criticalBugs, .averageResolution, .bugTrend]

  mutating func merge(_ other: BugTally) {
    open += other.open
    critical += other.critical
    created += other.created
    resolved += other.resolved
    resolutionMilliseconds = resolutionMilliseconds.addingWithoutOverflow(other.resolutionMilliseconds)
    reopened += other.reopened
    spoiled.formUnion(other.spoiled)
  }

  mutating func spoil(_ metrics: [Metric]) { spoiled.formUnion(metrics.map(\.path)) }

  /// Counts a bug by its dates, as of ``Extraction/asOf``. What a later reopening changed is not reconstructed.
  mutating func add(_ issue: JiraIssue, createdAt: Timestamp, extraction: Extraction, isCritical: Bool) {
    let asOf = extraction.asOf
    let resolvedAt = issue.resolution
    if createdAt < asOf, !issue.isDone || (resolvedAt.map { $0 >= asOf } ?? false) {
      open += 1
      if issue.isPriorityUnreadable { spoil([.criticalBugs]) } else if isCritical { critical += 1 }
    }
    if extraction.window.contains(createdAt) { created += 1 }
    if let resolvedAt, extraction.window.contains(resolvedAt) {
      resolved += 1
      resolutionMilliseconds = resolutionMilliseconds.addingWithoutOverflow(
        max(0, resolvedAt.milliseconds - createdAt.milliseconds))
    }
  }

  var observations: [Metric: Observation] {
    let observations: [Metric: Observation] = [
      .openBugs: .value(Double(open)),
      .criticalBugs: .value(Double(critical)),
      .reopenedBugs: .value(Double(reopened)),
      .averageResolution: .ratio(Double(resolutionMilliseconds) / 86_400_000, of: Double(resolved)),
      .bugTrend: .value(Double(created) / Double(max(1, resolved))),
    ]
    guard !spoiled.isEmpty else { return observations }
    return Dictionary(
      uniqueKeysWithValues: observations.map { ($0, spoiled.contains($0.path) ? .missing(.unavailable) : $1) })
  }
}

extension Int64 {
  /// The sum, limited to the range of `Int64`, so that impossible dates do not crash the run.
  fileprivate func addingWithoutOverflow(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
