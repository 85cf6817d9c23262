import HealthModel
import Jira
import Time

/// What one account's bugs add up to, in integers.
struct BugTally: Codable, Sendable, Equatable {
  var open = 0
  var critical = 0
  var created = 0
  var resolved = 0
  var resolutionMilliseconds: Int64 = 0
  var reopened = 0
  /// Metrics that a bug which can't be read could feed, by path.
  var spoiled: Set<String> = []

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

  /// Classifies by instants as of the extraction; a later reopening is not reconstructed.
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
  /// The sum, or the nearest number that fits: absurd dates must not end a run.
  fileprivate func addingWithoutOverflow(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
