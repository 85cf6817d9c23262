import CardJob
import CardModel
import Connectors
import Foundation
import HTTPClient
import Runs
import Sandbox
import TestSupport
import Testing
import Time

/// Five days of cards, against what the world's rows say.
@Suite struct CardDaysTests {
  private func oracle(_ days: CardDays) -> CardOracle {
    let now = days.time.source.now
    return CardOracle(world: days.services.cards, today: now.date, now: now)
  }

  @Test func everyCardIsRightOnFiveDays() async throws {
    let days = try CardDays()
    defer { days.remove() }
    var seen: [CardID: [String]] = [:]
    for day in 0..<5 {
      let oracle = oracle(days)
      let answer = try await days.run()
      #expect(answer.cards.map(\.id) == CardID.allCases && answer.status == .succeeded, "\(answer.warnings)")
      #expect(answer.counts == ["ok": 15, "blocked": 1])
      for card in answer.cards {
        #expect(
          CardOracle.agrees(card, oracle.values[card.id] ?? nil), "\(card.id) on day \(day): \(card.value ?? "–")")
        #expect(card.history.map(\.value) == seen[card.id] ?? [], "\(card.id)")
        #expect(card.lastGood?.value == seen[card.id]?.last)
        #expect((card.delta == nil) == (seen[card.id] == nil))
        if let value = card.value { seen[card.id, default: []].append(value) }
      }
      #expect(
        answer.card(.ticketResponseTime)?.breakdown.first { $0.label == "still waiting" }?.value
          == "\(oracle.waiting.count)")
      #expect(days.outputs.contains("cards_\(answer.date).json") && days.outputs.contains("cards_\(answer.date).csv"))
      days.nextDay()
    }
  }

  private static let services: [(service: String, cards: [CardID])] = [
    ("simplefin", [.cashPosition]), ("smartlead", [.leadQueueRunway, .newContactsSequenced]),
    ("hubspot", [.meetingsHeld, .salesActivities, .emailReplyRate, .costPerMQL]),
    ("bill", [.billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9]),
    ("zendesk", [.ticketResponseTime, .openTickets]),
    ("bigquery", [.totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .totalLimitedCapacity]),
  ]

  /// The others are as without the failure; the failed ones show their last value, or an error where there was none.
  @Test(arguments: services.map(\.service)) func aVendorThatFailsTouchesNoOther(_ service: String) async throws {
    let hit = try #require(Self.services.first { $0.service == service }?.cards)
    let days = try CardDays()
    defer { days.remove() }
    days.services.setBroken(service)
    let first = try await days.run()
    for card in first.cards {
      if hit.contains(card.id) {
        #expect(card.state == .error && card.value == nil && card.lastGood == nil, "\(card.id)")
        #expect(card.targetStatus != .met && card.reason?.isEmpty == false)
      } else {
        #expect(CardOracle.agrees(card, oracle(days).values[card.id] ?? nil), "\(card.id)")
      }
    }
    #expect(first.status == .partial)
    #expect(first.sources[service]?.status == .failed)
    days.services.setBroken(service, false)
    days.nextDay()
    let good = try await days.run()
    days.nextDay()
    days.services.setBroken(service)
    let bad = try await days.run()
    for card in bad.cards {
      guard hit.contains(card.id) else {
        #expect(CardOracle.agrees(card, oracle(days).values[card.id] ?? nil), "\(card.id)")
        continue
      }
      let last = try #require(good.card(card.id))
      // A table that is missing has no last value.
      guard last.value != nil else {
        #expect(card.state == .error)
        continue
      }
      #expect(
        card.state == .stale && card.value == last.value && card.asOf == last.asOf && card.breakdown == last.breakdown)
      #expect(card.delta == nil && card.lastGood?.value == last.value)
      #expect(card.targetStatus == (last.target == nil ? .none : .unknown))
    }
    // A stale day is no history.
    days.services.setBroken(service, false)
    days.nextDay()
    let after = try await days.run()
    for id in hit where good.card(id)?.value != nil {
      #expect(after.card(id)?.history.map(\.date) == [good.date], "\(id)")
      #expect(after.card(id)?.delta?.versus == good.date)
    }
  }

  @Test func withoutCredentialsEverythingIsBlockedAndNothingIsSent() async throws {
    let sent = try CardDays(override: { _ in
      Issue.record("a request was sent")
      return nil
    })
    defer { sent.remove() }
    let only = ["CONFIG_DIR", "OUTPUT_DIR"]
    let changes = Dictionary(uniqueKeysWithValues: sent.variables().keys.filter { !only.contains($0) }.map { ($0, "") })
    let answer = try await sent.run("{}", changes)
    #expect(answer.status == .succeeded && answer.counts == ["blocked": 16])
    #expect(answer.cards.allSatisfy { $0.value == nil && $0.fetchedAt == nil && $0.reason?.contains("set ") == true })
    #expect(answer.sources.values.allSatisfy { $0.status == .inactive })
  }

  @Test func someCardsAreRefreshedAndTheOthersStay() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let first = try await days.run(#"{"cards":["open_tickets"]}"#)
    #expect(first.card(.openTickets)?.state == .ok)
    #expect(
      first.card(.cashPosition)?.state == .noData && first.card(.cashPosition)?.reason?.contains("not read yet") == true
    )
    #expect(Set(first.sources.keys) == ["zendesk"])
    days.nextDay()
    let all = try await days.run()
    days.nextDay()
    days.services.setBroken("simplefin")
    let some = try await days.run(#"{"cards":["open_tickets","meetings_held"]}"#)
    #expect(some.card(.cashPosition) == all.card(.cashPosition))
    // What was kept is no value of that day.
    days.services.setBroken("simplefin", false)
    days.nextDay()
    let last = try await days.run()
    #expect(last.card(.cashPosition)?.history.map(\.date) == [all.date])
    #expect(last.card(.openTickets)?.history.count == 3)
  }

  @Test func aDryRunLeavesNothingThatIsReadBack() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let dry = try await days.run(#"{"dry_run":true}"#, aws: true)
    #expect(dry.dryRun && dry.csv == "s3://reports-bucket/reports/cards_2026-11-27.dry.csv")
    #expect(days.outputs == ["cards_2026-11-27.dry.csv", "cards_2026-11-27.dry.json", "simplefin_requests.json"])
    #expect(days.services.items(in: "sandbox-custom-metrics").allSatisfy { $0["pk"] == "business_metrics#requests" })
    days.nextDay()
    #expect(try await days.run().card(.cashPosition)?.history.isEmpty == true)
    // Nobody is told of it, whatever fails.
    days.services.setBroken("zendesk")
    let slack = ["SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook"]
    #expect(try await days.run(#"{"dry_run":true}"#, slack).status == .partial)
    #expect(days.services.received(by: "slack").isEmpty)
  }

  @Test func filesAndTheItemSayTheSame() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let answer = try await days.run("{}", aws: true)
    let bytes = try #require(days.services.storedObject("reports-bucket/reports/cards_2026-11-27.json"))
    let stored = try JSONDecoder().decode([CardRecord].self, from: Data(bytes))
    #expect(stored == answer.cards)
    #expect(days.text(of: "output/cards_2026-11-27.json").map { Array($0.utf8) } == bytes)
    let csv = try #require(days.text(of: "output/cards_2026-11-27.csv"))
    #expect(csv.split(separator: "\n").count == 17 && csv.hasPrefix("id,label,tabs,unit,value,"))
    let item = try #require(
      days.services.items(in: "sandbox-custom-metrics").first { $0["pk"] == "business_metrics#2026-11-27" })
    #expect(item["run_id"] == answer.runID && item["status"] == "succeeded")
    // Every key of a record is there, and a missing value is null.
    let objects = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]])
    let keys = [
      "as_of", "breakdown", "delta", "direction", "display", "fetched_at", "fresh_for_seconds", "history", "id",
      "label",
      "last_good", "reason", "state", "tabs", "target", "target_status", "tooltip", "unit", "value", "warnings",
    ]
    #expect(objects.allSatisfy { $0.keys.sorted() == keys })
    #expect(objects.last?["value"] is NSNull)
    let tooltip = try #require(objects.first?["tooltip"] as? [String: Any])
    #expect(tooltip.keys.sorted() == ["benchmark", "calculation", "definition", "edge_cases", "target", "why"])
    // Earlier days come from the bucket, on a machine that has none of them.
    days.nextDay()
    try FileManager.default.removeItem(atPath: days.folder)
    let next = try await days.run("{}", aws: true)
    #expect(next.card(.cashPosition)?.history.count == 1)
  }

  @Test func peopleHearOnceOfWhatChanged() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let slack = ["SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook"]
    func told() -> [String] { days.services.received(by: "slack").map { String(decoding: $0, as: UTF8.self) } }
    let first = try await days.run("{}", slack)
    let missed = first.cards.filter { $0.targetStatus == .missed }
    try #require(!missed.isEmpty)
    #expect(told().count == 1 && missed.allSatisfy { told()[0].contains($0.label) })
    days.nextDay()
    _ = try await days.run("{}", slack)
    #expect(told().count == 1)
    days.services.setBroken("bill")
    days.nextDay()
    _ = try await days.run("{}", slack)
    #expect(told().count == 2 && told()[1].contains("bill failed"))
    days.nextDay()
    _ = try await days.run("{}", slack)
    #expect(told().count == 2)
    // It was met in between: now it is news again.
    days.services.setBroken("bill", false)
    try days.write("bills_missing_w9: { operator: \"<=\", value: 1000 }\n", to: "output/targets.yaml")
    days.nextDay()
    _ = try await days.run("{}", slack)
    try FileManager.default.removeItem(atPath: days.folder + "/targets.yaml")
    days.nextDay()
    _ = try await days.run("{}", slack)
    #expect(told().count == 3 && told()[2].contains("Bills Missing Tax Id"))
  }

  @Test(arguments: [
    (#"{"cards":[]}"#, "the list is empty"), (#"{"cards":["cash"]}"#, "expected of cash_position"),
    (#"{"cards":"cash_position"}"#, "cards"), (#"{"period":"2026-10"}"#, "a key of the job health_score"),
  ])
  func anEventIsRefused(_ event: String, _ message: String) async throws {
    let days = try CardDays()
    defer { days.remove() }
    let error = await #expect(throws: JobError.self) { _ = try await days.run(event) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(days.outputs.isEmpty)
  }

  @Test func theEventsTimeSaysWhichDay() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let answer = try await days.run(
      #"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","time":"2026-11-25T05:00:00Z","detail":{}}"#
    )
    let oracle = CardOracle(
      world: days.services.cards, today: answer.date, now: try #require(Timestamp(iso8601: "2026-11-25T05:00:00Z")))
    #expect("\(answer.date)" == "2026-11-25")
    #expect(answer.card(.newContactsSequenced).map { CardOracle.agrees($0, oracle.newContacts) } == true)
    #expect(answer.card(.costPerMQL).map { CardOracle.agrees($0, oracle.costPerMQL) } == true)
  }
}
