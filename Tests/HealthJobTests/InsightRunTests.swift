import Formats
import Foundation
import HealthJob
import HealthModel
import Insight
import Snapshots
import TestSupport
import Testing
import Time

/// What a run tells of the month before, and of signals that lapse soon.
@Suite struct InsightRunTests {
  private func copyToSeptember(_ folder: String, _ change: (inout AccountSnapshot) -> Void) throws {
    let lines = try Data(contentsOf: URL(filePath: "\(folder)/health_scores_2026-10.jsonl")).split(separator: 10)
    let earlier = try lines.map { line in
      var account = try AccountSnapshot(line: Array(line))
      change(&account)
      return Data(account.line)
    }
    try Data(earlier.joined()).write(to: URL(filePath: "\(folder)/health_scores_2026-09.jsonl"))
    try FileManager.default.copyItem(
      atPath: "\(folder)/health_scores_2026-10.config.json", toPath: "\(folder)/health_scores_2026-09.config.json")
  }

  @Test func aRunTellsWhyTheBookMoved() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let first = try await world.run(#"{"dry_run": true}"#)
    #expect(first.changes == nil)
    let scored = try #require(first.results?.first { $0.healthScore != nil && ($0.missing).isEmpty })
    try copyToSeptember(world.folder) { account in
      if account.accountID == scored.accountID { account.observations[.csatScore] = .value(1) }
    }
    let answer = try await world.run()
    let changes = try #require(answer.changes)
    #expect(changes.from == Period(year: 2026, month: 9) && changes.to == Period(year: 2026, month: 10))
    #expect(changes.book.points(.data) > 0 && changes.book.points(.configuration) == 0)
    #expect(changes.book.accounts == answer.accounts.scored + answer.accounts.unscored)
    let summaries = Dictionary(
      uniqueKeysWithValues: world.records.map { ($0["Account__c"] ?? "", $0["Change_Summary__c"] ?? "") })
    #expect(summaries[scored.accountID]?.contains("since 2026-09: Customer satisfaction 1 \u{2192}") == true)
    #expect(summaries.values.contains("No change since 2026-09"))
    #expect(summaries.values.allSatisfy { $0.count <= 255 })
  }

  @Test func theSnapshotKnowsTheMappingAndTheOwner() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run": true}"#)
    let accounts = try world.snapshots()
    #expect(accounts.allSatisfy { $0.mapping?.salesforceID == $0.salesforceID?.description })
    #expect(accounts.contains { $0.mapping?.jiraComponent != nil && $0.mapping?.intercomCompanyID != nil })
    #expect(accounts.filter { $0.ownerName?.hasPrefix("Sample Manager") == true && $0.ownerID != nil }.count > 10)
    #expect(try AccountSnapshot(line: accounts[0].line) == accounts[0])
  }

  @Test func aDamagedMonthBeforeIsAWarning() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run": true}"#)
    try copyToSeptember(world.folder) { _ in }
    try Data("not a line\n".utf8).write(to: URL(filePath: "\(world.folder)/health_scores_2026-09.jsonl"))
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.changes == nil)
    #expect(answer.warnings.contains { $0.contains("why scores moved since 2026-09 is not told") })
  }

  @Test func signalsThatLapseSoonAreNamed() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    let accounts = try world.snapshots()
    let scorer = try Book(
      period: answer.period, accounts: accounts, model: Shipped.configuration().scoring
    ).scorer
    let expected = accounts.flatMap { scorer.ledger(of: $0) }.filter { ($0.daysLeft ?? 99) <= 14 }
    #expect(answer.lapsingSignalsTotal == expected.count)
    #expect(answer.warnings.contains { $0.contains("lapse") } == !expected.isEmpty)
  }
}
