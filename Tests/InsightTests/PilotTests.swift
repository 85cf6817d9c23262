import Formats
import Foundation
import HealthModel
import HealthSources
import Insight
import Scoring
import TestSupport
import Testing
import Time

@Suite struct PilotTests {
  private let period = Period(year: 2026, month: 10)

  private func account(_ id: String, _ change: (inout AccountSnapshot) -> Void = { _ in }) throws -> AccountSnapshot {
    var observations = Observations()
    for entry in try ScoringModel(Shipped.files()).dimensions.flatMap(\.metrics) {
      observations[entry.metric] = .value(entry.paid.yellow)
    }
    var account = AccountSnapshot(
      accountID: id, accountName: "Sample \(id)", segment: .paid, asOf: period.end, observations: observations,
      signals: .known([]),
      mapping: AccountLinks(intercomCompanyID: "company-\(id)", jiraProject: "SUP", jiraComponent: id))
    change(&account)
    return account
  }

  private func pilot(_ known: String, _ accounts: [AccountSnapshot], others: [Book] = []) throws -> Pilot {
    let model = try ScoringModel(Shipped.files())
    return Pilot(
      try KnownFigure.reading(Array("account_id,metric,value,tolerance,expected_tier\n\(known)".utf8)),
      Book(period: period, accounts: accounts, model: model), others: others, sources: SourceRegistry.metricSources,
      unapproved: model.unapproved)
  }

  /// The five causes that a pilot mostly finds, and why something is missing.
  @Test func everyPlantedCauseIsNamed() throws {
    let september = Book(
      period: Period(year: 2026, month: 9),
      accounts: [try account("a") { $0.observations[.totalConversations] = .value(31) }],
      model: try ScoringModel(Shipped.files()))
    let accounts = [
      try account("a"),
      try account("b") {
        $0.mapping?.intercomCompanyID = nil
        $0.observations[.csatScore] = .missing(.notMapped)
      },
      try account("c") {
        $0.observations[.totalConversations] = .value(7)
        $0.observations[.p1p2] = .value(3)
      },
      try account("d") { $0.observations[.csatScore] = .missing(.notFound) },
    ]
    let pilot = try pilot(
      """
      a,support_health.total_conversations,31,,
      b,support_health.csat_score,4.2,,
      c,support_health.total_conversations,90,,
      c,support_health.p1_p2_pct,44,,
      a,support_health.median_first_response_seconds,2,,
      a,support_health.median_resolution_seconds,50000,,
      d,support_health.csat_score,4.2,,
      a,financial_contract.payment_health,3,,
      nobody,support_health.csat_score,4.2,,

      """, accounts, others: [september])
    let expected: [(Pilot.Status, String)] = [
      (.different, "window: the known value is that of 2026-09"), (.missing, "not_mapped: unmapped"),
      (.different, "wrong id: none of 2 known values of intercom fits; check intercom_company_id company-c"),
      (.different, "wrong id"), (.different, "unit: the factor is 3,600; the metric is in seconds"),
      (.different, "late close"), (.missing, "not_found: wrong id"), (.different, "window: "),
      (.unknownAccount, "unmapped"),
    ]
    for (comparison, (status, explanation)) in zip(pilot.comparisons, expected) {
      #expect(comparison.status == status)
      #expect(comparison.explanation.hasPrefix(explanation), "\(comparison.explanation)")
    }
    #expect(pilot.comparisons[0].difference == -6)
    let text = pilot.markdown
    #expect(text.contains("## What blocks go-live\n\n- 1 figures of accounts that are not in the book: nobody"))
    #expect(text.contains("| thresholds.yaml: metrics.support\\_health.csat\\_score | 2 |"))
    #expect(
      String(decoding: pilot.csv, as: UTF8.self).contains(
        "a,Sample a,support_health.total_conversations,31,25,-6,different,"))
  }

  @Test func whatIsKnownExactlyOrNearlyIsEqual() throws {
    let accounts = [try account("a") { $0.observations[.p1p2] = .value(12.0412) }]
    let pilot = try pilot(
      "a,support_health.p1_p2_pct,12.04,,\na,support_health.p1_p2_pct,12.04,0,\na,support_health.p1_p2_pct,13,1,At risk\na,,,,critical\n",
      accounts)
    #expect(pilot.comparisons.map(\.status) == [.equal, .different, .equal, .different, .equal])
    #expect(pilot.comparisons[3].figure == "tier" && pilot.comparisons[3].explanation.contains("begins at 60"))
    #expect(pilot.blockers.contains { $0.contains("not approved") })
  }

  @Test func faultyRowsAreNamedByLine() {
    let text = "account_id,metric,value,tolerance,expected_tier\n,a,1,,\nx,nonsense,one,-1,best\nx,,,,\n"
    let error = #expect(throws: RowProblems.self) { try KnownFigure.reading(Array(text.utf8)) }
    #expect(error?.problems.count == 6, "\(error?.description ?? "")")
  }
}
