import HTTPClient
import HealthModel
import TestSupport
import Testing

@testable import Jira

/// Bugs of the site; queries are told apart by what only they contain.
private struct Site: Sendable {
  var flavour = JiraFlavour.cloud
  var bugs = ""
  var reopened = ""
  var changelog = #"{"issueChangeLogs":[],"nextPageToken":null}"#
  var components = HTTPResponse.json(#"[{"id":"1","name":"sample 0001"}]"#)
  var reopenedStatus = 200
  /// What the site lists; nil where it does not.
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
    let options = try Shipped.configuration().sources.jira
    return (
      JiraSource(
        api: api(transport),
        credentials: JiraCredentials(baseURL: "https://jira.example", email: "e", token: "t"), options: options,
        extraction: october), transport
    )
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
      // After the month: not known yet.
      bug("5", created: "2026-11-01T00:00:00.000+0000"),
      bug("6", created: "2026-10-20T00:00:00.000+0000", components: ["Elsewhere"]),
    ].joined(separator: "\n")
    let observed = try await site.observe()
    let observations = observed.accounts[0].observations
    #expect(observations[.openBugs] == .value(2))
    #expect(observations[.criticalBugs] == .value(1))
    // The fourth belongs to the slice of older bugs, which this site answers empty.
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
    let source = JiraSource(
      api: api(transport), credentials: JiraCredentials(baseURL: "https://jira.example", email: "e", token: "t"),
      options: try Shipped.configuration().sources.jira, extraction: october)
    let error = await #expect(throws: SourceError.self) { try await source.plan() }
    #expect(error?.message.contains("/rest/api/3/search/jql") == true)
    #expect(transport.requests.count == 1)
  }
}
