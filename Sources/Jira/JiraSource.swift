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
    let recent = extraction.period.start
    let slices = stride(from: 0, to: projects.count, by: options.projectsPerQuery).flatMap { start in
      let group = Array(projects[start..<min(start + options.projectsPerQuery, projects.count)])
      return [
        JiraSlice.Part.created(from: nil, to: recent), .created(from: recent, to: nil), .reopened,
      ].map { JiraSlice(projects: group, part: $0, isCloud: flavour == .cloud) }
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
    let issues = try await client.issues(
      jql: clauses.joined(separator: " AND "),
      fields: ["project", "components", "priority", "status", "created", "resolutiondate"],
      slice.isCloud ? .cloud : .server, received: &partial.received)
    for issue in issues {
      guard let createdAt = issue.createdAt, issue.fields?.resolutiondate == nil || issue.resolvedAt != nil else {
        partial.received.skip("malformed")
        continue
      }
      guard from.map({ $0 <= createdAt }) ?? true, to.map({ createdAt < $0 }) ?? true else {
        partial.received.skip("outside the bounds")
        continue
      }
      let accounts = accounts(of: issue)
      guard !accounts.isEmpty else {
        partial.received.skip("component not mapped")
        continue
      }
      partial.received.used += 1
      for account in accounts {
        partial.tallies[account, default: BugTally()].add(
          issue, createdAt: createdAt, extraction: extraction, criticalPriorities: options.criticalPriorities)
      }
    }
    return partial
  }

  /// Bugs that moved to a reopened status in the window, the instant taken from the changelog.
  private func readReopened(_ slice: JiraSlice) async throws -> JiraPartial {
    let first = JQL.day(window.lowerBound.date.advanced(byDays: -2))
    let last = JQL.day(window.upperBound.date.advanced(byDays: 2))
    let moved = options.reopenedStatuses.map { "status CHANGED TO \(JQL.quoted($0)) DURING (\(first), \(last))" }
    var partial = JiraPartial()
    let issues: [Issue]
    do {
      issues = try await client.issues(
        jql: "\(bugs(of: slice.projects)) AND (\(moved.joined(separator: " OR ")))", fields: ["project", "components"],
        withChangelog: !slice.isCloud, slice.isCloud ? .cloud : .server, received: &partial.received)
    } catch let error as JiraQueryError {
      // Projects and types were accepted by the other queries: the site lacks the status.
      partial.unknownStatuses = ["\(error)"]
      return partial
    }
    let mapped = issues.filter { !accounts(of: $0).isEmpty }
    partial.received.skip("component not mapped", count: issues.count - mapped.count)
    let histories =
      slice.isCloud
      ? try await client.histories(of: mapped.map(\.id), received: &partial.received)
      : Dictionary(uniqueKeysWithValues: mapped.map { ($0.id, $0.changelog?.histories ?? []) })
    let names = Set(options.reopenedStatuses.map { $0.lowercased() })
    for issue in mapped {
      let moves = (histories[issue.id] ?? []).filter { history in
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
    guard let project = issue.fields?.project?.key else { return [] }
    let keys = Set(
      (issue.fields?.components ?? []).compactMap(\.name).map { ComponentKey(project: project, component: $0) })
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
