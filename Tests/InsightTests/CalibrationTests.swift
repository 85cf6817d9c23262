import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Scoring
import TestSupport
import Testing
import Time

@testable import Insight

@Suite struct CalibrationTests {
  private struct Reference: Decodable {
    let auc, auc_low, auc_high, brier, log_loss, intercept, ridge_penalty, ridge_intercept: Double
    let coefficients: [String: Double]
    let ridge_coefficients: [Double]
  }

  private static let bounds: [(tier: Tier, bound: Double)] = [(.champion, 90), (.healthy, 76), (.atRisk, 60)]

  private func reference() throws -> Reference {
    try JSONDecoder().decode(Reference.self, from: Data(Shipped.fixture("calibration/reference.json")))
  }

  private func book(_ roles: CalibrationTable.Roles? = nil) throws -> CalibrationTable {
    try CalibrationTable.reading(
      Shipped.fixture("calibration/book.csv"), roles ?? .init(outcome: "churned", score: "score")
    ).table
  }

  private func isNear(_ value: Double?, _ expected: Double) -> Bool {
    value.map { ($0 - expected).magnitude < 1e-6 } ?? false
  }

  @Test func theEvaluationAgreesWithScikitLearn() throws {
    let (table, expected) = (try book(), try reference())
    let found = ScoreEvaluation(
      horizon: nil, scores: try #require(table.scores), outcomes: table.outcomes, bounds: Self.bounds)
    #expect(isNear(found.area, expected.auc))
    #expect(isNear(found.areaLow, expected.auc_low) && isNear(found.areaHigh, expected.auc_high))
    #expect(isNear(found.brier, expected.brier) && isNear(found.logLoss, expected.log_loss))
    #expect(found.deciles.map(\.count) == Array(repeating: 40, count: 10))
    #expect(found.edges.map(\.tier) == [.champion, .healthy, .atRisk])
    #expect(found.edges[0].recall ?? 0 >= found.edges[1].recall ?? 1)
  }

  @Test func theFreeFitAgreesWithScikitLearn() throws {
    let (table, expected) = (try book(), try reference())
    let matrix = DesignMatrix(table.columns.map(\.values), rowCount: table.outcomes.count)
    let free = LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: table.columns.map { _ in .any },
      prior: Array(repeating: 0, count: 6), penalty: 0
    ).fit(weights: Array(repeating: 1, count: 400))
    for (index, column) in table.columns.enumerated() {
      #expect(isNear(free.coefficients[index] / matrix.scales[index], expected.coefficients[column.name] ?? .nan))
    }
    let shift = zip(free.coefficients, zip(matrix.means, matrix.scales)).reduce(0) { $0 + $1.0 * $1.1.0 / $1.1.1 }
    #expect(isNear(free.intercept - shift, expected.intercept))
    let ridge = LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: table.columns.map { _ in .any },
      prior: Array(repeating: 0, count: 6), penalty: expected.ridge_penalty
    ).fit(weights: Array(repeating: 1, count: 400))
    #expect(isNear(ridge.intercept, expected.ridge_intercept))
    #expect(zip(ridge.coefficients, expected.ridge_coefficients).allSatisfy { isNear($0, $1) })
  }

  /// The optimum within the signs: no small step that keeps them lowers the loss.
  @Test func signsAreKeptAtTheOptimum() throws {
    let table = try book()
    let matrix = DesignMatrix(table.columns.map(\.values), rowCount: table.outcomes.count)
    // The wrong way round on purpose for logins and tickets.
    let signs: [LogisticRegression.Sign] = [.positive, .negative, .negative, .any, .positive, .positive]
    let regression = LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: signs, prior: Array(repeating: 0, count: 6), penalty: 1)
    let weights = [Double](repeating: 1, count: 400)
    let fit = regression.fit(weights: weights)
    #expect(fit.coefficients[0] == 0 && fit.coefficients[1] == 0 && fit.coefficients[2] < 0)
    func loss(_ fit: LogisticRegression.Fit) -> Double {
      let data = zip(regression.predictors(of: fit), table.outcomes).reduce(0) {
        $0 + Double.softplus($1.1 ? -$1.0 : $1.0)
      }
      return data + fit.coefficients.reduce(0) { $0 + $1 * $1 } / 2
    }
    for index in signs.indices {
      for step in [-1e-4, 1e-4] {
        var other = fit
        other.coefficients[index] = signs[index].allowed(fit.coefficients[index] + step)
        #expect(loss(other) >= loss(fit))
      }
    }
  }

  @Test func aBookWithSignalIsTold() async throws {
    let roles = CalibrationTable.Roles(
      outcome: "churned", score: "score", lowerIsBetter: ["tickets"], higherIsBetter: ["logins", "seats_pct"])
    let result = await Calibration(try book(roles))
    #expect(result.verdict == .change && result.outcomesNeeded == 0 && result.contradictions.isEmpty)
    #expect(result.free?.area ?? 0 > 0.65 && result.constrained?.area ?? 0 > 0.65)
    #expect(result.improvement?.low ?? -1 > 0)
    let free = try #require(result.free)
    #expect(zip(free.low, zip(free.coefficients, free.high)).allSatisfy { $0 < $1.0 && $1.0 < $1.1 })
    let again = await Calibration(try book(roles))
    #expect(again.free == result.free && again.constrained == result.constrained)
    let reversed = CalibrationTable.Roles(
      outcome: "churned", score: "score", lowerIsBetter: ["logins", "noise"], higherIsBetter: ["tickets"])
    let odd = await Calibration(try book(reversed))
    #expect(odd.contradictions.map(\.column) == ["logins", "tickets"])
  }

  private func noise(_ seed: UInt64, rows: Int, churns: Int) -> CalibrationTable {
    var dice = SeededGenerator(seed: seed)
    func numbers() -> [Double] { (0..<rows).map { _ in Double.random(in: 0...100, using: &dice) } }
    let outcomes = ((0..<rows).map { $0 < churns }).shuffled(using: &dice)
    return CalibrationTable(
      columns: (0..<5).map { .init(name: "c\($0)", values: numbers(), direction: .higherIsBetter, weight: 0.2) },
      outcomes: outcomes, scores: numbers())
  }

  @Test func noiseIsNotEnough() async {
    var changes = 0
    for seed in 0..<12 {
      let result = await Calibration(noise(UInt64(seed), rows: 150, churns: 40))
      if result.verdict == .change { changes += 1 }
    }
    #expect(changes <= 1)
    let small = await Calibration(noise(99, rows: 100, churns: 12))
    #expect(small.verdict == .tooLittle)
  }

  @Test func oneKindOfOutcomeTellsNothing() async {
    let report = await CalibrationReport(
      table: noise(1, rows: 20, churns: 0), ignored: ["name"], bounds: Self.bounds)
    #expect(report.calibration.free == nil && report.evaluations[0].area == nil)
    let text = String(decoding: report.json, as: UTF8.self)
    #expect(text.contains(#""auc":null"#) && text.contains(#""ignored":["name"]"#))
  }

  @Test(arguments: [
    ("churned,a\n1,2\n2,3\n,4\n", "line 3: churned is not 0 or 1\nline 4: churned is not 0 or 1"),
    ("churned,a\n1\n", "line 2: the row has 1 fields, expected 2"), ("a\n1\n", "line 1: there is no column churned"),
    ("churned,churned\n1,1\n", "line 1: a column has no name"), ("churned,a\n", "line 1: there is no row"),
  ]) func faultyTablesAreNamedByLine(_ text: String, _ message: String) {
    let error = #expect(throws: RowProblems.self) {
      try CalibrationTable.reading(Array(text.utf8), .init(outcome: "churned"))
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func whatIsNoNumberIsIgnored() throws {
    let (table, ignored) = try CalibrationTable.reading(
      Array("id,plan,a,b,churned\nx1,gold,1,,1\nx2,basic,2, 3 ,0\n".utf8), .init(outcome: "churned"))
    #expect(ignored == ["id", "plan"] && table.columns.map(\.name) == ["a", "b"])
    #expect(table.columns[1].values == [nil, 3] && table.outcomes == [true, false])
  }
}

/// Outcomes beside stored months.
@Suite struct OutcomeHistoryTests {
  private func book(_ month: Int, _ accounts: [(id: String, csat: Double)]) throws -> Book {
    let model = try ScoringModel(Shipped.files())
    let period = Period(year: 2026, month: month)
    let snapshots = accounts.map { account in
      var observations = Observations()
      for entry in model.dimensions.flatMap(\.metrics) { observations[entry.metric] = .value(entry.paid.yellow) }
      observations[.csatScore] = .value(account.csat)
      return AccountSnapshot(
        accountID: account.id, accountName: account.id, segment: .paid, asOf: period.end, observations: observations,
        signals: .known([]))
    }
    return Book(period: period, accounts: snapshots, model: model)
  }

  /// A month after the outcome, or too shortly before it, is never looked at: it holds the answer.
  @Test func nothingAfterTheScoringDateEnters() async throws {
    let ids = (0..<60).map { "a\($0)" }
    let outcomes = ids.enumerated().map { index, id in
      Outcome(
        accountID: id, date: CalendarDate(year: 2026, month: 9, day: 15)!, kind: index % 2 == 0 ? .churned : .renewed)
    }
    // May tells nothing. From the end of July on, the satisfaction is the outcome itself.
    let silent = try book(5, ids.map { ($0, 4) })
    let telling = try [7, 8, 9, 10].map { month in
      try book(month, ids.enumerated().map { ($0.element, $0.offset % 2 == 0 ? 1 : 5) })
    }
    let history = OutcomeHistory(outcomes, [silent] + telling, today: silent.scorer.model)
    #expect(history.evaluations.map(\.horizon) == [60, 90, 120])
    #expect(history.evaluations.map(\.area) == [0.5, 0.5, nil])
    #expect(history.evaluations.map(\.count) == [60, 60, 0] && history.unmatched == 0)
    let report = await CalibrationReport(history, outcomes: outcomes)
    #expect(report.calibration.verdict == .tooLittle && report.rows == 60 && report.events == 30)
    let known = OutcomeHistory(
      outcomes.map {
        Outcome(accountID: $0.accountID, date: CalendarDate(year: 2026, month: 12, day: 1)!, kind: $0.kind)
      },
      [silent] + telling, today: silent.scorer.model)
    #expect(known.evaluations[0].area == 1)
  }

  @Test func weightsAreProposedAndNothingElseChanges() async throws {
    let model = try ScoringModel(Shipped.files())
    let bytes = try Shipped.bytes("weights.yaml")
    var shares = Scorer(model: model).weightedMetrics.mapValues(\.share)
    #expect(WeightsText.replacing(bytes, shares: shares) != nil)
    let moved = shares[.csatScore] ?? 0
    shares[.csatScore] = 0
    shares[.platformScore, default: 0] += moved
    let text = try #require(WeightsText.replacing(bytes, shares: shares))
    var files = try Shipped.files()
    files.weights = text
    let changed = Scorer(model: try ScoringModel(files)).weightedMetrics
    #expect(changed[.csatScore]?.share == 0)
    for (metric, share) in shares { #expect(((changed[metric]?.share ?? -1) - share).magnitude < 2e-4, "\(metric)") }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let before = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(
      lines.count == before.count
        && zip(lines, before).allSatisfy { $0.split(separator: ":")[0] == $1.split(separator: ":")[0] })
  }

  @Test func outcomesAreReadOrNamed() throws {
    let text = "account_id,date,outcome\n001SBx000000001,2026-10-01,Churned\nother,2026-10-02,renewed\n"
    let outcomes = try Outcome.reading(Array(text.utf8))
    #expect(outcomes.map(\.accountID.count) == [18, 5] && outcomes[0].kind == .churned)
    let error = #expect(throws: RowProblems.self) {
      try Outcome.reading(Array("account_id,date,outcome\n,2026-13-01,left\nx,2026-10-01T00:00:00Z,churned\n".utf8))
    }
    #expect(error?.problems.count == 4)
  }

  @Test func figuresAreApprovedByteForByte() throws {
    let files = try Shipped.files().byName
    let unapproved = try Shipped.configuration().unapproved
    let changed = try Approval.approving(
      ["coverage.minimum_pct", "metrics.support_health.csat_score", "salesforce.arr_history.minimum_age_days"],
      by: "A \"Sample\" Person", on: "2026-11-26", in: files, unapproved: unapproved)
    #expect(Set(changed.keys) == ["thresholds.yaml", "sources.yaml"])
    let text = String(decoding: changed["thresholds.yaml"] ?? [], as: UTF8.self)
    let value = #"{ by: "A \"Sample\" Person", on: 2026-11-26 }"#
    #expect(text.contains("minimum_pct: { value: 25, approved: \(value) }"))
    let original = String(decoding: files["thresholds.yaml"] ?? [], as: UTF8.self)
    #expect(text.replacing(value, with: "false") == original)
    var used = try Shipped.files()
    used.thresholds = changed["thresholds.yaml"]
    #expect(try ScoringModel(used).unapproved.count == ScoringModel(Shipped.files()).unapproved.count - 2)
    let refusal = #expect(throws: Approval.Refusal.self) {
      try Approval.approving(
        ["tiers.champion", "nonsense"], by: "x", on: "2026-11-26", in: files, unapproved: unapproved)
    }
    #expect(refusal?.description.hasPrefix("nonsense, tiers.champion: no figure of that name") == true)
  }
}
