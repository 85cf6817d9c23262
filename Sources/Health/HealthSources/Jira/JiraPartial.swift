import Connectors

/// What was read of some projects.
public struct JiraPartial: PartialResult {
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
