import CardJob
import CardModel
import Foundation
import HTTPClient
import Runs
import TestSupport
import Testing
import Time

@testable import Sandbox

/// What the files of the configuration do to the cards, and what is said of faulty ones.
@Suite struct CardSettingsTests {
  private func oracle(_ days: CardDays) -> CardOracle {
    let now = days.time.source.now
    return CardOracle(world: days.services.cards, today: now.date, now: now)
  }

  @Test func theActiveConfigurationIsComputedAndExplained() async throws {
    let plain = try CardDays()
    let changed = try CardDays(files: [
      "cards.yaml":
        "staged: campaigns\nclock: business\nnear_pct: 0\nbenchmarks:\n  email_reply_rate: { value: 8.5 %, source: Sample Research }\n"
    ])
    defer {
      plain.remove()
      changed.remove()
    }
    let (first, second) = (try await plain.run(), try await changed.run())
    let runway = (try #require(first.card(.leadQueueRunway)), try #require(second.card(.leadQueueRunway)))
    #expect(CardOracle.agrees(runway.0, oracle(plain).runway()))
    #expect(CardOracle.agrees(runway.1, oracle(changed).runway(staged: true)))
    #expect(runway.0.tooltip.calculation.hasPrefix("Leads of active campaigns that"))
    #expect(runway.1.tooltip.calculation.contains("active, drafted and paused"))
    let response = (try #require(first.card(.ticketResponseTime)), try #require(second.card(.ticketResponseTime)))
    #expect(CardOracle.agrees(response.1, oracle(changed).responseHours(business: true)))
    #expect(response.0.tooltip.calculation.contains("Calendar hours"))
    #expect(response.1.tooltip.calculation.contains("Business hours"))
    #expect(first.card(.emailReplyRate)?.tooltip.benchmark == nil)
    #expect(second.card(.emailReplyRate)?.tooltip.benchmark == "8.5 % (Sample Research)")
    // A window is said too.
    var settings = CardSettings()
    settings.windows.recent = 14
    #expect(CardTooltip(.meetingsHeld, settings, target: nil).calculation.contains("last 14 whole days"))
    for card in CardID.allCases {
      let tooltip = CardTooltip(card, settings, target: nil)
      #expect([tooltip.definition, tooltip.why, tooltip.calculation, tooltip.edgeCases].allSatisfy { $0.count > 24 })
    }
  }

  /// A day is the zone's: from New York's midnight to its next.
  @Test func daysAreTheZones() async throws {
    var world = CardWorld()
    let instants = ["2026-11-26T04:59:59Z", "2026-11-26T05:00:00Z", "2026-11-27T04:59:59Z", "2026-11-27T05:00:00Z"]
    world.crm["meetings"] = instants.enumerated().map { index, text in
      .init(id: index + 1, properties: ["hs_meeting_start_time": text, "hs_meeting_outcome": "COMPLETED"])
    }
    let days = try CardDays(
      world: world, start: "2026-11-27T09:00:00Z", files: ["cards.yaml": "time_zone: America/New_York\n"])
    defer { days.remove() }
    let answer = try await days.run(#"{"cards":["meetings_held"]}"#)
    #expect(answer.card(.meetingsHeld)?.value == "3")
    #expect(
      "\(answer.date)" == "2026-11-27" && answer.card(.meetingsHeld)?.asOf == Timestamp(iso8601: "2026-11-27T05:00:00Z")
    )
    // An hour before its midnight it is still the day before.
    let evening = try CardDays(
      world: world, start: "2026-11-27T04:30:00Z", files: ["cards.yaml": "time_zone: America/New_York\n"])
    defer { evening.remove() }
    let before = try await evening.run(#"{"cards":["meetings_held"]}"#)
    #expect("\(before.date)" == "2026-11-26" && before.card(.meetingsHeld)?.value == "1")
  }

  @Test(arguments: [
    ("time_zone: Berlin/Nowhere\n", "cards.yaml:1:12: time_zone: expected a time zone"),
    ("time_zone: ../../etc/passwd\n", "cards.yaml:1:12: time_zone: expected a time zone"),
    ("base_currency: euro\n", "cards.yaml:1:16: base_currency: expected the three letters"),
    ("staged: lists\n", "cards.yaml:1:9: staged: expected one of none, campaigns"),
    ("cash_accounts: { allow: [a], deny: [b] }\n", "cash_accounts: expected allow or deny"),
    ("near_pct: 200\n", "near_pct: expected a number from 0 to 100"),
    ("benchmarks: { nps: { value: 1, source: x } }\n", "benchmarks.nps: unknown key"),
    ("window_days: 7\n", "window_days: unknown key"),
    ("rate_limits: { hubspot: { requests: 0, window_seconds: 1, concurrency: 1 } }\n", "rate_limits.hubspot.requests"),
  ])
  func aFaultyFileIsRefusedWithItsPlace(_ text: String, _ message: String) async throws {
    let days = try CardDays(files: ["cards.yaml": text])
    defer { days.remove() }
    let error = await #expect(throws: JobError.self) { _ = try await days.run() }
    #expect(error?.kind == .invalidConfiguration && error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func everyKeyMayBeLeftOut() async throws {
    let days = try CardDays(files: ["cards.yaml": "{}\n"])
    defer { days.remove() }
    #expect(try await days.run().status == .succeeded)
  }

  // MARK: Targets

  @Test func targetsAreOverriddenOneByOne() async throws {
    let days = try CardDays()
    defer { days.remove() }
    try days.write(
      #"{"cash_position": {"operator": ">", "value": "600000"}, "open_tickets": {"operator": "<=", "value": 90}}"#,
      to: "output/targets.json")
    let answer = try await days.run()
    #expect(
      answer.card(.cashPosition)?.target?.words == "> 600000" && answer.card(.cashPosition)?.targetStatus == .missed)
    #expect(answer.card(.openTickets)?.target?.words == "<= 90")
    #expect(answer.card(.leadQueueRunway)?.target?.words == ">= 30")
    // In the bucket it counts more.
    try await put("open_tickets: { operator: \"<\", value: 1 }\n", "targets.yaml", days)
    #expect(try await days.run("{}", aws: true).card(.openTickets)?.target?.words == "< 1")
  }

  private func put(_ text: String, _ key: String, _ days: CardDays) async throws {
    let response = try await days.transport.send(
      HTTPRequest(
        .put, "\(ScriptedTransport.sandboxBase)/s3/reports-bucket/\(key)",
        headers: ["Authorization": "AWS4-HMAC-SHA256 Credential=another"], body: Array(text.utf8)))
    #expect(response.isSuccess)
  }

  @Test(arguments: [
    ("nps: { operator: \"<\", value: 1 }\n", "targets.yaml:1:1: nps: unknown key"),
    ("cash_position: { operator: \"!=\", value: 1 }\n", "targets.yaml:1:28: cash_position.operator: expected one of >"),
    ("cash_position: { operator: \">\", value: much }\n", "cash_position.value: expected a decimal number"),
    ("cash_position: [\n", "targets.yaml:"),
  ])
  func aFaultyTargetIsSaidAndTheCardsCome(_ text: String, _ message: String) async throws {
    let days = try CardDays()
    defer { days.remove() }
    // As somebody set it: the configuration's holds, and the card says that this is in doubt.
    try days.write(text, to: "output/targets.yaml")
    let overridden = try await days.run()
    #expect(overridden.warnings.contains { $0.contains(message) }, "\(overridden.warnings)")
    #expect(overridden.counts["ok"] == 15)
    #expect(overridden.card(.cashPosition)?.target?.words == "> 500000")
    #expect(overridden.card(.cashPosition)?.warnings.contains { $0.contains("refused") } == true)
    #expect(overridden.card(.openTickets)?.warnings.isEmpty == true)
    // As the configuration's own: the cards that have no target don't need it.
    try FileManager.default.removeItem(atPath: days.folder + "/targets.yaml")
    try days.write(text, to: "config/targets.yaml")
    let answer = try await days.run()
    #expect(answer.warnings.contains { $0.contains(message) } && answer.counts["ok"] == 15)
    let isAbout = !text.hasPrefix("nps")
    #expect(answer.card(.cashPosition)?.targetStatus == (isAbout ? .unknown : TargetStatus.none))
  }

  // MARK: Ad spend and approved offers

  @Test(arguments: [
    ("2026-11-20,google_ads,Main,Brand,12.5,USD,\n2026-11-20,google_ads,Main,Brand,1,USD,", "bad.csv:3: the same day"),
    ("2026-13-20,google_ads,Main,Brand,12.5,USD,", "bad.csv:2: spend_date: expected a day"),
    ("2026-12-20,google_ads,Main,Brand,12.5,USD,", "bad.csv:2: spend_date: expected a day that is not in the future"),
    ("2026-11-20,radio,Main,Brand,12.5,USD,", "bad.csv:2: channel: expected one of google_ads"),
    ("2026-11-20,meta,Main,Brand,\"1,200.00\",USD,", "bad.csv:2: amount: expected a decimal number"),
    ("2026-11-20,meta,Main,Brand,12.5,dollars,", "bad.csv:2: currency: expected the three letters"),
    ("2026-11-20,meta,Main,,12.5,USD,", "bad.csv:2: campaign: is missing"),
    ("2026-11-20,meta,Main,Brand,12.5", "bad.csv:2: the row has 5 fields, expected 7"),
  ])
  func aBadRowRefusesItsFileAlone(_ rows: String, _ message: String) async throws {
    let days = try CardDays()
    defer { days.remove() }
    let header = "spend_date,channel,account,campaign,amount,currency,note\n"
    try days.write("\u{FEFF}\(header)\(rows)\n", to: "config/ad_spend/bad.csv")
    let card = try #require(try await days.run(#"{"cards":["cost_per_mql"]}"#).card(.costPerMQL))
    #expect(card.state == .partial && card.reason == "1 file refused")
    #expect(CardOracle.agrees(card, oracle(days).costPerMQL))
    #expect(card.warnings.contains { $0.contains("ad_spend/\(message)") }, "\(card.warnings)")
  }

  @Test func laterFilesReplaceRowsAndOtherCurrenciesAreLeftOut() async throws {
    let header = "spend_date,channel,account,campaign,amount,currency,note\n"
    var world = CardWorld(now: Timestamp(iso8601: "2026-11-27T05:00:00Z")!)
    world.adSpend = [
      "a.csv": header + "2026-11-20,meta,Main,Brand,100.00,USD,\n2026-11-21,meta,Main,Brand,50.25,USD,\n",
      "b.csv": header + "2026-11-20,meta,Main,Brand,70.00,USD,corrected\n2026-11-22,meta,Main,Brand,9.00,EUR,\n",
    ]
    let days = try CardDays(world: world)
    defer { days.remove() }
    let card = try #require(try await days.run().card(.costPerMQL))
    #expect(card.breakdown.first { $0.label == "ad spend" }?.value == "120.25")
    #expect(card.state == .partial && card.reason == "1 rows are in EUR, not in USD, and are not counted")
    // The bucket's file of a later name replaces too.
    try await put(header + "2026-11-20,meta,Main,Brand,1.00,USD,\n", "ad_spend/c.csv", days)
    let again = try #require(try await days.run("{}", aws: true).card(.costPerMQL))
    #expect(again.breakdown.first { $0.label == "ad spend" }?.value == "51.25")
  }

  @Test func noSpendAndNoLeadsHaveTheirStates() async throws {
    let days = try CardDays()
    defer { days.remove() }
    var world = days.services.cards
    world.crm["contacts"] = []
    days.services.cards = world
    #expect(try await days.run().card(.costPerMQL)?.state == .undefined)
    try FileManager.default.removeItem(atPath: days.configuration + "/ad_spend")
    #expect(try await days.run().card(.costPerMQL)?.state == .blocked)
    let without = try await days.run("{}", ["HUBSPOT_ACCESS_TOKEN": ""])
    #expect(without.card(.costPerMQL)?.reason?.contains("HUBSPOT_ACCESS_TOKEN") == true)
  }

  @Test func vendorsAreThoseOfTheListOrAll() async throws {
    let days = try CardDays()
    defer { days.remove() }
    try FileManager.default.removeItem(atPath: days.configuration + "/approved_offers.csv")
    let all = try #require(try await days.run().card(.vendorsNotOnboarded))
    #expect(all.label == "Vendors Not Onboarded (all vendors)" && all.targetStatus == .unknown && all.target != nil)
    #expect(all.value == "\(oracle(days).notOnboarded.count)")
    try days.write("name\nSample\n", to: "config/approved_offers.csv")
    let bad = try await days.run()
    #expect(bad.card(.vendorsNotOnboarded)?.state == .stale)
    #expect(
      bad.card(.vendorsNotOnboarded)?.reason?.contains("approved_offers.csv:1: the column vendor is missing") == true)
    #expect(bad.card(.billsPendingApproval)?.state == .ok)
  }

  // MARK: The warehouse

  /// A query that always says the same would not follow the rows.
  @Test func everySampleFollowsTheRows() async throws {
    let days = try CardDays(files: ["cards.yaml": "mql_source: warehouse\n"])
    defer { days.remove() }
    for round in 0..<2 {
      var world = days.services.cards
      if round == 1 {
        world.tables["inventory.listings"]?.append([
          "event_type": .text("gala"), "status": .text("active"), "yearly_capacity": .number(1001),
          "yearly_value": .number(5_000_001), "listed_on": .text("2026-02-03"),
        ])
        world.tables["inventory.limited_listings"] = [["yearly_capacity": .number(77), "status": .text("active")]]
      }
      days.services.cards = world
      let oracle = oracle(days)
      let answer = try await days.run()
      for card in [CardID.totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .costPerMQL] {
        #expect(answer.card(card).map { CardOracle.agrees($0, oracle.values[card] ?? nil) } == true, "\(card)")
      }
      let types = answer.card(.capacityByEventType)?.breakdown.map(\.label) ?? []
      #expect(types.contains("gala") == (round == 1) && types.count == 4 + round)
      let limited = try #require(answer.card(.totalLimitedCapacity))
      #expect(round == 1 ? limited.value == "77" : limited.state == .blocked)
      if round == 0 { #expect(limited.reason?.contains("inventory.limited_listings") == true) }
    }
  }

  @Test(arguments: [
    (
      "SELECT SUM(yearly_capacity) AS total FROM `inventory.listings`",
      "queries/total_yearly_capacity.sql: the result has the columns total, expected value"
    ),
    (
      "SELECT event_type AS value FROM `inventory.listings`",
      "queries/total_yearly_capacity.sql: row 1, column value: expected a number"
    ),
    ("SELEC 1", "queries/total_yearly_capacity.sql:1:1: BigQuery can't run it"),
  ])
  func aFaultyQueryIsSaidWithItsPlace(_ sql: String, _ message: String) async throws {
    let days = try CardDays(files: ["queries/total_yearly_capacity.sql": sql])
    defer { days.remove() }
    let answer = try await days.run()
    #expect(answer.card(.totalYearlyCapacity)?.state == .error)
    #expect(
      answer.card(.totalYearlyCapacity)?.reason?.contains(message) == true,
      "\(answer.card(.totalYearlyCapacity)?.reason ?? "")")
    #expect(answer.card(.capacityByEventType)?.state == .ok && answer.sources["bigquery"]?.status == .partial)
  }
}
