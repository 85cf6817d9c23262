import Connectors

/// The result of reading some slices.
public struct JiraPartial: PartialResult {
  /// What the site has of the mapping's projects, by project key.
  var site: [String: JiraProject] = [:]
  /// By position in the extraction's accounts.
  var tallies: [Int: BugTally] = [:]
  /// Names of components that bugs have, as `comparisonKey`, by project. A site may not list its components.
  var components: [String: Set<String>] = [:]
  /// Priorities that the site lists or bugs have.
  var priorities = NameInventory()
  /// Statuses that the site lists.
  var statuses = NameInventory()
  /// Whether a search found a bug that was moved to a reopened status.
  var hasMoved = false
  /// Why the bugs of a project could not be read although its slice did not fail, by project key.
  var refusedCounts: [String: String] = [:]
  /// The same for the search for reopened bugs.
  var refusedReopens: [String: String] = [:]
  /// Jira's messages about reopened statuses that the site does not have.
  var unknownStatuses: Set<String> = []
  /// Projects that have none of the configured issue types.
  var projectsWithoutTypes: Set<String> = []
  /// Projects whose reopened bugs can't be searched: the site has none of the reopened statuses.
  var projectsWithoutStatus: Set<String> = []
  /// Why a list could not be read from the site; each becomes a warning.
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
