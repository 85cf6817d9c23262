import HealthModel
import TestSupport
import Testing

@testable import HealthSources
@testable import Looker

private func source(
  _ transport: ScriptedTransport, extraction: Extraction = october, at now: String = "2026-11-01T12:00:00Z",
  timeZone: String? = nil
) throws -> LookerSource {
  var rules = try Shipped.rules(LookerSource.self)
  rules.timeZone = timeZone
  let time = VirtualTime(now).source
  let client = LookerClient(
    api: api(transport),
    credentials: LookerCredentials(baseURL: "https://looker.example", clientID: "i", clientSecret: "s"),
    session: LookerSession(), time: time)
  return LookerSource(client: client, rules: rules, extraction: extraction, time: time)
}

/// Reads a fake instance. Its Looks and queries answer with the given bodies; all others with an empty list.
private func observe(
  _ looks: [String: String], queries: [String: String] = [:], extraction: Extraction = october
) async throws -> SourceObservations {
  let transport = ScriptedTransport { request in
    if request.url.hasSuffix("/login") { return .json(#"{"access_token":"t","expires_in":3600}"#) }
    for (id, body) in looks where request.url.contains("/looks/\(id)/run/json?limit=-1") { return .json(body) }
    for (key, body) in queries where request.text.contains("\"\(key)\"") { return .json(body) }
    return .json("[]")
  }
  return try await source(transport, extraction: extraction).observeAll()
}

private func bookings(_ brand: String, total: String = "200", wallet: String = "0.02", mobile: String = "0.03")
  -> String
{
  #"{"booking_summary.brand_id":\#(brand),"booking_summary.m_total_bookings":\#(total),"booking_summary.m_perc_of_bookings_with_messages":0.08,"booking_summary.m_perc_of_bookings_with_checkin":null,"booking_summary.m_perc_of_bookings_with_aw":\#(wallet),"booking_summary.m_perc_of_bookings_with_mk":\#(mobile)}"#
}

@Suite struct LookerTests {
  @Test func readsTheLooks() async throws {
    let facts = try await observe([
      // One id is a number and one a text: ids are compared as texts.
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
    // Without bookings this ratio can't be calculated, but the other metrics can.
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
    // One view has the brand, so the other adoption metrics have no data; the reason is not that it is unknown.
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
    // It is unclear whether the brand exists, so the metric is neither zero nor not found.
    #expect(observed.accounts[1].observations[.automationActive] == .missing(.unavailable))
    #expect(observed.accounts[1].observations[.allinConversations] == .missing(.noData))
  }

  @Test func comparesWithEarlierMonths() async throws {
    let facts = try await observe(
      ["171": "[\(bookings("9000"))]"],
      queries: [
        // The instance may ignore the filter, so the client skips rows of other months.
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

  private static let shared = "allin_usage.percent_of_messages_with_allin"

  /// A cell that can't be read is unavailable, not empty. So is a share below 0 or above 1.
  @Test(arguments: [
    #"{"2026-10":0.4}"#, #""42.5%""#, #""0,4""#, #""NaN""#, #""1,234""#, "[0.4]", "1e999", "true", "42.5", "-0.44",
    "1.01",
  ])
  func aCellThatCannotBeReadIsUnavailable(_ cell: String) async throws {
    let observed = try await observe([
      "171": "[\(bookings("9000")),\(bookings("9001"))]",
      "172":
        #"[{"allin_usage.brand_id":"9000","\#(Self.shared)":\#(cell)},{"allin_usage.brand_id":"9001","\#(Self.shared)":0.5}]"#,
    ])
    #expect(observed.accounts[0].observations[.allinConversations] == .missing(.unavailable))
    #expect(observed.accounts[1].observations[.allinConversations] == .value(50))
    #expect(observed.problem?.contains(Self.shared) == true)
    if ["42.5", "-0.44", "1.01"].contains(cell) { #expect(observed.problem?.contains("unit: percent") == true) }
  }

  @Test(arguments: [("null", 0.0), (#""null""#, 0), (#""""#, 0), (#""sms""#, 1), ("3", 1)])
  func anyFlowIsOne(_ cell: String, _ expected: Double) async throws {
    let observed = try await observe([
      "171": "[\(bookings("9000"))]", "174": #"[{"flow_sends.brand_id":"9000","flow_sends.delivery_method":\#(cell)}]"#,
    ])
    #expect(observed.accounts[0].observations[.automationActive] == .value(expected))
  }

  @Test func aPivotedFlowIsUnavailable() async throws {
    let observed = try await observe([
      "171": "[\(bookings("9000"))]",
      "174": #"[{"flow_sends.brand_id":"9000","flow_sends.delivery_method":{"email":3}}]"#,
    ])
    #expect(observed.accounts[0].observations[.automationActive] == .missing(.unavailable))
    #expect(observed.problem?.contains("flow_sends.delivery_method") == true)
  }

  @Test func aMonthThatIsWrittenOutSpoilsItsBrand() async throws {
    let observed = try await observe(
      ["171": "[\(bookings("9000"))]"],
      queries: [
        "platform_score.score":
          #"[{"platform_score.brand_id":"9000","platform_score.month":"October 2026","platform_score.score":70}]"#
      ])
    #expect(observed.accounts[0].observations[.platformScore] == .missing(.unavailable))
    #expect(observed.problem?.contains("platform_score.month") == true)
  }

  /// A Look returns at most as many rows as its own limit. At that limit, a brand without a row may have been cut off.
  @Test(arguments: [("2", true), ("5000", false)]) func aLookMayBeCutOffAtItsOwnLimit(_ limit: String, _ isCut: Bool)
    async throws
  {
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/login") { return .json(#"{"access_token":"t","expires_in":3600}"#) }
      if request.url.hasSuffix("/looks/174") { return .json(#"{"id":"174","query":{"limit":"\#(limit)"}}"#) }
      if request.url.contains("/looks/171/run") { return .json("[\(bookings("9000")),\(bookings("9001"))]") }
      if request.url.contains("/looks/174/run") {
        return .json(
          #"[{"flow_sends.brand_id":"9000","flow_sends.delivery_method":"sms"},{"flow_sends.brand_id":"8000","flow_sends.delivery_method":"sms"}]"#
        )
      }
      return .json("[]")
    }
    let observed = try await source(transport).observeAll()
    #expect(observed.accounts[0].observations[.automationActive] == .value(1))
    #expect(observed.accounts[1].observations[.automationActive] == (isCut ? .missing(.unavailable) : .value(0)))
    #expect((observed.problem?.contains("Look 174 gave exactly 2 rows") == true) == isCut)
  }

  @Test func rowsWithoutABrandAndBrandsOfNobodyAreSaid() async throws {
    let rows = (0..<40).map { #"{"allin_usage.brand_id":"\#($0 == 0 ? "9000" : "8\($0)")","\#(Self.shared)":0.5}"# }
    let observed = try await observe([
      "171": "[\(bookings("9000"))]",
      "172": #"[{"allin_usage.brand_id":null,"\#(Self.shared)":0.5},\#(rows.joined(separator: ","))]"#,
      "173":
        #"[{"conversation_sentiment.brand_id":" 9000 ","conversation_sentiment.percent_positive_conversations":0.5}]"#,
    ])
    #expect(observed.warnings.contains { $0.contains("1 rows of Look 172 name no brand") })
    #expect(observed.warnings.contains { $0.contains("no brand of Look 173") && $0.contains("blanks") })
    #expect(observed.accounts[0].observations[.allinConversations] == .value(50))
    #expect(observed.accounts[0].observations[.positiveSentiment] == .missing(.noData))
  }

  /// The instance's time zone, the configured one, the time of the run → a part of the warning, nil for no warning.
  @Test(arguments: [
    ("America/Los_Angeles", nil, "2026-11-01T06:00:00Z", "08:00 UTC"),
    ("America/Los_Angeles", nil, "2026-11-01T08:00:00Z", nil),
    ("America/Chicago", nil, "2026-11-01T05:59:59Z", "06:00 UTC"),
    ("America/Chicago", nil, "2026-11-01T06:00:00Z", nil),
    ("Asia/Tokyo", nil, "2026-11-01T00:00:00Z", nil),
    ("UTC", nil, "2026-11-01T00:00:00Z", nil),
    ("America/Nowhere", nil, "2026-11-01T11:00:00Z", "may still be in 2026-10"),
    (nil, nil, "2026-11-01T06:00:00Z", "set looker.time_zone"),
    (nil, "Europe/Berlin", "2026-11-01T06:00:00Z", nil),
    ("UTC", "Pacific/Honolulu", "2026-11-01T06:00:00Z", "cron(0 10 1 * ? *)"),
    (nil, nil, "2026-11-01T12:00:00Z", nil),
  ]) func aMonthThatGoesOnOverThereIsSaid(_ zone: String?, _ configured: String?, _ now: String, _ said: String?)
    async throws
  {
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/login") { return .json(#"{"access_token":"t","expires_in":3600}"#) }
      if request.url.contains("/setting") {
        return zone.map { .json(#"{"timezone":"\#($0)"}"#) } ?? .json("{}", status: 403)
      }
      return .json("[]")
    }
    let observed = try await source(transport, at: now, timeZone: configured).observeAll()
    let warnings = observed.warnings.filter { $0.contains("time zone") }
    #expect(warnings.count == (said == nil ? 0 : 1))
    if let said { #expect(warnings.first?.contains(said) == true, "\(warnings)") }
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
