import Connectors
import HealthModel

/// Compares the configured names with those of the site, and writes the warnings about them.
struct JiraJudgement {
  let rules: JiraRules
  let partial: JiraPartial

  /// The priorities that Jira comes with. Every other name was made by the site, or is a translation.
  private static let standardPriorities: Set<String> = [
    "highest", "high", "medium", "low", "lowest", "blocker", "critical", "major", "minor", "trivial",
  ]

  private var lacksPriorities: Bool {
    // A priority may be configured by its id too.
    !partial.priorities.matches(rules.criticalPriorities, standard: Self.standardPriorities)
  }

  /// Whether the site lists its statuses, none of them is configured, and no bug was moved to a configured one.
  private var lacksStatuses: Bool {
    partial.statuses.listed != nil && !partial.hasMoved && !partial.statuses.matches(rules.reopenedStatuses)
  }

  /// Makes metrics `notConfigured` where the site has none of the names configured for them.
  ///
  /// - Parameter failed: Projects whose other queries failed too. For these, a rejected query says nothing about
  ///   statuses.
  func applied(to facts: [AccountFacts], failed: Set<String>) -> [AccountFacts] {
    let isRefused = !partial.projectsWithoutStatus.subtracting(failed).isEmpty
    let unconfigured: [Metric] =
      (lacksPriorities ? [.criticalBugs] : []) + (lacksStatuses || isRefused ? [.reopenedBugs] : [])
    guard !unconfigured.isEmpty else { return facts }
    return facts.map { fact in
      var fact = fact
      for metric in unconfigured { fact.observations[metric] = .missing(.notConfigured) }
      return fact
    }
  }

  var warnings: [String] {
    var warnings = partial.unknownStatuses.map {
      partial.projectsWithoutStatus.isEmpty
        ? "Jira: \($0); only the other reopened statuses are counted"
        : "Jira: reopened bugs are not counted: \($0); set jira.reopened_statuses in sources.yaml"
    }
    if lacksPriorities {
      warnings.append(
        "Jira: no priority there is named \(rules.criticalPriorities.sorted().joined(separator: ", ")); there are: \(partial.priorities.words). support_health.critical_bugs is not configured; set jira.critical_priorities in sources.yaml, by name or id"
      )
    }
    if lacksStatuses, partial.unknownStatuses.isEmpty {
      warnings.append(
        "Jira: no status there is named \(rules.reopenedStatuses.joined(separator: ", ")); there are: \(partial.statuses.words). support_health.reopened_bugs is not configured; set jira.reopened_statuses in sources.yaml, by name or id"
      )
    }
    if !partial.projectsWithoutTypes.isEmpty {
      let projects = partial.projectsWithoutTypes.sorted()
      let types = projects.flatMap { project -> [String] in
        guard case .present(_, let types?) = partial.site[project] else { return [] }
        return types.compactMap(\.name)
      }
      warnings.append(
        "Jira: \(NameInventory.words(projects)) has no issue type \(rules.bugTypes.joined(separator: ", ")); there are: \(NameInventory.words(types)). Its bugs are not configured; set jira.bug_types in sources.yaml, by name or id"
      )
    }
    return warnings
  }

  /// Warnings about components of the mapping that the projects do not have.
  func warnings(withoutComponent projects: [String: Set<String>]) -> [String] {
    projects.sorted { $0.key < $1.key }.map { project, components in
      let hasAny =
        if case .present(let listed, _) = partial.site[project] { !listed.isEmpty } else { false }
      return hasAny
        ? "Jira: project \(project) has no component \(NameInventory.words(components)); correct jira_component in account_mapping.csv"
        : "Jira: project \(project) lists no components, and no bug there names \(NameInventory.words(components)); jira_component in account_mapping.csv has to name one that its bugs carry"
    }
  }

  /// Why some metrics are unavailable although no slice failed as a whole; nil where there is no such reason.
  var problem: String? {
    var problems: Set<String> = []
    for (project, error) in partial.refusedCounts.merging(
      partial.refusedReopens, uniquingKeysWith: { first, _ in first })
    {
      problems.insert("Jira: bugs of \(project) were not read: \(error)")
    }
    let spoiled = partial.tallies.values.filter { !$0.spoiled.isEmpty }
    if !spoiled.isEmpty {
      let metrics = Set(spoiled.flatMap(\.spoiled)).sorted().joined(separator: ", ")
      problems.insert("Jira: bugs of \(spoiled.count) accounts can't be read; their \(metrics) is unavailable")
    }
    guard !problems.isEmpty else { return nil }
    return problems.sorted().prefix(5).joined(separator: "; ")
  }
}
