import Concurrency
import CustomerJob
import Formats
import HTTPClient
import Runs
import TestSupport
import Testing

/// Where a fault meets the customer sync.
enum SyncPlace: String, CaseIterable, Sendable {
  case contacts, contactSearch, conversationSearch, messages, rows, scan, state

  func isMeant(_ request: HTTPRequest) -> Bool {
    let target = request.headers["X-Amz-Target"] ?? ""
    let isPlain = target.isEmpty && request.method == .get
    return switch self {
    case .contacts: isPlain && request.url.contains("/contacts?")
    case .contactSearch: request.url.hasSuffix("/contacts/search")
    case .conversationSearch: request.url.hasSuffix("/conversations/search")
    case .messages: isPlain && request.url.contains("/conversations/")
    case .rows: target.hasSuffix("UpdateItem") && request.text.contains("intercom_contact_id")
    case .scan: target.hasSuffix("Scan")
    case .state: target.hasSuffix("PutItem") && request.text.contains("customer_sync#state")
    }
  }
}

/// Applies a fault to the requests of one place.
final class SyncFaults: HTTPTransport {
  private let inner: any HTTPTransport
  private let fault: Fault
  private let place: SyncPlace
  private let seen = Lock<[String: Int]>([:])
  private let count = Lock(0)

  init(_ fault: Fault, at place: SyncPlace, _ inner: any HTTPTransport) {
    self.inner = inner
    self.fault = fault
    self.place = place
  }

  var hits: Int { count.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard place.isMeant(request) else { return try await inner.send(request) }
    let key = request.url + request.text
    let attempt = seen.withLock { seen in
      seen[key, default: 0] += 1
      return seen[key] ?? 1
    }
    guard attempt <= fault.attempts else { return try await inner.send(request) }
    count.withLock { $0 += 1 }
    return try await fault.apply(request) { try await self.inner.send(request) }
  }
}

/// Every fault in a sync of a workspace that has changed, then the next sync without the fault.
@Suite struct CustomerFaultTests {
  @Test(arguments: Fault.everywhere(at: SyncPlace.allCases))
  func aFaultEverywhere(_ place: SyncPlace, _ fault: Fault) async throws { try await check(fault, place) }

  @Test(arguments: Fault.particular[.intercom] ?? [])
  func aFaultOfASearch(_ fault: Fault) async throws { try await check(fault, .conversationSearch) }

  private func check(_ fault: Fault, _ place: SyncPlace) async throws {
    let history = CustomerHistory(seed: "faults", contacts: 12)
    let isFirst = place == .contacts
    // DynamoDB's answers are not repeated where Intercom's are; its failures may always end a run.
    let outcome = [.rows, .scan, .state].contains(place) ? .sourceFails : fault.outcome(at: .intercom)
    if !isFirst { _ = try await history.run() }
    history.live(hours: 30, changes: 10)
    let truth = try await history.truth()
    let before = history.rows()
    let faulty = SyncFaults(fault, at: place, history.transport)
    var told: String
    do {
      let answer = try await history.run("{}", through: faulty)
      told = String(decoding: try JSONBody.encode(answer), as: UTF8.self)
      switch outcome {
      case .recovers, .isHarmless:
        #expect(answer.status == .succeeded, "\(answer.sources) \(answer.warnings)")
        #expect(history.known(history.rows()) == history.known(truth))
      case .sourceFails:
        #expect(
          answer.status == .partial || history.known(history.rows()) == history.known(truth),
          "\(answer.sources) \(answer.warnings)")
      case .suffers, .isBelieved: break
      }
    } catch let error as JobError {
      told = "\(error.kind.rawValue) \(error.message)"
      #expect(outcome == .sourceFails || outcome == .suffers, "\(error)")
      #expect(history.rows() == before, "nothing was written")
    }
    #expect(faulty.hits > 0, "the fault was met")
    // A row is old or new, never something in between. A vendor that lies is believed.
    if [.recovers, .isHarmless, .sourceFails].contains(outcome) {
      for (email, row) in history.known(history.rows()) where row != before[email] {
        var known = truth[email]
        if place == .messages, row["cancel_mentioned_at"] == nil {
          // When they last mentioned a cancellation could not be read, and mostly neither whether.
          known?["cancel_mentioned_at"] = nil
          if row["mentioned_cancel"] == nil { known?["mentioned_cancel"] = nil }
        }
        #expect(row == known, "\(email)")
      }
    }
    for marker in ["@sandbox.example", "Sample Guest", "sandbox-intercom-token", "favourite"] {
      #expect(!told.contains(marker), "\(marker): \(told)")
    }

    history.time.advance(by: .seconds(4000))
    var next = try await history.run()
    // What a vendor's lie has hidden only a full run can find.
    if ![.recovers, .isHarmless, .sourceFails].contains(outcome) {
      history.time.advance(by: .seconds(60))
      next = try await history.run(#"{"full":true}"#)
    }
    #expect(next.status == .succeeded, "\(next.sources) \(next.warnings)")
    try await history.expectTruth("healed")
  }
}
