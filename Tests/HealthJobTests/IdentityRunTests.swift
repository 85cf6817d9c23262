import AWSClient
import Concurrency
import ConfigurationReading
import Formats
import Foundation
import HTTPClient
import HealthJob
import HealthModel
import Runs
import Sandbox
import TestSupport
import Testing
import Time

/// What a run tells of the mapping, and where it takes it from.
@Suite struct IdentityRunTests {
  private static let table = "sandbox-mapping"

  private func world(
    unmapped: Int = 0, varieties: Set<SandboxVariety> = [], environment: [String: String] = [:],
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) throws -> TestWorld<ScriptedTransport> {
    let time = VirtualTime()
    let services = SandboxServices(
      world: SandboxWorld(period: Period(year: 2026, month: 10), varieties: varieties, unmapped: unmapped),
      time: time.source)
    return TestWorld(
      services: services, transport: .sandbox(services, override: override), time: time,
      root: try Shipped.temporaryFolder(), environment: environment)
  }

  private func mappingTable(_ world: TestWorld<ScriptedTransport>) throws -> MappingTable {
    let operations = Operations(Environment(world.variables), readFile: { _ in nil })
    return MappingTable(
      DynamoDB(settings: try #require(operations.aws), transport: world.transport, time: world.time.source),
      name: Self.table)
  }

  private func rows(_ world: TestWorld<ScriptedTransport>, _ count: Int) throws -> [[String: String]] {
    CSV.rows(Array(world.services.world.mapping.utf8)).prefix(count).map { $0.filter { !$0.value.isEmpty } }
  }

  @Test func accountsWithoutARowAreCounted() async throws {
    let world = try world(unmapped: 30)
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    let organisations = world.services.world.unmapped.organisations
    #expect(answer.status == .succeeded)
    #expect(answer.unmapped?.accounts == 30 && answer.unmapped?.arr == organisations.reduce(0) { $0 + $1.arr })
    let files = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: "\(world.folder)/health_scores_2026-10.config.json")))
    #expect(((files as? [String: Any])?["mapping_hash"] as? String)?.hasPrefix("sha256:") == true)
  }

  @Test func anAmountThatIsNoNumberIsNotZero() async throws {
    let world = try world(unmapped: 5, varieties: [.salesforceTextAmounts])
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.unmapped?.accounts == 5 && answer.unmapped?.arr == nil)
    #expect(answer.warnings.contains { $0.hasPrefix("the ARR of accounts without a row is not told: Account.ARR__c") })
  }

  @Test func notKnowingThemFailsNothing() async throws {
    let world = try world(unmapped: 5) { request in
      request.url.contains("/query?q=") && !request.url.contains("WHERE") ? .json("{}", status: 404) : nil
    }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.status == .succeeded && answer.unmapped == nil)
    #expect(answer.warnings.contains { $0.hasPrefix("how many accounts have no row in the mapping is not known") })
  }

  @Test func aLinkThatChangedIsNamed() async throws {
    let world = try world()
    defer { world.remove() }
    let first = try await world.run(#"{"dry_run": true}"#)
    #expect(first.identityChanges.isEmpty)
    let path = "\(world.folder)/health_scores_2026-"
    let lines = try world.lines("health_scores_2026-10.jsonl").enumerated().map { index, line in
      var account = try AccountSnapshot(line: line)
      if index == 0 { account.mapping?.intercomCompanyID = "earlier" }
      if index == 1 { account.mapping?.lookerCustomerID = nil }
      return Data(account.line)
    }
    try Data(lines.joined()).write(to: URL(filePath: path + "09.jsonl"))
    try FileManager.default.copyItem(atPath: path + "10.config.json", toPath: path + "09.config.json")
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.identityChangesTotal == 2)
    #expect(answer.identityChanges.map(\.column) == ["intercom_company_id", "looker_customer_id"])
    #expect(answer.identityChanges.map(\.from) == ["earlier", nil] && answer.identityChanges[1].to == "9001")
  }

  @Test func theMappingMayBeInATable() async throws {
    let world = try world(environment: ["MAPPING_TABLE": Self.table])
    defer { world.remove() }
    await #expect(throws: JobError.self) { try await world.run(#"{"dry_run": true}"#) }
    let table = try mappingTable(world)
    let now = world.time.source.now
    let empty = try await table.contents()
    try await table.write(try rows(world, 30), over: empty, by: "Ada", at: now)
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.accounts.total == 30 && answer.unmapped?.accounts == 90)
    // Somebody else was faster.
    let conflict = await #expect(throws: MappingTable.Conflict.self) {
      try await table.write(try rows(world, 1), over: empty, by: "Bea", at: now)
    }
    #expect(conflict?.by == "Ada")
    #expect(try await table.contents().version == 1)
    // A change touches its own rows only.
    var changed = try rows(world, 1)
    changed[0]["intercom_company_id"] = "another"
    try await table.write(changed, over: try await table.contents(), by: "Bea", at: now)
    let text = String(decoding: try #require(try await table.contents().csv), as: UTF8.self)
    #expect(text.contains(",another,") && text.split(separator: "\n").count == 31)
  }

  @Test func aLargeMappingIsWholeOrNotThere() async throws {
    let written = Lock(0)
    let world = try world(environment: ["MAPPING_TABLE": Self.table]) { request in
      guard request.headers["X-Amz-Target"]?.hasSuffix("TransactWriteItems") == true else { return nil }
      let count = written.withLock { count in
        count += 1
        return count
      }
      return count == 3 ? .json(#"{"__type":"AccessDeniedException"}"#, status: 400) : nil
    }
    defer { world.remove() }
    let table = try mappingTable(world)
    let all = try rows(world, 120)
    let now = world.time.source.now
    let empty = try await table.contents()
    await #expect(throws: (any Error).self) { try await table.write(all, over: empty, by: "Ada", at: now) }
    let half = try await table.contents()
    #expect(half.csv == nil && half.version == 0)
    // What the fill left does not count, whether the next one is as large or small.
    try await table.write(Array(all.suffix(10)), over: half, by: "Ada", at: now)
    #expect(CSV.rows(try await table.contents().csv ?? []).count == 10)
  }

  @Test func aFilledTableTakesChanges() async throws {
    let world = try world(environment: ["MAPPING_TABLE": Self.table])
    defer { world.remove() }
    let table = try mappingTable(world)
    let all = try rows(world, 120)
    let now = world.time.source.now
    try await table.write(all, over: try await table.contents(), by: "Ada", at: now)
    let whole = try await table.contents()
    #expect(whole.version == 1 && CSV.rows(whole.csv ?? []).count == 120)
    await #expect(throws: MappingTable.Refusal.self) { try await table.write(all, over: whole, by: "Ada", at: now) }
    try await table.write(Array(all.prefix(1)), over: whole, by: "Bea", at: now)
    #expect(CSV.rows(try await table.contents().csv ?? []).count == 120)
  }
}
