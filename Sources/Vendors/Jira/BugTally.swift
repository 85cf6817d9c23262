import HealthModel
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
  mutating func add(_ issue: Issue, createdAt: Timestamp, extraction: Extraction, isCritical: Bool) {
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

/// What was read of some projects.
public struct JiraPartial: PartialObservations {
  /// What the site has of the mapping's projects, by key.
  var site: [String: JiraProject] = [:]
  /// By position in the extraction's accounts.
  var tallies: [Int: BugTally] = [:]
  /// Components that bugs name, for comparison; a site may serve no list of them.
  var components: [String: Set<String>] = [:]
  var priorities = NameInventory()
  var statuses = NameInventory()
  /// Whether a search found a bug that was moved to a reopened status.
  var hasMoved = false
  /// Why a project's bugs could not be read although its neighbours' were; by project.
  var refusedCounts: [String: String] = [:]
  var refusedReopens: [String: String] = [:]
  /// What Jira said of reopened statuses that the site lacks.
  var unknownStatuses: Set<String> = []
  /// Projects that have none of the configured issue types.
  var projectsWithoutTypes: Set<String> = []
  /// Projects whose reopened bugs can't be asked for: the site knows none of the statuses.
  var projectsWithoutStatus: Set<String> = []
  /// What the site could not be asked for, and why.
  var notes: Set<String> = []
  public internal(set) var received = Received()

  public init() {}

  public mutating func merge(_ other: JiraPartial) {
    tallies.merge(other.tallies) { mine, theirs in
      var merged = mine
      merged.merge(theirs)
      return merged
    }
    site.merge(other.site) { mine, _ in mine }
    components.merge(other.components) { $0.union($1) }
    priorities.merge(other.priorities)
    statuses.merge(other.statuses)
    hasMoved = hasMoved || other.hasMoved
    refusedCounts.merge(other.refusedCounts) { min($0, $1) }
    refusedReopens.merge(other.refusedReopens) { min($0, $1) }
    unknownStatuses.formUnion(other.unknownStatuses)
    projectsWithoutTypes.formUnion(other.projectsWithoutTypes)
    projectsWithoutStatus.formUnion(other.projectsWithoutStatus)
    notes.formUnion(other.notes)
    received.merge(other.received)
  }
}
