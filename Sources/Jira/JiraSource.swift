import HTTPClient
import HealthModel

/// An independent part of the site's bugs: some projects, and bugs created within the bounds or reopened in the window.
public struct JiraSlice: Codable, Sendable, Equatable {
  public enum Part: Codable, Sendable, Equatable {
    /// Created within `[from, to)`; nil is open-ended.
    case created(from: Timestamp?, to: Timestamp?)
    case reopened
    /// What the projects have could not be found out, and why; reading it fails.
    case unreadable(String)
  }

  /// Keys of projects that the site has.
  public var projects: [String]
  public var part: Part
  public var isCloud: Bool
}

/// Bugs from Jira, a few queries for each group of projects, components told apart here.
public struct JiraSource: Source {
  public let id = SourceID.jira
  public let extraction: Extraction
  private let client: JiraClient
  private let options: JiraOptions
  private let accountsByComponent: [ComponentKey: [Int]]

  public init(api: APIClient, credentials: JiraCredentials, options: JiraOptions, extraction: Extraction) {
    client = JiraClient(api: api, credentials: credentials)
    self.options = options
    self.extraction = extraction
    var index: [ComponentKey: [Int]] = [:]
    for (position, account) in extraction.accounts.enumerated() {
      if let key = ComponentKey(account) { index[key, default: []].append(position) }
    }
    accountsByComponent = index
  }

  public func isMapped(_ account: MappedAccount) -> Bool { ComponentKey(account) != nil }

  public func plan() async throws -> ExtractionPlan<JiraSlice, JiraPartial> {
    let flavour = try await client.flavour()
    var found = JiraPartial()
    found.site = await projects(flavour)
    try Task.checkCancellation()
    var projects: [String] = []
    var unreadable: [JiraSlice] = []
    for (key, project) in found.site.sorted(by: { $0.key < $1.key }) {
      switch project {
      case .absent: break
      case .present: projects.append(key)
      case .unreadable(let message):
        unreadable.append(JiraSlice(projects: [key], part: .unreadable(message), isCloud: flavour == .cloud))
      }
    }
    // Months are cut so that no search is a long chain of pages.
    let start = extraction.period.start
    let cuts = [-2, -1].map { extraction.period.advanced(by: $0).start } + [start, start.advanced(byDays: 15)]
    let slices = stride(from: 0, to: projects.count, by: options.projectsPerQuery).flatMap { start in
      let group = Array(projects[start..<min(start + options.projectsPerQuery, projects.count)])
      let parts = zip([nil] + cuts, cuts + [nil]).map { JiraSlice.Part.created(from: $0, to: $1) }
      return (parts + [.reopened]).map { JiraSlice(projects: group, part: $0, isCloud: flavour == .cloud) }
    }
    return ExtractionPlan(slices: unreadable + slices, found: found)
  }

  /// What the site has of the mapping's projects.
  private func projects(_ flavour: JiraFlavour) async -> [String: JiraPartial.Project] {
    await withTaskGroup(of: (String, JiraPartial.Project).self) { group in
      for project in Set(accountsByComponent.keys.map(\.project)) {
        group.addTask {
          do {
            let components = try await client.components(ofProject: project, flavour)
            return (project, components.map { .present($0) } ?? .absent)
          } catch {
            return (project, .unreadable("\(error)"))
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  public func read(_ slice: JiraSlice) async throws -> JiraPartial {
    switch slice.part {
    case .created(let from, let to): try await readCreated(slice, from: from, to: to)
    case .reopened: try await readReopened(slice)
    case .unreadable(let message): throw SourceError(.unavailable, message)
    }
  }

  private var window: Range<Timestamp> { extraction.window }

  /// Bugs that are open, or were resolved or created since the window began. JQL knows days of the user's time zone
  /// only, so everything is asked two days wider and sorted out by the instants.
  private func readCreated(_ slice: JiraSlice, from: Timestamp?, to: Timestamp?) async throws -> JiraPartial {
    let since = JQL.day(window.lowerBound.date.advanced(byDays: -2))
    var clauses = [bugs(of: slice.projects)]
    if let from { clauses.append("created >= \(JQL.day(from.date.advanced(byDays: -2)))") }
    if let to { clauses.append("created < \(JQL.day(to.date.advanced(byDays: 2)))") }
    clauses.append("(statusCategory != Done OR resolved >= \(since) OR created >= \(since))")
    var partial = JiraPartial()
    let query = JiraQuery(
      jql: clauses.joined(separator: " AND "),
      fields: ["project", "components", "priority", "status", "created", "resolutiondate"],
      names: slice.projects + options.bugTypes)
    try await client.issues(query, slice.isCloud ? .cloud : .server, into: &partial) { issue, partial in
      guard let createdAt = issue.createdAt, !issue.isResolutionUnreadable, !issue.isPriorityUnreadable,
        issue.statusCategory != nil, createdAt.date.components.year >= 1990, isReadable(issue, of: slice)
      else { return partial.received.skip("malformed") }
      guard from.map({ $0 <= createdAt }) ?? true, to.map({ createdAt < $0 }) ?? true else {
        return partial.received.skip("outside the bounds")
      }
      let accounts = accounts(of: issue)
      guard !accounts.isEmpty else { return partial.received.skip("component not mapped") }
      partial.received.used += 1
      for account in accounts {
        partial.tallies[account, default: BugTally()].add(
          issue, createdAt: createdAt, extraction: extraction, criticalPriorities: options.criticalPriorities)
      }
    }
    return partial
  }

  /// Whether the issue says whose it is. One of another project than asked for means that a project's key has changed.
  private func isReadable(_ issue: Issue, of slice: JiraSlice) -> Bool {
    issue.components != nil && issue.project.map { slice.projects.contains($0) } ?? false
  }

  /// Bugs that moved to a reopened status in the window, the instant taken from the changelog.
  private func readReopened(_ slice: JiraSlice) async throws -> JiraPartial {
    let first = JQL.day(window.lowerBound.date.advanced(byDays: -2))
    let last = JQL.day(window.upperBound.date.advanced(byDays: 2))
    let moved = options.reopenedStatuses.map { "status CHANGED TO \(JQL.quoted($0)) DURING (\(first), \(last))" }
    var partial = JiraPartial()
    var mapped: [Issue] = []
    let query = JiraQuery(
      jql: "\(bugs(of: slice.projects)) AND (\(moved.joined(separator: " OR ")))", fields: ["project", "components"],
      withChangelog: !slice.isCloud, names: options.reopenedStatuses + slice.projects + options.bugTypes)
    do {
      try await client.issues(query, slice.isCloud ? .cloud : .server, into: &partial) { issue, partial in
        guard isReadable(issue, of: slice) else { return partial.received.skip("malformed") }
        guard !accounts(of: issue).isEmpty else { return partial.received.skip("component not mapped") }
        mapped.append(issue)
      }
    } catch let error as JiraQueryError {
      // Projects and types were accepted by the other queries: the site lacks the status.
      partial.unknownStatuses = ["\(error)"]
      return partial
    }
    let histories =
      slice.isCloud
      ? try await client.histories(of: mapped.compactMap(\.id), received: &partial.received)
      : Dictionary(mapped.compactMap { issue in issue.completeHistory.map { (issue.id ?? "", $0) } }) { $1 }
    let names = Set(options.reopenedStatuses.map { $0.lowercased() })
    for issue in mapped {
      // Found by a move that its history has to tell of.
      guard let history = histories[issue.id ?? ""] else {
        partial.received.skip("malformed")
        continue
      }
      let moves = history.filter { history in
        history.items.contains {
          ($0.fieldId ?? $0.field) == "status" && names.contains($0.newName?.lowercased() ?? "")
        }
      }
      guard moves.allSatisfy({ $0.createdAt != nil }) else {
        partial.received.skip("malformed")
        continue
      }
      guard moves.contains(where: { $0.createdAt.map(window.contains) ?? false }) else {
        partial.received.skip("outside the bounds")
        continue
      }
      partial.received.used += 1
      for account in accounts(of: issue) { partial.tallies[account, default: BugTally()].reopened += 1 }
    }
    return partial
  }

  private func bugs(of projects: [String]) -> String {
    "project in \(JQL.list(projects)) AND issuetype in \(JQL.list(options.bugTypes))"
  }

  /// A bug with several components counts for each.
  private func accounts(of issue: Issue) -> [Int] {
    guard let project = issue.project else { return [] }
    let keys = Set((issue.components ?? []).map { ComponentKey(project: project, component: $0) })
    return Array(Set(keys.flatMap { accountsByComponent[$0] ?? [] }))
  }

  public func observe(_ partial: JiraPartial, failed: [JiraSlice]) async throws -> SourceObservations {
    var failedCounts: Set<String> = []
    var failedReopens: Set<String> = []
    for slice in failed {
      if slice.part != .reopened { failedCounts.formUnion(slice.projects) }
      if case .created = slice.part {} else { failedReopens.formUnion(slice.projects) }
    }
    // A query that is refused while the others are not names a status that the site lacks.
    let lacksStatus = !partial.unknownStatuses.isEmpty && failedCounts.isEmpty
    var facts = extraction.accounts.enumerated().map { position, account -> AccountFacts in
      guard let key = ComponentKey(account) else { return missing(.notMapped, for: account) }
      switch partial.site[key.project] {
      case .unreadable: return missing(.unavailable, for: account)
      case .present(let components) where components.contains(key.component): break
      default: return missing(.notFound, for: account)
      }
      var observations = (partial.tallies[position] ?? BugTally()).observations
      if failedCounts.contains(key.project) {
        for metric in SourceID.jira.metrics where metric != .reopenedBugs {
          observations[metric] = .missing(.unavailable)
        }
      }
      if failedReopens.contains(key.project) || !partial.unknownStatuses.isEmpty {
        observations[.reopenedBugs] = .missing(.unavailable)
      }
      return AccountFacts(observations: observations)
    }
    if lacksStatus {
      for position in facts.indices { facts[position].observations[.reopenedBugs] = .missing(.notConfigured) }
    }
    let warnings = Set(partial.unknownStatuses).sorted().map {
      "reopened bugs are not counted: \($0); set jira.reopened_statuses in sources.yaml"
    }
    return SourceObservations(accounts: facts, received: partial.received, warnings: warnings)
  }
}

extension Issue {
  /// The changelog that came along; nil where it is not there as a whole.
  fileprivate var completeHistory: [History]? {
    changelog.flatMap { $0.total ?? 0 > $0.histories.count ? nil : $0.histories }
  }
}

/// A component of a project; both compare in any case.
private struct ComponentKey: Hashable, Sendable {
  let project: String
  let component: String

  init(project: String, component: String) {
    self.project = project.uppercased()
    self.component = component.lowercased()
  }

  init?(_ account: MappedAccount) {
    guard let project = account.jiraProject, let component = account.jiraComponent else { return nil }
    self.init(project: project, component: component)
  }
}
