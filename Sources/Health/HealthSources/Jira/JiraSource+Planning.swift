import Concurrency
import Connectors
import Jira
import Time

/// Plans the slices, and finds out which of the configured names the site has.
extension JiraSource {
  public func plan() async throws -> SlicePlan<JiraSlice, JiraPartial> {
    let flavour = try await client.flavour()
    var found = JiraPartial()
    guard !accountsByComponent.isEmpty else { return SlicePlan(slices: [], found: found) }
    found.site = await projects(flavour)
    var names = JiraNames()
    let priorities = await listed("priorities", &found) { try await client.priorities(flavour) }
    let statuses = await listed("statuses", &found) { try await client.statuses(flavour) }
    try Task.checkCancellation()
    found.priorities.listed = priorities.map(Self.words)
    names.criticalIDs = Self.ids(priorities, rules.criticalPriorities)
    found.statuses.listed = statuses.map(Self.words)
    names.reopenedIDs = Self.ids(statuses, rules.reopenedStatuses)
    names.reopened = Self.queryNames(statuses, rules.reopenedStatuses)
    // A status that is not listed may still be in histories. Jira rejects the query if it does not know the name.
    if names.reopened.isEmpty { names.reopened = rules.reopenedStatuses }
    return SlicePlan(slices: slices(&found, names, isCloud: flavour == .cloud), found: found)
  }

  /// The slices of all projects that can be read, and one slice that fails for each project that can't.
  private func slices(_ found: inout JiraPartial, _ names: JiraNames, isCloud: Bool) -> [JiraSlice] {
    var types: [String: [String]] = [:]
    var slices: [JiraSlice] = []
    for (key, project) in found.site.sorted(by: { $0.key < $1.key }) {
      switch project {
      case .absent: break
      case .present(_, let listed):
        types[key] = listed.map { Self.queryNames($0, rules.bugTypes) } ?? rules.bugTypes
        if types[key]?.isEmpty ?? true {
          types[key] = nil
          found.projectsWithoutTypes.insert(key)
        }
      case .unreadable(let message):
        slices.append(JiraSlice(projects: [key], part: .unreadable(message), isCloud: isCloud, names: names))
      }
    }
    // Cut by creation date, so that no search is a long chain of pages.
    let start = extraction.period.start
    let cuts = [-2, -1].map { extraction.period.advanced(by: $0).start } + [start, start.advanced(byDays: 15)]
    let projects = types.keys.sorted()
    for start in stride(from: 0, to: projects.count, by: rules.projectsPerQuery) {
      let group = Array(projects[start..<min(start + rules.projectsPerQuery, projects.count)])
      var names = names
      names.types = Set(group.flatMap { types[$0] ?? [] }).sorted()
      let parts = zip([nil] + cuts, cuts + [nil]).map { JiraSlice.Part.created(from: $0, to: $1) }
      slices += (parts + [.reopened]).map { JiraSlice(projects: group, part: $0, isCloud: isCloud, names: names) }
    }
    return slices
  }

  /// Looks up the mapping's projects on the site.
  private func projects(_ flavour: JiraFlavour) async -> [String: JiraProject] {
    var projects: [String: JiraProject] = [:]
    await concurrently(Set(accountsByComponent.keys.map(\.project))) { project -> JiraProject in
      guard let components = try await client.components(ofProject: project, flavour) else { return .absent }
      // If the types can't be listed, Jira rejects the search where it does not know the configured ones.
      let types = (try? await client.issueTypes(ofProject: project, flavour)) ?? nil
      return .present(components: components, types: types)
    } each: { project, result in
      switch result {
      case .success(let found): projects[project] = found
      case .failure(let error): projects[project] = .unreadable("\(error)")
      }
    }
    return projects
  }

  /// The priorities or statuses that the site lists; nil where it does not. An error becomes a note.
  private func listed(
    _ kind: String, _ found: inout JiraPartial, _ list: () async throws -> [JiraName]?
  ) async -> [JiraName]? {
    do {
      return try await list()
    } catch {
      found.notes.insert(
        "Jira does not tell its \(kind), so that configured names are held against the bugs only: \(error)")
      return nil
    }
  }

  private static func words(_ names: [JiraName]) -> Set<String> {
    Set(names.flatMap { [$0.name, $0.untranslatedName, $0.id].compactMap(\.self) })
  }

  private static func ids(_ names: [JiraName]?, _ configured: some Collection<String>) -> Set<String> {
    Set((names ?? []).filter { name in configured.contains { name.isMeant(by: $0) } }.compactMap(\.id))
  }

  /// What a query calls the configured names that the site lists.
  private static func queryNames(_ listed: [JiraName]?, _ configured: [String]) -> [String] {
    configured.flatMap { name in (listed ?? []).filter { $0.isMeant(by: name) }.map { $0.queryName(for: name) } }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
