import HealthModel
import HealthSources
import Looker
import TestSupport
import Testing

/// From answers as the vendors document them to every metric; the expected values were worked out by hand.
@Suite struct DocumentedAnswersTests {
  private func expect(
    _ observed: SourceObservations, _ values: [(Metric, Observation, Observation)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (metric, one, two) in values {
      #expect(observed.accounts[0].observations[metric] == one, "One: \(metric.path)", sourceLocation: sourceLocation)
      #expect(observed.accounts[1].observations[metric] == two, "Two: \(metric.path)", sourceLocation: sourceLocation)
    }
    #expect(observed.problem == nil, sourceLocation: sourceLocation)
  }

  @Test func intercom() async throws {
    let transport = ScriptedTransport { request in
      switch request.url.dropFirst("https://intercom.example".count) {
      case "/conversations/search":
        try .fixture("intercom/conversations-search-\(request.text.contains("starting_after") ? 2 : 1).json")
      case "/tags": try .fixture("intercom/tags.json")
      case let url where url.hasPrefix("/contacts/"): try .fixture("intercom/companies-of-contact.json")
      case let url where url.hasSuffix("company_id=c2"): try .fixture("intercom/company-by-company-id-single.json")
      case let url where url.contains("company_id="): try .fixture("intercom/company-by-company-id.json")
      default: try .fixture("intercom/error-404-company.json", status: 404)
      }
    }
    let observed = try await IntercomSource(transport).observeAll()
    expect(
      observed,
      [
        (.totalConversations, .value(7), .value(1)), (.p1p2, .value(4.0 / 7 * 100), .value(0)),
        (.escalation, .value(3.0 / 7 * 100), .value(0)), (.reopenRate, .value(1.0 / 7 * 100), .value(0)),
        (.medianFirstResponse, .value(600), .value(4500)), (.medianResolution, .value(3600), .value(612_000)),
        (.csatScore, .value(3.8), .value(4)), (.csatResponseRate, .value(5.0 / 7 * 100), .value(100)),
        (.unanswered, .value(2.0 / 7 * 100), .value(0)),
      ])
    #expect(observed.received.announced == 13 && observed.received.used == 9 && observed.received.lost == 0)
    #expect(observed.warnings.isEmpty && transport.requests.count == 6)
  }

  @Test(arguments: [true, false]) func jira(_ isCloud: Bool) async throws {
    let transport = ScriptedTransport { request in
      let url = request.url
      let isReopened = request.text.contains("CHANGED TO")
      if url.hasSuffix("/rest/api/3/myself"), !isCloud {
        return try .fixture("jira/error-404-server.json", status: 404)
      }
      if url.hasSuffix("/myself") { return try .fixture("jira/myself\(isCloud ? "" : "-server").json") }
      if url.hasSuffix("/components") { return try .fixture("jira/components.json") }
      if url.hasSuffix("/statuses") { return try .fixture("jira/statuses-of-project.json") }
      if url.hasSuffix("/priority") { return try .fixture("jira/priorities.json") }
      if url.hasSuffix("/status") { return try .fixture("jira/statuses.json") }
      if url.hasSuffix("/bulkfetch") {
        return try .fixture("jira/changelog-bulkfetch-\(request.text.contains("UxAQBFRF") ? 2 : 1).json")
      }
      let kind = isCloud ? "jql" : "server"
      if isReopened { return try .fixture("jira/search-\(kind)-reopened.json") }
      let isSecond = request.text.contains(isCloud ? "nextPageToken" : "\"startAt\":3")
      return try .fixture("jira/search-\(kind)-\(isSecond ? 2 : 1).json")
    }
    let observed = try await JiraSource(transport).observeAll()
    if isCloud {
      expect(
        observed,
        [
          (.openBugs, .value(3), .value(2)), (.criticalBugs, .value(1), .value(1)),
          (.reopenedBugs, .value(1), .value(0)), (.averageResolution, .value(10.21875), .value(2.4375)),
          (.bugTrend, .value(2), .value(1)),
        ])
      #expect(transport.requests.count == 18 && observed.received.used == 9)
    } else {
      expect(
        observed,
        [
          (.openBugs, .value(2), .value(1)), (.criticalBugs, .value(1), .value(0)),
          (.reopenedBugs, .value(1), .value(1)), (.averageResolution, .value(2.5), .missing(.noData)),
          (.bugTrend, .value(3), .value(0)),
        ])
      #expect(observed.received.announced == 27 && observed.received.lost == 0)
    }
    #expect(observed.warnings.isEmpty)
  }

  @Test func looker() async throws {
    let transport = ScriptedTransport { request in
      let url = request.url
      if url.hasSuffix("/login") { return try .fixture("looker/login.json") }
      if let run = url.firstRange(of: "/run/json"), let looks = url.firstRange(of: "/looks/") {
        return try .fixture("looker/look-run-\(url[looks.upperBound..<run.lowerBound]).json")
      }
      if url.contains("/looks/") { return try .fixture("looker/look.json") }
      if request.text.contains("feature_usage") { return try .fixture("looker/query-run-feature-usage.json") }
      return try .fixture(
        "looker/query-run-platform-score-\(request.text.contains("2026-07") ? "2026-07" : "2026-10").json")
    }
    let rules = try Shipped.rules(LookerSource.self)
    let time = VirtualTime("2026-11-01T12:00:00Z").source
    let client = LookerClient(
      api: api(transport),
      credentials: LookerCredentials(baseURL: "https://looker.example", clientID: "i", clientSecret: "s"),
      session: LookerSession(), time: time)
    let observed = try await LookerSource(client: client, rules: rules, extraction: october, time: time).observeAll()
    let none = Observation.missing(.noData)
    expect(
      observed,
      [
        (.positiveSentiment, .value(100.00000000000003), .value(91.5)),
        (.responseBeforeTarget, .value(87), .value(50)), (.allinConversations, .value(42.5), .value(0)),
        (.conversationsPerBooking, .value(8), .value(0)), (.arrivalCIOL, none, .value(25)),
        (.digitalKey, .value(5), .value(3)), (.automationActive, .value(1), .value(0)),
        (.itineraryBooking, .value(2.5), none), (.pageVisitsPerBooking, .value(2.5), none),
        (.platformScore, .value(70), .value(81.25)), (.platformScoreTrend, .value(5.5), none),
        (.featureBreadth, .value(40), .value(25)), (.pageVisitsPerArrival, .value(3), none),
        (.pageVisitsTrend, .value(50), none),
      ])
    #expect(observed.received.used == 21 && transport.requests.count == 20)
    #expect(observed.warnings.count == 2 && observed.warnings[0].contains("1 rows of Look 172 name no brand"))
    #expect(observed.warnings[1].contains("license_utilisation_pct is not configured"))
  }

  @Test func salesforce() async throws {
    let objects = [
      "Account": "account", "Opportunity": "opportunity", "Payment_Record__c": "payment-record",
      "Account_History__c": "account-history", "Event": "event",
      "AccountContactRelation": "account-contact-relation", "CSQL__c": "csql", "Churn_Signal__c": "churn-signal",
      "Health_Score__c": "health-score",
    ]
    let transport = ScriptedTransport { request in
      let url = request.url
      if url.hasSuffix("/oauth2/token") { return try .fixture("salesforce/token.json") }
      if url.contains("0r8SBx000000001YAA-3") { return try .fixture("salesforce/query-2.json") }
      for (object, file) in objects {
        if url.hasSuffix("/\(object)/describe") { return try .fixture("salesforce/describe-\(file).json") }
        guard url.contains("%20FROM%20\(object)%20") else { continue }
        switch object {
        case "Payment_Record__c": return try .fixture("salesforce/query-1.json")
        case "Opportunity":
          return try .fixture(
            "salesforce/query-opportunity-\(url.contains("IsClosed%20%3D%20false") ? "renewals" : "changes").json")
        default: return try .fixture("salesforce/query-\(file).json")
        }
      }
      return try .fixture("salesforce/error-404.json", status: 404)
    }
    let observed = try await SalesforceSource(transport).observeAll()
    let none = Observation.missing(.noData)
    expect(
      observed,
      [
        (.daysToRenewal, .value(-10), .value(60)), (.paymentHealth, .value(1), .value(2)),
        (.contractChanges, .value(1), .value(2)), (.arrTrajectory, .value(50), none),
        (.tierAlignment, .value(1), none), (.qbrAttendance, .value(2.0 / 3 * 100), none),
        (.championStability, .value(10), none), (.expansionSignals, .value(2), .value(0)),
        (.responsiveness, .missing(.notConfigured), .missing(.notConfigured)),
      ])
    let one = observed.accounts[0]
    #expect(one.arr == 300_000 && one.renewalDate?.description == "2026-10-22")
    #expect(one.previousHealth == 64.5 && one.previousTier == .atRisk)
    guard case .known(let signals) = one.signals else {
      Issue.record("no signals")
      return
    }
    #expect(signals.map(\.severity).sorted() == [.moderate, .critical])
    #expect(observed.received.announced == 40 && observed.received.used == 31 && observed.received.lost == 0)
    #expect(observed.warnings.isEmpty && transport.requests.count == 21)
  }
}
