import CardJob
import CardModel
import Concurrency
import Foundation
import HTTPClient
import Runs
import TestSupport
import Testing
import Time

@testable import Sandbox

/// What single vendors do to their cards.
@Suite struct CardSourceTests {
  // MARK: SimpleFIN

  private let cash = #"{"cards":["cash_position"]}"#

  private static func accounts(_ rows: String, errors: String = "") -> HTTPResponse {
    .json(#"{"errlist":[\#(errors)],"errors":[],"connections":[],"accounts":[\#(rows)]}"#)
  }

  private static func account(_ id: String, _ balance: String, date: Int, currency: String = "USD") -> String {
    #"{"id":"\#(id)","name":"Sample \#(id)","conn_id":"C","currency":"\#(currency)","balance":"\#(balance)","balance-date":\#(date)}"#
  }

  /// Days on which SimpleFIN answers what the test says.
  private func days(_ answer: Lock<HTTPResponse>, files: [String: String] = [:]) throws -> CardDays {
    try CardDays(files: files) { request in request.url.contains("/simplefin/") ? answer.withLock { $0 } : nil }
  }

  @Test func anAccountThatIsMissingCountsWithItsLastBalance() async throws {
    let both = Self.account("A", "100.10", date: 1_795_000_000) + "," + Self.account("B", "50.5", date: 1_795_000_100)
    let answer = Lock(Self.accounts(both))
    let days = try days(answer)
    defer { days.remove() }
    let first = try #require(try await days.run(cash).card(.cashPosition))
    #expect(first.value == "150.60" && first.state == .ok && first.asOf == Timestamp(seconds: 1_795_000_000))
    // B is away for two days.
    answer.withLock { $0 = Self.accounts(Self.account("A", "120.00", date: 1_795_090_000)) }
    for _ in 0..<2 {
      days.nextDay()
      let card = try #require(try await days.run(cash).card(.cashPosition))
      #expect(card.value == "170.50" && card.state == .partial && card.asOf == Timestamp(seconds: 1_795_000_100))
      #expect(card.reason == "1 of 2 accounts could not be refreshed")
    }
    // Who knows that it is gone for good denies it by its key.
    let key = try #require(first.breakdown.last?.key)
    try days.write("cash_accounts: { deny: [\(key)] }\n", to: "config/cards.yaml")
    #expect(try await days.run(cash).card(.cashPosition)?.value == "120.00")
    try days.write("{}\n", to: "config/cards.yaml")
    // Named in an error, but there: its balance counts as given.
    answer.withLock {
      $0 = Self.accounts(
        Self.account("A", "120.00", date: 1_795_090_000) + "," + Self.account("B", "60", date: 1_795_000_200),
        errors: #"{"code":"act.failed","msg":"secret text of a bank","account_id":"B"}"#)
    }
    days.nextDay()
    let named = try #require(try await days.run(cash).card(.cashPosition))
    #expect(named.value == "180.00" && named.state == .partial && !"\(named)".contains("secret text"))
    // An error of a connection is a warning.
    answer.withLock { $0 = Self.accounts(both, errors: #"{"code":"con.auth","msg":"x","conn_id":"C"}"#) }
    days.nextDay()
    let warned = try #require(try await days.run(cash).card(.cashPosition))
    #expect(warned.state == .ok && warned.warnings.contains { $0.contains("con.auth") && $0.contains("sign-in") })
    answer.withLock { $0 = Self.accounts("") }
    let others = try CardDays { request in request.url.contains("/simplefin/") ? answer.withLock { $0 } : nil }
    defer { others.remove() }
    #expect(try await others.run(cash).card(.cashPosition)?.state == .noData)
  }

  @Test func onlyAccountsThatAreCashCount() async throws {
    let rows = [
      Self.account("A", "100.10", date: 1), Self.account("B", "-20", date: 2),
      Self.account("E", "7", date: 3, currency: "EUR"),
      Self.account("M", "9", date: 4, currency: "https://miles.example/unit"),
    ].joined(separator: ",")
    for (list, value) in [("{ deny: [B] }", "100.10"), ("{ allow: [B] }", "-20.00"), ("{ deny: [] }", "80.10")] {
      let days = try days(Lock(Self.accounts(rows)), files: ["cards.yaml": "cash_accounts: \(list)\n"])
      defer { days.remove() }
      let card = try #require(try await days.run(cash).card(.cashPosition))
      #expect(card.value == value, "\(list)")
      if list == "{ deny: [] }" {
        #expect(
          card.breakdown.map(\.label).contains("Sample E (EUR)") && !card.warnings.contains { $0.contains("allows") })
      }
    }
  }

  @Test func accountNumbersAreNotShown() async throws {
    let name = "Checking 12-3456-7890 of Sample"
    let row = #"{"id":"1234567890","name":"\#(name)","currency":"USD","balance":"1","balance-date":1}"#
    let days = try days(Lock(Self.accounts(row)))
    defer { days.remove() }
    let card = try #require(try await days.run(cash).card(.cashPosition))
    #expect(card.breakdown.first?.label == "Checking ••90 of Sample")
    #expect(!(days.text(of: "output/cards_2026-11-27.json") ?? "1234567890").contains("34567890"))
  }

  @Test(arguments: [
    (HTTPResponse.json("Forbidden", status: 403), 1, "claim a new setup token"),
    (HTTPResponse(status: 403, headers: ["Content-Type": "text/html"], body: Array("<html>".utf8)), 3, "HTTP 403"),
    (HTTPResponse.json("", status: 402), 1, "renew the subscription"),
    (HTTPResponse.json("", status: 503), 3, "HTTP 503"),
    (HTTPResponse.json("{]", status: 200), 3, "unexpected answer"),
  ])
  func theFeedIsAskedThreeTimesAtMost(_ response: HTTPResponse, _ requests: Int, _ message: String) async throws {
    let days = try days(Lock(response))
    defer { days.remove() }
    let answer = try await days.run(cash)
    #expect(answer.sources["simplefin"]?.requests == requests)
    #expect(
      answer.card(.cashPosition)?.reason?.contains(message) == true, "\(answer.card(.cashPosition)?.reason ?? "")")
  }

  /// Twenty requests within 24 hours, in files or in the table, also by dry runs.
  @Test(arguments: [false, true]) func theFeedIsAskedTwentyTimesADayAtMost(_ aws: Bool) async throws {
    let sent = Lock(0)
    let days = try CardDays { request in
      if request.url.contains("/simplefin/") { sent.withLock { $0 += 1 } }
      return nil
    }
    defer { days.remove() }
    for round in 0..<24 {
      // With the table, the machine forgets its files.
      if aws { try? FileManager.default.removeItem(atPath: days.folder) }
      let event = round % 2 == 0 ? cash : #"{"cards":["cash_position"],"dry_run":true}"#
      let card = try await days.run(event, aws: aws).card(.cashPosition)
      #expect(card?.state == (round < 20 ? .ok : .stale), "\(round)")
      if round >= 20 { #expect(card?.reason?.contains("20 times within 24 hours") == true) }
      days.time.advance(by: .seconds(60))
    }
    #expect(sent.withLock { $0 } == 20)
    days.time.advance(by: .seconds(86_400 - 24 * 60))
    #expect(try await days.run(cash, aws: aws).card(.cashPosition)?.state == .ok)
  }

  // MARK: Smartlead, HubSpot, BILL, Zendesk, Intercom

  @Test func withoutSendingThereIsNoRunway() async throws {
    let days = try CardDays()
    defer { days.remove() }
    var world = days.services.cards
    for index in world.campaigns.indices { world.campaigns[index].firstEmails = [:] }
    days.services.cards = world
    let answer = try await days.run()
    #expect(answer.card(.leadQueueRunway)?.state == .undefined && answer.card(.leadQueueRunway)?.value == nil)
    #expect(answer.card(.newContactsSequenced)?.value == "0" && answer.status == .succeeded)
    // Seven sending days, weeks apart and some of them long ago.
    for back in [1, 8, 9, 20, 33, 58, 60, 61, 75] { world.campaigns[0].firstEmails[answer.date.day - back] = 10 + back }
    days.services.cards = world
    let rare = try await days.run()
    let oracle = CardOracle(world: world, today: rare.date, now: days.time.source.now)
    #expect(rare.card(.leadQueueRunway).map { CardOracle.agrees($0, oracle.runway()) } == true)
  }

  @Test func moreRowsThanAQueryGivesAreReadOn() async throws {
    var world = CardWorld()
    world.crm["emails"] = (1...10_450).map { index in
      .init(
        id: index,
        properties: [
          "hs_timestamp": "2026-11-2\(index % 7)T10:00:00Z", "hs_email_direction": "EMAIL", "hs_email_status": "SENT",
          "hs_email_reply_count": index % 5 == 0 ? "1" : "0",
        ])
    }
    let days = try CardDays(world: world)
    defer { days.remove() }
    let card = try #require(try await days.run(#"{"cards":["email_reply_rate"]}"#).card(.emailReplyRate))
    #expect(card.value == "20.00" && card.breakdown.first { $0.label == "sent, tracked" }?.value == "10450")
  }

  @Test func attendeesAreDistinctAndFailuresOfABatchAreSaid() async throws {
    let broken = Lock(false)
    let days = try CardDays { request in
      guard broken.withLock({ $0 }), request.url.contains("/associations/") else { return nil }
      return .json(#"{"results":[],"numErrors":2,"errors":[{"category":"INTERNAL","subCategory":"x"}]}"#, status: 207)
    }
    defer { days.remove() }
    let event = #"{"cards":["meetings_held"]}"#
    let oracle = CardOracle(world: days.services.cards, today: days.time.source.now.date, now: days.time.source.now)
    let held = oracle.meetings.filter { $0.properties["hs_meeting_outcome"] == "COMPLETED" }
    let card = try #require(try await days.run(event).card(.meetingsHeld))
    #expect(
      card.breakdown.first { $0.label == "COMPLETED, attendees" }?.value == "\(Set(held.flatMap(\.contacts)).count)")
    #expect(
      card.breakdown.contains { $0.label == "not set" }
        == oracle.meetings.contains { $0.properties["hs_meeting_outcome"] == nil })
    broken.withLock { $0 = true }
    let partial = try #require(try await days.run(event).card(.meetingsHeld))
    #expect(partial.state == .partial && partial.value == card.value)
  }

  @Test func aBillOfAnArchivedVendorCounts() async throws {
    var world = CardWorld()
    world.vendors = [
      .init(
        id: "009A", name: "Sample A", isArchived: true, networkStatus: "PENDING", bankAccountStatus: "NO_ACCOUNT",
        hasCard: false, country: "US", isTracked: true, taxID: nil)
    ]
    world.bills = [
      .init(
        id: "00n1", vendorID: "009A", amount: "10.10", dueDate: CalendarDate(day: 20_000), paymentStatus: "UNPAID",
        approvalStatus: "ASSIGNED", isArchived: false)
    ]
    let days = try CardDays(world: world)
    defer { days.remove() }
    let answer = try await days.run()
    #expect(answer.card(.billsMissingW9)?.value == "1" && answer.card(.vendorsNotOnboarded)?.value == "0")
    #expect(answer.card(.billsPendingApproval)?.breakdown.first?.value == "10.10")
    world.bills[0].vendorID = "009Z"
    days.services.cards = world
    let unknown = try #require(try await days.run().card(.billsMissingW9))
    #expect(unknown.state == .partial && unknown.value == "0")
  }

  /// A server that does not know the filters, and one that sends numbers for texts.
  @Test func whatServersDoOtherwise() async throws {
    let days = try CardDays { request in
      guard request.url.contains("/v3/bills") else { return nil }
      return .json(
        #"{"results":[{"id":"1","vendorId":"009SANDBOX0000","amount":5,"approvalStatus":"ASSIGNED","paymentStatus":"PAID"},{"id":"2","approvalStatus":"APPROVED","paymentStatus":"UNPAID"}]}"#
      )
    }
    defer { days.remove() }
    #expect(try await days.run().card(.billsPendingApproval)?.value == "1")
    let numbers = try CardDays { request in
      guard request.url.contains("/emails/search") else { return nil }
      return .json(
        #"{"total":2,"results":[{"id":7,"properties":{"hs_timestamp":"2026-11-25T10:00:00Z","hs_email_direction":"EMAIL","hs_email_status":"SENT","hs_email_reply_count":1,"hs_email_open_count":null}},{"id":"8","properties":{"hs_timestamp":1795687200000,"hs_email_direction":"EMAIL","hs_email_status":null,"hs_email_reply_count":"0"}}],"paging":null}"#
      )
    }
    defer { numbers.remove() }
    #expect(try await numbers.run().card(.emailReplyRate)?.value == "50.00")
  }

  /// BILL ends a session: the client logs in again, once.
  @Test func anEndedSessionIsRenewed() async throws {
    let ended = Lock(1)
    let days = try CardDays { request in
      guard request.url.contains("/v3/bills"),
        ended.withLock({ left in
          left -= 1
          return left >= 0
        })
      else { return nil }
      return .json(#"[{"code":"BDC_1109","message":"Session is invalid"}]"#, status: 401)
    }
    defer { days.remove() }
    #expect(try await days.run().sources["bill"]?.status == .succeeded)
  }

  @Test func ticketsThatNobodyTouchedStillWait() async throws {
    for offers in [true, false] {
      let days = try CardDays { request in
        !offers && request.url.contains("/search/export") ? .json(#"{"error":"RecordNotFound"}"#, status: 404) : nil
      }
      defer { days.remove() }
      let card = try #require(try await days.run().card(.ticketResponseTime))
      let oracle = CardOracle(world: days.services.cards, today: days.time.source.now.date, now: days.time.source.now)
      #expect(card.breakdown.first { $0.label == "still waiting" }?.value == "\(oracle.waiting.count)")
      // 25 days and 5 hours.
      #expect(card.breakdown.first { $0.label == "oldest wait, hours" }?.value == "605.00")
      let sorted = oracle.replies
      let p90 = Decimal(sorted[(sorted.count * 9 + 9) / 10 - 1]) / 60
      #expect(
        card.breakdown.first { $0.label == "p90 hours" }?.value.flatMap { Decimal(string: $0) }.map {
          abs($0 - p90) < 0.01
        } == true)
    }
  }

  @Test func intercomAnswersWhereZendeskIsNot() async throws {
    let day = try #require(Timestamp(iso8601: "2026-11-24T00:00:00Z")).seconds
    func conversation(_ id: Int, _ state: String, _ origin: String, first: Int64, reply: Int64?) -> String {
      let answered = reply.map { #","first_admin_reply_at":\#($0),"time_to_admin_reply":60"# } ?? ""
      return
        #"{"id":"\#(id)","created_at":\#(first),"updated_at":\#(first),"state":"\#(state)","source":{"delivered_as":"\#(origin)"},"statistics":{"first_contact_reply_at":\#(first)\#(answered)}}"#
    }
    let all = [
      conversation(1, "closed", "customer_initiated", first: day, reply: day + 7200),
      conversation(2, "open", "customer_initiated", first: day, reply: day + 3600),
      conversation(3, "open", "admin_initiated", first: day, reply: day + 10),
      conversation(4, "open", "customer_initiated", first: day - 3600, reply: nil),
      conversation(5, "open", "customer_initiated", first: day - 90 * 86_400, reply: day - 80 * 86_400),
    ]
    let days = try CardDays { request in
      guard request.url.contains("/intercom/conversations/search") else { return nil }
      let isOpen = request.text.contains(#""value":"open""#)
      if request.text.contains("snoozed") { return .json(#"{"total_count":6,"conversations":[],"pages":{}}"#) }
      let found = isOpen ? all.filter { $0.contains(#""state":"open""#) } : Array(all.prefix(4))
      return .json(#"{"total_count":\#(found.count),"conversations":[\#(found.joined(separator: ","))],"pages":{}}"#)
    }
    defer { days.remove() }
    let zendesk = ["ZENDESK_BASE_URL": "", "ZENDESK_CLIENT_ID": "", "ZENDESK_CLIENT_SECRET": ""]
    let answer = try await days.run("{}", zendesk.merging(["INTERCOM_API_TOKEN": "sandbox"]) { $1 })
    let response = try #require(answer.card(.ticketResponseTime))
    #expect(response.value == "1.50" && response.tooltip.calculation.contains("Intercom"))
    #expect(response.breakdown.first { $0.label == "still waiting" }?.value == "1")
    #expect(answer.card(.openTickets)?.value == "4" && answer.card(.openTickets)?.breakdown.first?.value == "6")
    #expect(answer.sources["intercom"]?.status == .succeeded && answer.sources["zendesk"] == nil)
    // Both connected: Zendesk, with a warning.
    let both = try await days.run("{}", ["INTERCOM_API_TOKEN": "sandbox"])
    #expect(both.sources["zendesk"]?.status == .succeeded && both.warnings.contains { $0.contains("support_source") })
  }
}
