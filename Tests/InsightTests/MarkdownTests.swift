import Foundation
import HealthModel
import Insight
import Scoring
import TestSupport
import Testing
import Time

/// The comment on a pull request that changes the configuration.
@Suite struct MarkdownTests {
  private func account(_ id: String, _ name: String, _ seconds: Double, renewal: Int) throws -> AccountSnapshot {
    let asOf = Period(year: 2026, month: 10).end
    var observations = Observations()
    for entry in try ScoringModel(Shipped.files()).dimensions.flatMap(\.metrics) {
      observations[entry.metric] = .value((entry.paid.green + entry.paid.yellow) / 2)
    }
    observations[.medianFirstResponse] = .value(seconds)
    return AccountSnapshot(
      accountID: id, accountName: name, segment: .paid, asOf: asOf, observations: observations, signals: .known([]),
      arr: 300_000, renewalDate: asOf.date.advanced(byDays: renewal))
  }

  private func book() throws -> Book {
    Book(
      period: Period(year: 2026, month: 10),
      accounts: [
        try account("a", "Zorvalle | Hotel @everyone", 3600, renewal: 60),
        try account("b", "Vex *Inn*", 7200, renewal: 200),
        try account("c", "Lum Lodge", 14_400, renewal: -5),
      ], model: try ScoringModel(Shipped.files()))
  }

  @Test func theCommentIsTheFixture() throws {
    var model = try ScoringModel(Shipped.files())
    for index in model.dimensions[0].metrics.indices
    where model.dimensions[0].metrics[index].metric == .medianFirstResponse {
      model.dimensions[0].metrics[index].paid = .init(green: 600, yellow: 1800, red: 3600)
    }
    model.tiers.healthy = 74.5
    let text = WhatIf(try book(), under: model).markdown(source: "the snapshot of 2026-10")
    #expect(text == String(decoding: try Shipped.fixture("insight/what-if.md"), as: UTF8.self), "\(text)")
  }

  @Test func aChangeWithoutEffectSaysSo() throws {
    let book = try book()
    let text = WhatIf(book, under: book.scorer.model).markdown(source: "the sandbox")
    #expect(text == "### What this configuration would do\n\nNo score changes: 3 accounts, the sandbox.\n")
  }
}
