import HealthModel

/// What one account's bugs add up to, in integers.
struct BugTally: Codable, Sendable, Equatable {
  var open = 0
  var critical = 0
  var created = 0
  var resolved = 0
  var resolutionMilliseconds: Int64 = 0
  var reopened = 0

  mutating func merge(_ other: BugTally) {
    open += other.open
    critical += other.critical
    created += other.created
    resolved += other.resolved
    resolutionMilliseconds = resolutionMilliseconds.addingWithoutOverflow(other.resolutionMilliseconds)
    reopened += other.reopened
  }

  /// Classifies by instants as of the extraction; a later reopening is not reconstructed.
  mutating func add(
    _ issue: Issue, createdAt: Timestamp, extraction: Extraction, criticalPriorities: Set<String>
  ) {
    let asOf = extraction.asOf
    let isDone = issue.statusCategory == "done"
    if createdAt < asOf, !isDone || (issue.resolvedAt.map { $0 >= asOf } ?? false) {
      open += 1
      if criticalPriorities.contains(issue.priority?.lowercased() ?? "") { critical += 1 }
    }
    if extraction.window.contains(createdAt) { created += 1 }
    if let resolvedAt = issue.resolvedAt, extraction.window.contains(resolvedAt) {
      resolved += 1
      resolutionMilliseconds = resolutionMilliseconds.addingWithoutOverflow(
        max(0, resolvedAt.milliseconds - createdAt.milliseconds))
    }
  }

  var observations: [Metric: Observation] {
    [
      .openBugs: .value(Double(open)),
      .criticalBugs: .value(Double(critical)),
      .reopenedBugs: .value(Double(reopened)),
      .averageResolution: .ratio(Double(resolutionMilliseconds) / 86_400_000, of: Double(resolved)),
      .bugTrend: .value(Double(created) / Double(max(1, resolved))),
    ]
  }
}

extension Int64 {
  /// The sum, or the nearest number that fits: absurd dates must not end a run.
  fileprivate func addingWithoutOverflow(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}

/// What was read of some projects.
public struct JiraPartial: PartialObservations {
  enum Project: Codable, Sendable, Equatable {
    case absent
    /// Components in lower case.
    case present(Set<String>)
    case unreadable(String)
  }

  /// What the site has of the mapping's projects, by key.
  var site: [String: Project] = [:]
  /// By position in the extraction's accounts.
  var tallies: [Int: BugTally] = [:]
  /// What Jira said of a reopened status that the site lacks.
  var unknownStatuses: [String] = []
  public internal(set) var received = Received()

  public init() {}

  public mutating func merge(_ other: JiraPartial) {
    tallies.merge(other.tallies) { mine, theirs in
      var merged = mine
      merged.merge(theirs)
      return merged
    }
    site.merge(other.site) { mine, _ in mine }
    unknownStatuses += other.unknownStatuses
    received.merge(other.received)
  }
}
