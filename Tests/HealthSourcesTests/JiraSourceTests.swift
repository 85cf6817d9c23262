import Connectors
import HTTPClient
import HealthModel
import TestSupport
import Testing

@testable import HealthSources
@testable import Jira

/// A fake site with its bugs. It recognises each query by a text that only this query contains.
private struct Site: Sendable {
  var flavour = JiraFlavour.cloud
  var bugs = ""
  var reopened = ""
  var changelog = #"{"issueChangeLogs":[],"nextPageToken":null}"#
  var components = HTTPResponse.json(#"[{"id":"1","name":"sample 0001"}]"#)
  var reopenedStatus = 200
  /// The site's lists; nil for a list that it answers with 404.
  var priorities: String? = #"[{"id":"1","name":"Highest"},{"id":"2","name":"Critical"},{"id":"3","name":"Low"}]"#
  var statuses: String? = #"[{"id":"3","name":"In Progress"},{"id":"4","name":"Reopened"}]"#
  var types: String? = #"[{"id":"10001","name":"Task","statuses":[]},{"id":"10004","name":"Bug","statuses":[]}]"#

  func source() throws -> (JiraSource, ScriptedTransport) {
    let site = self
    let transport = ScriptedTransport { request in
      let path = String(request.url.dropFirst("https://jira.example".count))
      if path.hasSuffix("/myself") {
        return path.contains("/3/") == (site.flavour == .cloud) ? .json("{}") : .json("{}", status: 404)
      }
      if path.hasSuffix("/components") { return path.contains("STAY") ? site.components : .json("{}", status: 404) }
      if path.hasSuffix("/changelog/bulkfetch") { return .json(site.changelog) }
      for (name, list) in [("/priority", site.priorities), ("/status", site.statuses), ("/statuses", site.types)]
      where path.hasSuffix(name) { return list.map { .json($0) } ?? .json("{}", status: 404) }
      guard request.text.contains("CHANGED TO") else {
        // The slices of the month's two halves.
        let isRecent = ["2026-09-29", "2026-10-14"].contains { request.text.contains(#"AND created >= \"\#($0)\""#) }
        return page(isRecent ? site.bugs : "", site.flavour)
      }
      return site.reopenedStatus == 200
        ? page(site.reopened, site.flavour)
        : .json(
          #"{"errorMessages":["The value 'Reopened' does not exist for the field 'status'."],"errors":{}}"#, status: 400
        )
    }
    return (try JiraSource(transport), transport)
  }

  func observe() async throws -> SourceObservations { try await source().0.observeAll() }
}

private func page(_ issues: String, _ flavour: JiraFlavour) -> HTTPResponse {
  let count = issues.isEmpty ? 0 : issues.split(separator: "\n").count
  let list = issues.split(separator: "\n").joined(separator: ",")
  return .json(
    flavour == .cloud
      ? #"{"issues":[\#(list)],"isLast":true}"#
      : #"{"startAt":0,"maxResults":100,"total":\#(count),"issues":[\#(list)]}"#)
}

private func bug(
  _ id: String, created: String, resolved: String? = nil, status: String = "new", priority: String = "Low",
  components: [String] = ["Sample 0001"], changelog: String = ""
) -> String {
  let names = components.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
  return
    #"{"id":"\#(id)","fields":{"project":{"key":"STAY"},"components":[\#(names)],"priority":{"name":"\#(priority)"},"status":{"statusCategory":{"key":"\#(status)"}},"created":"\#(created)","resolutiondate":\#(resolved.map { "\"\($0)\"" } ?? "null")}\#(changelog)}"#
}

private let history =
  #"{"id":"1","created":CREATED,"items":[{"field":"status","fieldId":"status","fromString":"Done","toString":"reopened"}]}"#

@Suite struct JiraTests {
  @Test(arguments: [JiraFlavour.cloud, .server])
  func classifiesByInstants(_ flavour: JiraFlavour) async throws {
    var site = Site(flavour: flavour)
    site.bugs = [
      bug("1", created: "2026-10-05T00:00:00.000+0000", priority: "Critical"),
      // Resolved after the month: open as of its end.
      bug("2", created: "2026-10-10T00:00:00.000+0000", resolved: "2026-11-05T00:00:00.000+0000", status: "done"),
      bug("3", created: "2026-10-10T00:00:00.000+0000", resolved: "2026-10-12T00:00:00.000+0000", status: "done"),
      // The last instant of September by UTC, October by the site's clock.
      bug("4", created: "2026-10-01T01:59:59.999+0200", resolved: "2026-10-05T23:59:59.999+0000", status: "done"),
      // Created after the month, so it does not count.
      bug("5", created: "2026-11-01T00:00:00.000+0000"),
      bug("6", created: "2026-10-20T00:00:00.000+0000", components: ["Elsewhere"]),
    ].joined(separator: "\n")
    let observed = try await site.observe()
    let observations = observed.accounts[0].observations
    #expect(observations[.openBugs] == .value(2))
    #expect(observations[.criticalBugs] == .value(1))
    // The fourth is from September in UTC. It belongs to the slice of older bugs, for which this site returns none.
    #expect(observations[.averageResolution] == .value(2))
    #expect(observations[.bugTrend] == .value(3))
    #expect(observations[.reopenedBugs] == .value(0))
    #expect(observed.accounts[1].observations[.openBugs] == .missing(.notFound))
    #expect(observed.accounts[2].observations[.openBugs] == .missing(.notMapped))
    #expect(observed.received.skipped["component not mapped"] == 1)
  }

  @Test(arguments: [#""2026-10-12T10:00:00.000+0000""#, "1791800000", "1791800000000"])
  func takesTheInstantOfAReopeningFromTheChangelog(_ created: String) async throws {
    var site = Site(reopened: bug("7", created: "2026-01-01T00:00:00.000+0000"))
    let moved = history.replacing("CREATED", with: created)
    site.changelog = #"{"issueChangeLogs":[{"issueId":"7","changeHistories":[\#(moved)]}],"nextPageToken":null}"#
    #expect(try await site.observe().accounts[0].observations[.reopenedBugs] == .value(1))
    site.changelog = site.changelog.replacing(created, with: #""2026-11-01T00:00:00.000+0000""#)
    #expect(try await site.observe().accounts[0].observations[.reopenedBugs] == .value(0))
  }

  @Test func aServerSendsTheChangelogAlong() async throws {
    let moved = history.replacing("CREATED", with: #""2026-10-12T10:00:00.000+0000""#)
    let site = Site(
      flavour: .server,
      reopened: bug("7", created: "2026-01-01T00:00:00.000+0000", changelog: #","changelog":{"histories":[\#(moved)]}"#)
    )
    #expect(try await site.observe().accounts[0].observations[.reopenedBugs] == .value(1))
  }

  @Test func aStatusThatTheSiteLacksCostsOnlyItsMetric() async throws {
    let observed = try await Site(reopenedStatus: 400).observe()
    #expect(
      observed.accounts.map { $0.observations[.reopenedBugs] } == Array(repeating: .missing(.notConfigured), count: 3))
    #expect(observed.accounts[0].observations[.openBugs] == .value(0))
    #expect(observed.warnings.count { $0.contains("jira.reopened_statuses") } == 1)
  }

  @Test func aProjectThatCannotBeReadIsUnavailableNotUnknown() async throws {
    let observed = try await Site(components: .json("{}", status: 403)).observe()
    #expect(observed.accounts[0].observations[.openBugs] == .missing(.unavailable))
    #expect(observed.accounts[2].observations[.openBugs] == .missing(.notMapped))
  }

  /// The priorities have names in another language: critical bugs are not configured, not zero.
  @Test(arguments: [#"[{"id":"1","name":"Höchste"},{"id":"4","name":"Niedrig"}]"#, nil])
  func aPriorityInAnotherLanguageIsNotConfigured(_ priorities: String?) async throws {
    var site = Site(priorities: priorities)
    site.bugs = (1...6).map { bug("\($0)", created: "2026-10-05T00:00:00.000+0000", priority: "Höchste") }
      .joined(separator: "\n")
    let observed = try await site.observe()
    #expect(observed.accounts[0].observations[.criticalBugs] == .missing(.notConfigured))
    #expect(observed.accounts[0].observations[.openBugs] == .value(6))
    #expect(observed.warnings.contains { $0.contains("Höchste") && $0.contains("jira.critical_priorities") })
  }

  /// A priority also matches by its untranslated name, if the site gives one, and by its id.
  @Test func anUntranslatedNameOrAnIDIsTheSamePriority() async throws {
    var site = Site(priorities: #"[{"id":"1","name":"Höchste","untranslatedName":"Highest"}]"#)
    site.bugs = bug("1", created: "2026-10-05T00:00:00.000+0000", priority: "Höchste")
      .replacing(#""priority":{"#, with: #""priority":{"id":"1","#)
    #expect(try await site.observe().accounts[0].observations[.criticalBugs] == .value(1))
  }

  @Test func aProjectWithoutTheIssueTypeHasNoCounts() async throws {
    let observed = try await Site(types: #"[{"id":"7","name":"Defect","statuses":[]}]"#).observe()
    for metric in JiraSource.metrics {
      #expect(observed.accounts[0].observations[metric] == .missing(.notConfigured), "\(metric)")
    }
    #expect(observed.warnings.contains { $0.contains("Defect") && $0.contains("jira.bug_types") })
  }

  /// A history has the status's name of that time, in any language. The id does not change.
  @Test(arguments: [true, false]) func aHistoryIsReadByIDs(_ listsStatuses: Bool) async throws {
    var site = Site(reopened: bug("7", created: "2026-01-01T00:00:00.000+0000"))
    if !listsStatuses { site.statuses = nil }
    site.changelog =
      #"{"issueChangeLogs":[{"issueId":"7","changeHistories":[{"id":"1","created":"2026-10-12T10:00:00.000+0000","items":[{"field":"status","fieldId":"status","to":"4","toString":"重新打开"}]}]}],"nextPageToken":null}"#
    #expect(try await site.observe().accounts[0].observations[.reopenedBugs] == .value(1))
  }

  /// The search finds a reopened bug, but its history has no reopening: the metric is unavailable, not zero.
  @Test func aHistoryThatContradictsTheSearchIsUnreadable() async throws {
    var site = Site(reopened: bug("7", created: "2026-01-01T00:00:00.000+0000"))
    site.changelog =
      #"{"issueChangeLogs":[{"issueId":"7","changeHistories":[{"id":"1","created":"2026-10-12T10:00:00.000+0000","items":[{"field":"status","fieldId":"status","to":"3","toString":"In Progress"}]}]}],"nextPageToken":null}"#
    let observed = try await site.observe()
    #expect(observed.accounts[0].observations[.reopenedBugs] == .missing(.unavailable))
    #expect(observed.accounts[0].observations[.openBugs] == .value(0))
    #expect(observed.problem?.contains("reopened_bugs") == true)
  }

  /// Twelve bugs were done in the month and five after it, none with a resolution date. The date on which their status
  /// category changed is used.
  @Test func aBugMayBeDoneWithoutAResolution() async throws {
    var site = Site()
    site.bugs = (1...17).map { number in
      bug("\(number)", created: "2026-10-02T00:00:00.000+0000", status: "done").replacing(
        #""resolutiondate":null"#,
        with:
          #""resolutiondate":null,"statuscategorychangedate":"\#(number <= 12 ? "2026-10-20" : "2026-11-03")T08:00:00.000+0000""#
      )
    }.joined(separator: "\n")
    let observations = try await site.observe().accounts[0].observations
    #expect(observations[.openBugs] == .value(5))
    #expect(observations[.bugTrend] == .value(17.0 / 12))
    #expect(observations[.averageResolution]?.value.map { abs($0 - 18 - 1.0 / 3) < 1e-9 } == true)
    // Without that date too, the time is unknown.
    site.bugs = bug("1", created: "2026-10-02T00:00:00.000+0000", status: "done")
    #expect(try await site.observe().accounts[0].observations[.openBugs] == .missing(.unavailable))
  }

  @Test func aBugThatCannotBeReadSpoilsItsOwnAccountOnly() async throws {
    var site = Site(components: .json(#"[{"name":"Sample 0001"},{"name":"Sample 0002"}]"#))
    site.bugs = [
      bug("1", created: "2026-10-05T00:00:00.000+0000"),
      bug("2", created: "2026-10-05T00:00:00.000+0000").replacing(
        #""status":{"statusCategory":{"key":"new"}},"#, with: ""),
      bug("3", created: "2026-10-05T00:00:00.000+0000", components: ["Sample 0002"]),
    ].joined(separator: "\n")
    let observed = try await site.observe()
    for metric in [Metric.openBugs, .criticalBugs, .averageResolution, .bugTrend] {
      #expect(observed.accounts[0].observations[metric] == .missing(.unavailable), "\(metric)")
    }
    #expect(observed.accounts[0].observations[.reopenedBugs] == .value(0))
    #expect(observed.accounts[1].observations[.openBugs] == .value(1))
    #expect(observed.problem != nil)
  }

  /// The configuration has the project's old key, and its bugs come with the new one.
  @Test func aProjectMayHaveBeenGivenAnotherKey() async throws {
    var site = Site()
    site.bugs = bug("1", created: "2026-10-05T00:00:00.000+0000").replacing("STAY", with: "LODGE")
    #expect(try await site.observe().accounts[0].observations[.openBugs] == .value(1))
  }

  /// If the site's list of components is empty, a component that bugs name still exists.
  @Test func aComponentThatOnlyBugsNameExists() async throws {
    var site = Site(components: .json("[]"))
    let silent = try await site.observe()
    #expect(silent.accounts[0].observations[.openBugs] == .missing(.notFound))
    #expect(silent.warnings.contains { $0.contains("lists no components") && $0.contains("jira_component") })
    site.bugs = bug("1", created: "2026-10-05T00:00:00.000+0000")
    #expect(try await site.observe().accounts[0].observations[.openBugs] == .value(1))
  }

  /// A token for the next page means that there are more pages, even if `isLast` is true.
  @Test func aTokenMeansMore() async throws {
    let (_, recorded) = try Site().source()
    _ = recorded
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/myself") { return .json("{}") }
      if request.url.hasSuffix("/components") { return .json(#"[{"name":"Sample 0001"}]"#) }
      guard request.url.hasSuffix("/search/jql") else { return .json("{}", status: 404) }
      guard request.text.contains(#"AND created >= \"2026-10-14\""#) else { return page("", .cloud) }
      let (first, second) = (
        bug("1", created: "2026-10-20T00:00:00.000+0000"), bug("2", created: "2026-10-21T00:00:00.000+0000")
      )
      return request.text.contains("nextPageToken")
        ? .json(#"{"issues":[\#(second)],"isLast":true}"#)
        : .json(#"{"issues":[\#(first)],"isLast":true,"nextPageToken":"t100"}"#)
    }
    let source = try JiraSource(transport)
    #expect(try await source.observeAll().accounts[0].observations[.openBugs] == .value(2))
  }

  /// If the site refuses one project, only that project's accounts lose their metrics.
  @Test func aRefusedProjectCostsNoOther() async throws {
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/myself") { return .json("{}") }
      if request.url.hasSuffix("/components") { return .json(#"[{"name":"Sample 0001"},{"name":"Sample 0002"}]"#) }
      guard request.url.hasSuffix("/search/jql") else { return .json("{}", status: 404) }
      return request.text.contains("OTE")
        ? .json(
          #"{"errorMessages":["The value 'OTE' does not exist for the field 'project'."],"errors":{}}"#, status: 400)
        : page("", .cloud)
    }
    var accounts = october.accounts
    accounts[1].jiraProject = "OTE"
    let source = try JiraSource(
      transport, Extraction(period: october.period, asOf: october.asOf, isCurrent: true, accounts: accounts))
    let observed = try await source.observeAll()
    #expect(observed.accounts[0].observations[.openBugs] == .value(0))
    #expect(observed.accounts[0].observations[.reopenedBugs] == .value(0))
    for metric in JiraSource.metrics {
      #expect(observed.accounts[1].observations[metric] == .missing(.unavailable), "\(metric)")
    }
    #expect(observed.problem?.contains("OTE") == true)
    #expect(!observed.warnings.contains { $0.contains("reopened_statuses") })
  }

  /// Jira Data Center uses personal access tokens. They need no user and are sent as bearer tokens.
  @Test func aPersonalAccessTokenIsABearer() async throws {
    let transport = ScriptedTransport { _ in .json("{}", status: 401) }
    let source = try JiraSource(transport, email: "", token: "pat")
    let error = await #expect(throws: SourceError.self) { try await source.plan() }
    #expect(transport.requests[0].headers["Authorization"] == "Bearer pat")
    #expect(error?.message.contains("personal access token") == true)
  }

  @Test func neverAsksWithoutFieldsAndQuotesEveryName() async throws {
    let (source, transport) = try Site().source()
    _ = try await source.observeAll()
    let searches = transport.requests.filter { $0.url.hasSuffix("/rest/api/3/search/jql") }
    #expect(searches.count == 6)
    for search in searches {
      #expect(search.text.contains(#""fields":["#))
      #expect(search.text.contains(#"project in (\"STAY\")"#))
    }
  }

  @Test func explainsARemovedEndpoint() async throws {
    let transport = ScriptedTransport { _ in
      .json(#"{"errorMessages":["The requested API has been removed."],"errors":{}}"#, status: 410)
    }
    let source = try JiraSource(transport)
    let error = await #expect(throws: SourceError.self) { try await source.plan() }
    #expect(error?.message.contains("/rest/api/3/search/jql") == true)
    #expect(transport.requests.count == 1)
  }
}
