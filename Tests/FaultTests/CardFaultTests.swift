import CardModel
import Concurrency
import Formats
import Foundation
import HTTPClient
import Runs
import Sandbox
import TestSupport
import Testing

/// Where a fault meets the business metrics.
enum CardPlace: String, CaseIterable, Sendable {
  case simpleFIN = "/simplefin/feed/accounts"
  case campaigns = "/campaigns/?"
  case analytics = "/analytics?"
  case statistics = "/statistics?"
  case mailboxes = "/email-accounts?"
  case search = "/hubspot/crm/objects"
  case associations = "/hubspot/crm/associations"
  case login = "/bill/connect/v3/login"
  case bills = "/bill/connect/v3/bills"
  case vendors = "/bill/connect/v3/vendors"
  case tokens = "/zendesk/oauth/tokens"
  case count = "/zendesk/api/v2/search/count"
  case export = "/zendesk/api/v2/incremental"
  case oldTickets = "/zendesk/api/v2/search/export"
  case token = "/google/token"
  case queries = "/bigquery/bigquery/v2"

  /// The cards that hang on it.
  var cards: [CardID] {
    switch self {
    case .simpleFIN: [.cashPosition]
    case .campaigns, .statistics: [.leadQueueRunway, .newContactsSequenced]
    case .analytics, .mailboxes: [.leadQueueRunway]
    case .search: [.meetingsHeld, .salesActivities, .emailReplyRate]
    case .associations: [.meetingsHeld]
    case .login, .bills, .vendors: [.billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9]
    case .tokens, .count: [.ticketResponseTime, .openTickets]
    case .export, .oldTickets: [.ticketResponseTime]
    case .token, .queries: [.totalYearlyCapacity, .capacityByEventType]
    }
  }

  /// Whether a second login follows a refusal.
  var renewsAccess: Bool { [.bills, .vendors, .count, .export, .queries].contains(self) }
}

/// Applies a fault to the requests of one place, on the second day.
private final class CardFaults: HTTPTransport {
  private let inner: any HTTPTransport
  private let fault: Fault
  private let place: CardPlace
  private let seen = Lock<[String: Int]>([:])
  let isOn = Lock(false)
  let hits = Lock(0)

  init(_ fault: Fault, at place: CardPlace, _ inner: any HTTPTransport) {
    (self.fault, self.place, self.inner) = (fault, place, inner)
  }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard isOn.withLock({ $0 }), request.url.contains(place.rawValue) else { return try await inner.send(request) }
    let attempt = seen.withLock { seen in
      seen[request.url + request.text, default: 0] += 1
      return seen[request.url + request.text] ?? 1
    }
    guard attempt <= fault.attempts else { return try await inner.send(request) }
    hits.withLock { $0 += 1 }
    return try await fault.apply(request) { try await self.inner.send(request) }
  }
}

/// Every fault at every vendor of the cards: a card is right, or it is stale and shows the day before.
@Suite struct CardFaultTests {
  @Test(arguments: Fault.everywhere(at: CardPlace.allCases))
  fileprivate func aFaultEverywhere(_ place: CardPlace, _ fault: Fault) async throws {
    let box = Lock<CardFaults?>(nil)
    let days = try CardDays(around: { inner in
      let faults = CardFaults(fault, at: place, inner)
      box.withLock { $0 = faults }
      return faults
    })
    defer { days.remove() }
    let faults = try #require(box.withLock { $0 })
    let names = place.cards.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    let event = #"{"cards":[\#(names)]}"#
    let first = try await days.run(event)
    #expect(place.cards.allSatisfy { first.card($0)?.state == .ok }, "\(first.warnings)")
    // The same day again: what is right is what the first run found.
    faults.isOn.withLock { $0 = true }
    let logged = LogLines()
    let second = try await days.run(event, logged: logged)
    #expect(faults.hits.withLock { $0 } > 0, "the fault was met")
    for id in place.cards {
      let (good, card) = (try #require(first.card(id)), try #require(second.card(id)))
      #expect(
        card.value == good.value && [.ok, .partial, .stale].contains(card.state),
        "\(id): \(card.state) \(card.value ?? "–")")
      if card.state == .ok { #expect(card.breakdown.map(\.label) == good.breakdown.map(\.label)) }
    }
    let isRefusal = fault.name.hasPrefix("HTTP 401")
    switch fault.outcome {
    case .recovers where !isRefusal || place.renewsAccess, .isHarmless:
      #expect(place.cards.allSatisfy { second.card($0)?.state == .ok }, "\(second.warnings)")
    case .sourceFails where ![.oldTickets, .associations, .mailboxes].contains(place):
      #expect(place.cards.contains { second.card($0)?.state == .stale }, "\(second.cards.map(\.state))")
    default: break
    }
    let told =
      String(decoding: try JSONBody.encode(second), as: UTF8.self) + "\(logged.lines)"
      + days.outputs.compactMap { days.text(of: "output/\($0)") }.joined()
    for marker in CardSecrecyTests.markers { #expect(!told.contains(marker), "\(marker)") }
  }
}

/// Secrets and people of the cards' vendors, in everything that comes out.
@Suite struct CardSecrecyTests {
  static let markers =
    [
      "guest@sandbox", "Sample Lead", "lead@sandbox", "mailbox-secret", "Sample Payer", "vendor@sandbox", "box900@",
      "**-***", "a sample ticket", "a sample subject", "a sample description", "planted@person.example",
      "sandbox-session-", "sandbox-zendesk-token", "sandbox-bigquery-token", "PRIVATE KEY", "sandbox%20feed%20pass",
      "sandbox feed pass",
    ]
    + SandboxServices.environment(base: "").filter { name, _ in
      ["KEY", "TOKEN", "PASSWORD", "SECRET", "ACCESS_URL"].contains { name.contains($0) } && !name.hasPrefix("AWS")
        && !name.hasPrefix("SF_")
    }.values.filter { !$0.isEmpty }

  /// A server that repeats all of the request in its answer, as careless gateways do.
  @Test(arguments: [400, 401, 403, 404, 429, 500, 200], CardPlace.allCases)
  func nothingSecretComesOut(_ status: Int, _ place: CardPlace) async throws {
    let days = try CardDays { request in
      guard request.url.contains(place.rawValue) else { return nil }
      let said = request.url + request.headers.fields.map(\.value).joined(separator: " ") + request.text
      let text = (said + " planted@person.example").filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
      return .json(
        #"{"message":"\#(text)","error":"\#(text)","category":"\#(text)","code":"\#(text)","errors":[{"reason":"\#(text)","code":"\#(text)"}],"error_description":"\#(text)"}"#,
        status: status, headers: ["Retry-After": "0"])
    }
    defer { days.remove() }
    let names = place.cards.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    let logged = LogLines()
    let slack = ["SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook"]
    let answer = try await days.run(#"{"cards":[\#(names)]}"#, slack, logged: logged)
    let told =
      String(decoding: try JSONBody.encode(answer), as: UTF8.self) + "\(logged.lines)"
      + days.outputs.compactMap { days.text(of: "output/\($0)") }.joined()
      + days.services.received(by: "slack").map { String(decoding: $0, as: UTF8.self) }.joined()
    for marker in Self.markers { #expect(!told.contains(marker), "\(marker)") }
    #expect(told.contains(place.cards[0].rawValue))
  }

  @Test func noPersonComesOutOfGoodRuns() async throws {
    let days = try CardDays()
    defer { days.remove() }
    let answer = try await days.run()
    let told =
      String(decoding: try JSONBody.encode(answer), as: UTF8.self)
      + days.outputs.compactMap { days.text(of: "output/\($0)") }.joined()
    for marker in Self.markers { #expect(!told.contains(marker), "\(marker)") }
    // Of bank accounts two digits are shown.
    #expect(told.contains("Operating ••01") && !told.contains("00012301") && !told.contains("ACT-1"))
  }
}
