import Concurrency
import CustomerJob
import CustomerModel
import CustomerTable
import Formats
import Foundation
import HTTPClient
import Runs
import Sandbox
import TestSupport
import Testing
import Time

/// A workspace whose life goes on between the runs, and the table that they write.
struct CustomerHistory: Sendable {
  static let variables = ["METRICS_TABLE": "metrics", "CUSTOMERS_TABLE": "customers"]

  let world: CustomerWorld
  let services: SandboxServices
  let time = VirtualTime("2026-11-01T06:00:00Z")
  let transport: ScriptedTransport

  init(
    seed: String, contacts: Int = 40,
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) {
    world = CustomerWorld(contacts: contacts, conversations: 3, days: 60, seed: seed, now: time.source.now)
    services = SandboxServices(
      world: SandboxWorld(accounts: 1, period: Period(year: 2026, month: 10)), customers: world, time: time.source)
    transport = .sandbox(services, override: override)
  }

  /// Lets hours pass and the workspace change meanwhile.
  func live(hours: Int, changes: Int? = nil, deletesContacts: Bool = false) {
    time.advance(by: .seconds(hours * 3600 - 900))
    world.change(at: time.source.now, count: changes, deletesContacts: deletesContacts)
    time.advance(by: .seconds(900))
  }

  func run(_ event: String = "{}", table: String = "customers", state: String = "metrics") async throws
    -> CustomerSyncAnswer
  {
    try await run(event, through: transport, table: table, state: state)
  }

  func run(
    _ event: String = "{}", through transport: any HTTPTransport, table: String = "customers",
    state: String = "metrics", deadline: Duration? = nil
  ) async throws -> CustomerSyncAnswer {
    var variables = SandboxServices.environment(base: ScriptedTransport.sandboxBase)
    variables["CONFIG_DIR"] = Shipped.configFolder
    variables["OUTPUT_DIR"] = "/dev/null/nowhere"
    variables["CUSTOMERS_TABLE"] = table
    variables["METRICS_TABLE"] = state
    let runner = TestWorld<ScriptedTransport>.runner(variables, transport, time.source)
    return try await runner.run(CustomerSyncJob(), event: Array(event.utf8), deadline: deadline)
  }

  /// The rows that are customers, without what depends on the instant of the write.
  func rows(_ table: String = "customers") -> [String: [String: String]] {
    var rows: [String: [String: String]] = [:]
    for item in services.items(in: table) where item["intercom_deleted_at"] == nil {
      rows[item["email"] ?? ""] = item.filter { !["last_intercom_sync", "days_since_seen"].contains($0.key) }
    }
    return rows
  }

  /// What a full run into an empty table would write now.
  func truth() async throws -> [String: [String: String]] {
    let name = "truth-\(UUID().uuidString)"
    let answer = try await run(#"{"full":true}"#, table: name, state: name + "-state")
    #expect(answer.status == .succeeded, "\(answer.sources) \(answer.warnings)")
    return rows(name)
  }

  func expectTruth(_ comment: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let (found, truth) = (rows(), try await truth())
    for (email, row) in truth where found[email] != row {
      let differing = Set(row.keys).union(found[email]?.keys.map { $0 } ?? []).filter { row[$0] != found[email]?[$0] }
      Issue.record(
        "\(comment), \(email): \(differing.sorted().map { "\($0) \(found[email]?[$0] ?? "–"), true is \(row[$0] ?? "–")" })",
        sourceLocation: sourceLocation)
    }
    for email in found.keys where truth[email] == nil {
      Issue.record("\(comment), \(email) is no customer any more", sourceLocation: sourceLocation)
    }
  }
}

/// After an incremental run the table holds what a full run would write at that instant.
@Suite struct CustomerHistoryTests {
  @Test(arguments: 0..<100) func anIncrementalRunKnowsAsMuchAsAFullOne(_ seed: Int) async throws {
    let history = CustomerHistory(seed: "history \(seed)")
    let first = try await history.run()
    #expect(first.status == .succeeded && first.mode == .full, "\(first.warnings) \(first.sources)")
    for round in 1...4 {
      history.live(hours: [6, 6, 30, 24 * 9][round - 1], changes: 12)
      let answer = try await history.run()
      #expect(answer.status == .succeeded && answer.mode == .incremental, "\(answer.warnings) \(answer.sources)")
      try await history.expectTruth("seed \(seed), round \(round)")
    }
  }

  /// A process that dies can't do anything any more, whatever it was about to do.
  @Test(arguments: 0..<40) func aRunThatWasKilledAndRunAgainGivesTheSameTable(_ seed: Int) async throws {
    let history = CustomerHistory(seed: "killed \(seed)")
    // Some die in the first, full run, others in a later one.
    if seed % 4 != 0 { _ = try await history.run() }
    for round in 1...3 {
      history.live(hours: [6, 30, 24 * 8][round - 1], changes: 12)
      var random = SystemRandom(seed: UInt64(seed * 10 + round))
      let fatal = Int.random(in: 1...(seed % 2 == 0 ? 60 : 16), using: &random)
      let sent = Lock(0)
      let dying = ScriptedTransport { request in
        let number = sent.withLock { sent in
          sent += 1
          return sent
        }
        // Every other one is still done there, but the process hears nothing of it.
        if number >= fatal {
          if number == fatal, seed % 3 == 0 { _ = try await history.transport.send(request) }
          throw CancellationError()
        }
        return try await history.transport.send(request)
      }
      _ = try? await history.run("{}", through: dying)
      // Its lock ends by itself.
      history.live(hours: 2, changes: round == 2 ? 6 : 0)
      let answer = try await history.run()
      #expect(answer.status == .succeeded, "\(answer.warnings) \(answer.sources)")
      try await history.expectTruth("seed \(seed), round \(round), killed at request \(fatal)")
    }
  }
}

/// Reproducible numbers.
private struct SystemRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
