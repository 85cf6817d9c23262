import HTTPClient
import HealthModel

/// An independent part of the site's bugs: some projects, and bugs created within the bounds or reopened in the window.
public struct JiraSlice: Codable, Sendable, Equatable {
  public enum Part: Codable, Sendable, Equatable {
    /// Created within `[from, to)`; nil is open-ended.
    case created(from: Timestamp?, to: Timestamp?)
    case reopened
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
  /// What the site has; filled by the plan.
  private let site = Lock<[String: Set<String>?]>([:])

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

  public func slices() async throws -> [JiraSlice] {
    let flavour = try await client.flavour()
    let components = try await components(flavour)
    site.withLock { $0 = components }
    let projects = components.compactMap { $0.value == nil ? nil : $0.key }.sorted()
    let recent = extraction.period.start
    return stride(from: 0, to: projects.count, by: options.projectsPerQuery).flatMap { start in
      let group = Array(projects[start..<min(start + options.projectsPerQuery, projects.count)])
      return [
        JiraSlice.Part.created(from: nil, to: recent), .created(from: recent, to: nil), .reopened,
      ].map { JiraSlice(projects: group, part: $0, isCloud: flavour == .cloud) }
    }
  }

  /// Each project's components; nil for a project that the site does not have.
  private func components(_ flavour: JiraFlavour) async throws -> [String: Set<String>?] {
    let projects = Set(accountsByComponent.keys.map(\.project))
    return try await withThrowingTaskGroup(of: (String, Set<String>?).self) { group in
      for project in projects {
        group.addTask { (project, try await client.components(ofProject: project, flavour)) }
      }
      return try await group.reduce(into: [:]) { $0.updateValue($1.1, forKey: $1.0) }
    }
  }

  public func read(_ slice: JiraSlice) async throws -> JiraPartial {
    switch slice.part {
    case .created(let from, let to): try await readCreated(slice, from: from, to: to)
    case .reopened: try await readReopened(slice)
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
      let isReopened = (histories[issue.id] ?? []).contains { history in
        (history.createdAt.map(window.contains) ?? false)
          && history.items.contains {
            ($0.fieldId ?? $0.field) == "status" && names.contains($0.newName?.lowercased() ?? "")
          }
      }
      guard isReopened else {
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
    var known = site.withLock { $0 }
    if known.isEmpty, !accountsByComponent.isEmpty { known = try await components(try await client.flavour()) }
    var failedCounts: Set<String> = []
    var failedReopens: Set<String> = []
    for slice in failed {
      if slice.part == .reopened {
        failedReopens.formUnion(slice.projects)
      } else {
        failedCounts.formUnion(slice.projects)
      }
    }
    let facts = extraction.accounts.enumerated().map { position, account -> AccountFacts in
      guard let key = ComponentKey(account) else { return missing(.notMapped, for: account) }
      guard let components = known[key.project] ?? nil, components.contains(key.component) else {
        return missing(.notFound, for: account)
      }
      var observations = (partial.tallies[position] ?? BugTally()).observations
      if failedCounts.contains(key.project) {
        for metric in SourceID.jira.metrics where metric != .reopenedBugs {
          observations[metric] = .missing(.unavailable)
        }
      }
      if failedReopens.contains(key.project) { observations[.reopenedBugs] = .missing(.unavailable) }
      if !partial.unknownStatuses.isEmpty { observations[.reopenedBugs] = .missing(.notConfigured) }
      return AccountFacts(observations: observations)
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
