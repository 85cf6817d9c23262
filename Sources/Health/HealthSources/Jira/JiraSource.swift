import Concurrency
import Connectors
import Formats
import HealthModel
import Jira
import Time

/// An independent part of the site's bugs: some projects, and bugs created within the bounds or reopened in the window.
public struct JiraSlice: Codable, Sendable, Equatable {
  /// Which bugs of the projects belong to the slice.
  public enum Part: Codable, Sendable, Equatable {
    /// Created within `[from, to)`; nil is open-ended.
    case created(from: Timestamp?, to: Timestamp?)
    /// Moved to a reopened status in the window.
    case reopened
    /// The projects could not be looked up, for this reason. Reading the slice throws it.
    case unreadable(String)
  }

  /// Keys in upper case, of projects that the site has or that could not be looked up.
  public var projects: [String]
  public var part: Part
  /// Whether the site is Jira Cloud, as opposed to Server or Data Center.
  public var isCloud: Bool
  var names: JiraNames
}

/// Bugs from Jira. A few queries read each group of projects; the source assigns the bugs to accounts by component.
public struct JiraSource: HealthSource {
  public let extraction: Extraction
  let client: JiraClient
  let rules: JiraRules
  /// Positions of accounts, by project and component.
  let accountsByComponent: [ComponentKey: [Int]]

  public init(client: JiraClient, rules: JiraRules, extraction: Extraction) {
    self.client = client
    self.rules = rules
    self.extraction = extraction
    var index: [ComponentKey: [Int]] = [:]
    for (position, account) in extraction.accounts.enumerated() {
      if let key = ComponentKey(account) { index[key, default: []].append(position) }
    }
    accountsByComponent = index
  }

  /// Whether the mapping has both a project and a component for the account.
  public func isMapped(_ account: MappedAccount) -> Bool { ComponentKey(account) != nil }

  // MARK: Reading

  /// Reads the slice a second time where issues were lost, and keeps the reading that lost fewer.
  public func read(_ slice: JiraSlice) async throws -> JiraPartial {
    try await readLosingLeast { try await readOnce(slice) }
  }

  private func readOnce(_ slice: JiraSlice) async throws -> JiraPartial {
    if case .unreadable(let message) = slice.part { throw SourceError(.unavailable, message) }
    guard slice.projects.count > 1 else { return try await read(slice, as: slice.projects.first) }
    do {
      return try await read(slice, as: nil)
    } catch let error where error is JiraQueryError || error is ForeignProject {
      return await readSingly(slice)
    }
  }

  /// Reads each project by itself, so that Jira rejecting one project does not affect the others. If the key of a
  /// project was changed, its bugs count for the key that was asked for.
  private func readSingly(_ slice: JiraSlice) async -> JiraPartial {
    var partial = JiraPartial()
    await concurrently(slice.projects) { project in
      var single = slice
      single.projects = [project]
      return try await read(single, as: project)
    } each: { project, result in
      switch result {
      case .success(let part): partial.merge(part)
      case .failure(let error):
        if slice.part == .reopened {
          partial.refusedReopens[project] = "\(error)"
        } else {
          partial.refusedCounts[project] = "\(error)"
        }
      }
    }
    return partial
  }

  /// - Parameter project: The only project asked for, which then owns all issues. Nil: each issue names its project.
  private func read(_ slice: JiraSlice, as project: String?) async throws -> JiraPartial {
    do {
      switch slice.part {
      case .created(let from, let to): return try await readCreated(slice, as: project, from: from, to: to)
      case .reopened: return try await readReopened(slice, as: project)
      case .unreadable(let message): throw SourceError(.unavailable, message)
      }
    } catch let error as JiraQueryError {
      // The site does not have some of the types: ask again without them.
      let types = slice.names.types.filter { !error.names.contains($0) }
      guard project != nil, types.count < slice.names.types.count else { throw error }
      var partial = JiraPartial()
      guard !types.isEmpty else {
        partial.projectsWithoutTypes.formUnion(slice.projects)
        return partial
      }
      var slice = slice
      slice.names.types = types
      return try await read(slice, as: project)
    }
  }

  private var window: Range<Timestamp> { extraction.window }

  /// Bugs that are open, or were created or resolved since the window began.
  ///
  /// JQL compares days in the user's time zone. So the query asks for two days more on each side, and the exact
  /// instants decide afterwards. A done bug without a resolution date is found by its last update, which can't be
  /// before it was done.
  private func readCreated(
    _ slice: JiraSlice, as project: String?, from: Timestamp?, to: Timestamp?
  ) async throws -> JiraPartial {
    let since = JQL.day(window.lowerBound.date.advanced(byDays: -2))
    var clauses = [bugs(slice)]
    if let from { clauses.append("created >= \(JQL.day(from.date.advanced(byDays: -2)))") }
    if let to { clauses.append("created < \(JQL.day(to.date.advanced(byDays: 2)))") }
    clauses.append(
      "(statusCategory != Done OR resolved >= \(since) OR created >= \(since) OR (resolved is EMPTY AND updated >= \(since)))"
    )
    var partial = JiraPartial()
    var isForeign = false
    let query = JiraQuery(
      jql: clauses.joined(separator: " AND "),
      fields: [
        "project", "components", "priority", "status", "created", "resolutiondate", "statuscategorychangedate",
      ],
      names: slice.projects + slice.names.types)
    let criticalNames = Set(rules.criticalPriorities.map(\.comparisonKey))
    var received = Received()
    try await client.issues(query, slice.isCloud ? .cloud : .server, received: &received) { issue, received in
      guard let project = owner(of: issue, slice, as: project, &isForeign) else {
        return received.skip(Received.malformed)
      }
      if let createdAt = issue.createdAt {
        guard from.map({ $0 <= createdAt }) ?? true, to.map({ createdAt < $0 }) ?? true else {
          return received.skip("outside the bounds")
        }
      }
      note(issue, of: project, &partial)
      // Bugs created at the as-of instant or later do not count.
      if let createdAt = issue.createdAt, createdAt >= extraction.asOf {
        return received.skip("outside the bounds")
      }
      let accounts = accounts(of: issue, in: project)
      guard !accounts.isEmpty else { return received.skip("component not mapped") }
      guard issue.isReadable, issue.id != nil, issue.components != nil, let createdAt = issue.createdAt else {
        for account in accounts { partial.tallies[account, default: BugTally()].spoil(BugTally.counts) }
        return received.skip(Received.spoiled)
      }
      received.used += 1
      let isCritical =
        issue.priority?.id.map(slice.names.criticalIDs.contains) ?? false
        || issue.priority?.name.map { criticalNames.contains($0.comparisonKey) } ?? false
      for account in accounts {
        partial.tallies[account, default: BugTally()].add(
          issue, createdAt: createdAt, extraction: extraction, isCritical: isCritical)
      }
    }
    partial.received = received
    if isForeign { throw ForeignProject() }
    return partial
  }

  /// Remembers the names that the issue uses: components and priority.
  private func note(_ issue: JiraIssue, of project: String, _ partial: inout JiraPartial) {
    for component in issue.components ?? [] { partial.components[project, default: []].insert(component.comparisonKey) }
    guard let name = issue.priority?.name, !partial.priorities.seen.contains(name) else { return }
    partial.priorities.seen.insert(name)
  }

  /// The project that an issue counts for, as the mapping names it. Nil where the issue names none, or one that was not
  /// asked for; the latter sets `isForeign`.
  private func owner(
    of issue: JiraIssue, _ slice: JiraSlice, as project: String?, _ isForeign: inout Bool
  ) -> String? {
    if let project { return project }
    guard let own = issue.project else { return nil }
    guard slice.projects.contains(own) else {
      // The key of one of the projects was changed in Jira.
      isForeign = true
      return nil
    }
    return own
  }

  /// Bugs that moved to a reopened status in the window. The changelog gives the instant of the move.
  private func readReopened(_ slice: JiraSlice, as project: String?) async throws -> JiraPartial {
    let first = window.lowerBound.date.advanced(byDays: -2)
    let last = window.upperBound.date.advanced(byDays: 2)
    let moved = slice.names.reopened.map {
      "status CHANGED TO \(JQL.quoted($0)) DURING (\(JQL.day(first)), \(JQL.day(last)))"
    }
    var partial = JiraPartial()
    var mapped: [(issue: JiraIssue, accounts: [Int])] = []
    var isForeign = false
    let query = JiraQuery(
      jql: "\(bugs(slice)) AND (\(moved.joined(separator: " OR ")))", fields: ["project", "components"],
      withChangelog: !slice.isCloud, names: slice.names.reopened + slice.projects + slice.names.types)
    var received = Received()
    do {
      try await client.issues(query, slice.isCloud ? .cloud : .server, received: &received) { issue, received in
        guard let project = owner(of: issue, slice, as: project, &isForeign) else {
          return received.skip(Received.malformed)
        }
        note(issue, of: project, &partial)
        let accounts = accounts(of: issue, in: project)
        guard !accounts.isEmpty else { return received.skip("component not mapped") }
        mapped.append((issue, accounts))
      }
    } catch let error as JiraQueryError {
      return try await readReopened(slice, as: project, without: error)
    }
    if isForeign { throw ForeignProject() }
    partial.hasMoved = !mapped.isEmpty
    let histories =
      slice.isCloud
      ? try await client.histories(of: mapped.compactMap(\.issue.id), received: &received)
      : Dictionary(mapped.compactMap { mapped in mapped.issue.completeHistory.map { (mapped.issue.id ?? "", $0) } }) {
        $1
      }
    let reopenings = Reopenings(
      names: Set(rules.reopenedStatuses.map(\.comparisonKey)), ids: slice.names.reopenedIDs,
      searched: first.start..<last.advanced(byDays: 1).start)
    for (issue, accounts) in mapped {
      guard issue.components != nil, let id = issue.id, let history = histories[id],
        let instants = reopenings.instants(in: history)
      else {
        // The search found the bug by such a move, but its history does not show one.
        for account in accounts { partial.tallies[account, default: BugTally()].spoil([.reopenedBugs]) }
        received.skip(Received.spoiled)
        continue
      }
      guard instants.contains(where: window.contains) else {
        received.skip("outside the bounds")
        continue
      }
      received.used += 1
      for account in accounts { partial.tallies[account, default: BugTally()].reopened += 1 }
    }
    partial.received = received
    return partial
  }

  /// Asks again without the statuses that Jira says it does not know.
  private func readReopened(
    _ slice: JiraSlice, as project: String?, without error: JiraQueryError
  ) async throws -> JiraPartial {
    let isOthers =
      slice.projects.contains(where: error.names.contains) || slice.names.types.contains(where: error.names.contains)
    let left = slice.names.reopened.filter { !error.names.contains($0) }
    // If Jira names nothing, it means the statuses, because the other queries use the same projects and types.
    guard left.count < slice.names.reopened.count || (error.names.isEmpty && project != nil), !isOthers else {
      throw error
    }
    var partial = JiraPartial()
    if !left.isEmpty, !error.names.isEmpty {
      var slice = slice
      slice.names.reopened = left
      partial = try await readReopened(slice, as: project)
    } else {
      partial.projectsWithoutStatus.formUnion(slice.projects)
    }
    partial.unknownStatuses.insert("\(error)")
    return partial
  }

  private func bugs(_ slice: JiraSlice) -> String {
    "project in \(JQL.list(slice.projects)) AND issuetype in \(JQL.list(slice.names.types))"
  }

  /// Positions of the accounts that a bug counts for: those of all its components. If its components can't be read,
  /// those of the whole project.
  private func accounts(of issue: JiraIssue, in project: String) -> [Int] {
    guard let components = issue.components else {
      return accountsByComponent.filter { $0.key.project == project }.flatMap(\.value).sorted()
    }
    let keys = Set(components.map { ComponentKey(project: project, component: $0) })
    return Array(Set(keys.flatMap { accountsByComponent[$0] ?? [] }))
  }

  // MARK: Observing

  /// A project that could not be read only affects the accounts that are mapped to it.
  public func observe(_ partial: JiraPartial, failed: [JiraSlice]) async throws -> SourceObservations {
    if let defect = partial.received.defect {
      return SourceObservations(
        accounts: extraction.accounts.map { missing(.unavailable, for: $0) }, received: partial.received,
        problem: "Jira: \(defect)")
    }
    var failedCounts = Set(partial.refusedCounts.keys)
    var failedReopens = Set(partial.refusedReopens.keys)
    for slice in failed {
      if slice.part != .reopened { failedCounts.formUnion(slice.projects) }
      if case .created = slice.part {} else { failedReopens.formUnion(slice.projects) }
    }
    let judgement = JiraJudgement(rules: rules, partial: partial)
    var withoutComponent: [String: Set<String>] = [:]
    let facts = extraction.accounts.enumerated().map { position, account -> AccountFacts in
      guard let key = ComponentKey(account) else { return missing(.notMapped, for: account) }
      switch partial.site[key.project] {
      case .unreadable: return missing(.unavailable, for: account)
      case .present where partial.projectsWithoutTypes.contains(key.project):
        return missing(.notConfigured, for: account)
      case .present(let components, _)
      where components.contains(key.component) || partial.components[key.project]?.contains(key.component) ?? false:
        break
      case .present:
        withoutComponent[key.project, default: []].insert(account.jiraComponent ?? "")
        // A bug that could not be read may have this component.
        return missing(failedCounts.contains(key.project) ? .unavailable : .notFound, for: account)
      case .absent, nil: return missing(.notFound, for: account)
      }
      var observations = (partial.tallies[position] ?? BugTally()).observations
      if failedCounts.contains(key.project) {
        for metric in BugTally.counts { observations[metric] = .missing(.unavailable) }
      }
      if failedReopens.contains(key.project) || partial.projectsWithoutStatus.contains(key.project) {
        observations[.reopenedBugs] = .missing(.unavailable)
      }
      return AccountFacts(observations: observations)
    }
    return SourceObservations(
      accounts: judgement.applied(to: facts, failed: failedCounts), received: partial.received,
      warnings: (judgement.warnings + partial.notes + judgement.warnings(withoutComponent: withoutComponent)).sorted(),
      problem: judgement.problem)
  }
}

/// An issue names a project that was not asked for.
private struct ForeignProject: Error {}

extension JiraIssue {
  /// The changelog from the search; nil where it is missing or not complete.
  fileprivate var completeHistory: [JiraHistory]? {
    changelog.flatMap { $0.total ?? 0 > $0.histories.count ? nil : $0.histories }
  }
}
