import HTTPClient
import HealthModel
import TestSupport
import Testing

@testable import Looker

/// An instance whose Looks and queries answer from a table of bodies; what is not there is an empty list.
private func observe(
  _ looks: [String: String], queries: [String: String] = [:], extraction: Extraction = october
) async throws -> SourceObservations {
  let transport = ScriptedTransport { request in
    if request.url.hasSuffix("/login") { return .json(#"{"access_token":"t","expires_in":3600}"#) }
    for (id, body) in looks where request.url.contains("/looks/\(id)/run/json?limit=-1") { return .json(body) }
    for (key, body) in queries where request.text.contains("\"\(key)\"") { return .json(body) }
    return .json("[]")
  }
  let source = LookerSource(
    api: api(transport),
    credentials: LookerCredentials(baseURL: "https://looker.example", clientID: "i", clientSecret: "s"),
    session: LookerSession(), options: try Shipped.configuration().sources.looker, extraction: extraction,
    time: VirtualTime().source)
  return try await source.observeAll()
}

private func bookings(_ brand: String, total: String = "200", wallet: String = "0.02", mobile: String = "0.03")
  -> String
{
  #"{"booking_summary.brand_id":\#(brand),"booking_summary.m_total_bookings":\#(total),"booking_summary.m_perc_of_bookings_with_messages":0.08,"booking_summary.m_perc_of_bookings_with_checkin":null,"booking_summary.m_perc_of_bookings_with_aw":\#(wallet),"booking_summary.m_perc_of_bookings_with_mk":\#(mobile)}"#
}

@Suite struct LookerTests {
  @Test func readsTheLooks() async throws {
    let facts = try await observe([
      // A number here, a text there: ids compare as strings.
      "171": "[\(bookings("9000")),\(bookings(#""9001""#, total: "0", wallet: "null"))]",
      "174":
        #"[{"flow_sends.brand_id":"9000","flow_sends.delivery_method":null},{"flow_sends.brand_id":"9000","flow_sends.delivery_method":"sms"}]"#,
      "176":
        #"[{"rudder_active_users.brand_id":"9000","rudder_active_users.dynamic_ranking_metric":500},{"rudder_active_users.brand_id":"9001","rudder_active_users.dynamic_ranking_metric":500}]"#,
      "177": #"[{"recommends_main.brand_id":"9000","recommends_main.logged_in_users_digi_it_m":"5"}]"#,
    ]).accounts
    let first = facts[0].observations
    #expect(first[.digitalKey] == .value(5))
    #expect(first[.conversationsPerBooking] == .value(8))
    #expect(first[.arrivalCIOL] == .missing(.noData))
    #expect(first[.automationActive] == .value(1))
    #expect(first[.itineraryBooking] == .value(2.5))
    #expect(first[.pageVisitsPerBooking] == .value(2.5))
    let second = facts[1].observations
    // No bookings leave nothing to divide by; the other fractions stand.
    #expect(second[.pageVisitsPerBooking] == .missing(.noData))
    #expect(second[.digitalKey] == .value(3))
    #expect(second[.automationActive] == .value(0))
    #expect(facts[2].observations[.digitalKey] == .missing(.notMapped))
  }

  @Test func aBrandThatNoLookKnowsIsNotFound() async throws {
    let facts = try await observe(
      ["171": "[\(bookings("9000"))]"],
      queries: [
        "platform_score.score":
          #"[{"platform_score.brand_id":"9001","platform_score.month":"2026-10","platform_score.score":70}]"#
      ])
    let second = facts.accounts[1].observations
    for metric in Dimension.platformValue.metrics { #expect(second[metric] == .missing(.notFound)) }
    // A view knows it, so adoption is only without data.
    #expect(second[.platformScore] == .value(70))
    #expect(second[.featureBreadth] == .missing(.noData))
    #expect(second[.platformScoreTrend] == .missing(.noData))
  }

  @Test func aFailedLookCostsItsMetricsAndMakesNothingKnown() async throws {
    let observed = try await observe([
      "171": #"[{"looker_error":"SQL: select secret"}]"#,
      "172": #"[{"allin_usage.brand_id":"9000","allin_usage.percent_of_messages_with_allin":0.5}]"#,
    ])
    let first = observed.accounts[0].observations
    #expect(first[.digitalKey] == .missing(.unavailable))
    #expect(first[.pageVisitsPerBooking] == .missing(.unavailable))
    #expect(first[.allinConversations] == .value(50))
    // Whether the brand exists is unclear: neither zero nor not found.
    #expect(observed.accounts[1].observations[.automationActive] == .missing(.unavailable))
    #expect(observed.accounts[1].observations[.allinConversations] == .missing(.noData))
  }

  @Test func comparesWithEarlierMonths() async throws {
    let facts = try await observe(
      ["171": "[\(bookings("9000"))]"],
      queries: [
        // The filter may be ignored: other months are left out here.
        "platform_score.score":
          #"[{"platform_score.brand_id":"9000","platform_score.month":"2026-10","platform_score.score":70},{"platform_score.brand_id":"9000","platform_score.month":"2026-07","platform_score.score":64.5}]"#,
        "feature_usage.arrivals":
          #"[{"feature_usage.brand_id":"9000","feature_usage.month":"2026-10-01","feature_usage.feature_breadth":0.4,"feature_usage.page_visits":300,"feature_usage.arrivals":100},{"feature_usage.brand_id":"9000","feature_usage.month":"2026-09-01","feature_usage.feature_breadth":0.3,"feature_usage.page_visits":200,"feature_usage.arrivals":100}]"#,
      ]
    ).accounts[0].observations
    #expect(facts[.platformScoreTrend] == .value(5.5))
    #expect(facts[.featureBreadth] == .value(40))
    #expect(facts[.pageVisitsPerArrival] == .value(3))
    #expect(facts[.pageVisitsTrend] == .value(50))
  }

  @Test func aRenamedFieldCostsItsMetricOnly() async throws {
    let observed = try await observe(["171": "[\(bookings("9000").replacing("with_messages", with: "with_chats"))]"])
    #expect(observed.accounts[0].observations[.conversationsPerBooking] == .missing(.unavailable))
    #expect(observed.accounts[0].observations[.digitalKey] == .value(5))
    #expect(observed.problem?.contains("m_perc_of_bookings_with_messages") == true)
  }

  @Test func anOlderMonthIsNotAsOfUnlessTheBrandIsUnknown() async throws {
    let older = Extraction(
      period: october.period, asOf: october.asOf, isCurrent: false, accounts: october.accounts)
    let facts = try await observe(["171": "[\(bookings("9000"))]"], extraction: older).accounts
    #expect(facts[0].observations[.digitalKey] == .missing(.notAsOf))
    #expect(facts[1].observations[.digitalKey] == .missing(.notFound))
    #expect(facts[2].observations[.digitalKey] == .missing(.notMapped))
  }
}
