import Foundation
import HealthModel
import Scoring
import TestSupport
import Testing
import Time

/// A model in which each dimension has one metric, whose value is the dimension's score.
private func directModel() throws -> ScoringModel {
  var model = try Shipped.configuration().scoring
  let marks = ScoringModel.Thresholds(green: 100, yellow: 50, red: 0)
  let metrics: [HealthModel.Dimension: Metric] = [
    .supportHealth: .csatScore, .financialContract: .arrTrajectory, .adoptionEngagement: .platformScore,
    .relationshipExpansion: .qbrAttendance, .platformValue: .positiveSentiment,
  ]
  for index in model.dimensions.indices {
    guard let metric = metrics[model.dimensions[index].dimension] else { continue }
    model.dimensions[index].metrics = [
      .init(metric: metric, weight: 1, isLowerBetter: false, paid: marks, standard: marks)
    ]
  }
  return model
}

private func signal(
  _ severity: ChurnSignal.Severity, _ confidence: String = "Suspected", _ status: String = "Active",
  _ observed: String? = nil
) -> ChurnSignal {
  ChurnSignal(
    severity: severity, confidence: confidence, status: status,
    observed: observed.flatMap { Timestamp(iso8601: $0)?.date })
}

private let asOf = Timestamp(milliseconds: Period(year: 2026, month: 10).end.milliseconds)

private func score(_ values: [Metric: Double], _ signals: SignalReading = .known([])) throws -> HealthScore {
  var observations = Observations()
  for (metric, value) in values { observations[metric] = .value(value) }
  return Scorer(model: try directModel()).score(observations, signals: signals, segment: .paid, asOf: asOf)
}

private func example(
  _ support: Double, _ financial: Double, _ adoption: Double, _ relationship: Double?, _ value: Double?
)
  -> [Metric: Double]
{
  var values: [Metric: Double] = [.csatScore: support, .arrTrajectory: financial, .platformScore: adoption]
  values[.qbrAttendance] = relationship
  values[.positiveSentiment] = value
  return values
}

@Suite struct WorkedExamples {
  @Test func healthy() throws {
    let score = try score(example(85, 95, 88, 92, 82))
    #expect(score.churnRisk == 89.8)
    #expect(score.quantitative == 86.7)
    #expect(score.health == 86.7)
    #expect(score.tier == .healthy)
  }

  @Test func confirmedCritical() throws {
    let score = try score(example(85, 95, 88, 92, 82), .known([signal(.critical, "Confirmed")]))
    #expect(score.quantitative == 86.7)
    #expect(score.health == 50)
    #expect(score.tier == .critical)
    #expect(score.qualitative.rule == "critical_confirmed")
    guard case .cap = score.drivers.first else {
      Issue.record("a binding cap is named first")
      return
    }
  }

  @Test func atRisk() throws {
    let score = try score(example(72, 75, 55, 50, 58))
    #expect(score.churnRisk == 65.4)
    #expect(score.health == 62.4)
    #expect(score.tier == .atRisk)
  }

  @Test func withoutRelationship() throws {
    let score = try score(example(85, 95, 88, nil, nil))
    #expect(score.churnRisk == 89.4)
    #expect(score.quantitative == 89.4)
    #expect(score.health == 89.4)
    #expect(score.tier == .healthy)
  }

  @Test(arguments: [
    (82.0, [signal(.watch)], 82.0, "none"),
    (82, [signal(.moderate)], 75, "moderate_1plus"),
    (82, [signal(.critical)], 65, "critical_1"),
    (78, [signal(.critical), signal(.critical)], 55, "critical_2plus"),
    (90, [signal(.critical, "Confirmed")], 50, "critical_confirmed"),
    (48, [signal(.critical)], 48, "critical_1"),
    (70, [signal(.moderate)], 70, "moderate_1plus"),
  ])
  func caps(_ value: Double, _ signals: [ChurnSignal], _ expected: Double, _ rule: String) throws {
    let score = try score(example(value, value, value, value, value), .known(signals))
    #expect(score.health == expected)
    #expect(score.qualitative.rule == rule)
  }
}

@Suite struct ChurnSignals {
  private func counts(_ signals: [ChurnSignal]) throws -> Qualitative.Counts {
    try #require(score(example(90, 90, 90, 90, 90), .known(signals)).qualitative.counts)
  }

  @Test(arguments: [
    (ChurnSignal.Severity.watch, "2026-09-02", 1), (.watch, "2026-09-01", 0),
    (.moderate, "2026-08-03", 1), (.moderate, "2026-08-02", 0),
    (.critical, "2020-01-01", 1), (.critical, "2026-11-01", 1), (.critical, "2026-11-02", 0),
  ])
  func expiry(_ severity: ChurnSignal.Severity, _ observed: String, _ expected: Int) throws {
    let counts = try counts([signal(severity, "Confirmed", "Active", observed)])
    #expect(counts.critical + counts.moderate + counts.watch == expected)
  }

  @Test func monitoringCountsOneLowerAndIsNeverConfirmed() throws {
    let signals = [signal(.critical, "Confirmed", "Monitoring"), signal(.watch, "Confirmed", "Monitoring")]
    let score = try score(example(90, 90, 90, 90, 90), .known(signals))
    #expect(score.qualitative.rule == "moderate_1plus")
    #expect(score.qualitative.counts?.monitoringReduction == 2)
    #expect(score.qualitative.counts?.watch == 0)
  }

  /// A signal under Monitoring expires by its own severity. An expired signal is not counted as lowered.
  @Test func expiryComesBeforeLowering() throws {
    #expect(try counts([signal(.moderate, "Likely", "Monitoring", "2026-08-02")]).monitoringReduction == 0)
  }

  /// A nightly flow closes expired signals. Only signals that are at least two nights late are counted.
  @Test(arguments: [
    ("Active", "2026-08-01", 1), ("Active", "2026-08-02", 0), ("Monitoring", "2026-08-01", 1),
    ("Expired", "2026-08-01", 0), ("Active", "2026-11-05", 0),
  ]) func signalsThatNothingExpiresAreCounted(_ status: String, _ observed: String, _ count: Int) throws {
    let rules = try Shipped.configuration().scoring.qualitative
    let signals = [signal(.moderate, "Likely", status, observed), signal(.critical, "Likely", "Active", "2020-01-01")]
    #expect(rules.overdue(.known(signals), asOf: asOf.date) == count)
  }

  @Test func closedSignalsDoNotCount() throws {
    #expect(try counts([signal(.critical, "Confirmed", "Resolved")]).critical == 0)
  }

  @Test func unknownSignalsAreNotNoSignals() throws {
    let score = try score(example(95, 95, 95, 95, 95), .missing(.unavailable))
    #expect(score.health == 95)
    #expect(score.qualitative == Qualitative(rule: "unavailable"))
    #expect(score.interval == Interval(low: 50, high: 95, isTierCertain: false))
  }
}

@Suite struct Missing {
  @Test func aThinDimensionIsMissing() throws {
    var observations = Observations()
    // Only 20 % of Financial's weight is present, below the minimum of 30 %.
    observations[.daysToRenewal] = .value(365)
    for metric in HealthModel.Dimension.platformValue.metrics { observations[metric] = .value(0) }
    let score = Scorer(model: try Shipped.configuration().scoring)
      .score(observations, signals: .known([]), segment: .paid, asOf: asOf)
    #expect(score[.financialContract] == nil)
    #expect(score.churnRisk == nil)
    #expect(score.quantitative == 0)
    #expect(score[.daysToRenewal].weight == 0)
  }

  @Test func belowTheMinimumAnAccountIsUnscoredAndNeverCritical() throws {
    let score = try score([.csatScore: 100])
    #expect(score.health == nil)
    #expect(score.tier == nil)
    #expect(score.interval == nil)
    #expect(score[.supportHealth] == 100)
    #expect(score.unscoredReason?.contains("18.0%") == true)
  }

  @Test func whatIsNotConfiguredIsLeftOutOfCoverage() throws {
    var observations = Observations()
    for metric in Metric.allCases { observations[metric] = .missing(.notConfigured) }
    observations[.csatScore] = .value(50)
    let score = Scorer(model: try directModel()).score(observations, signals: .known([]), segment: .paid, asOf: asOf)
    #expect(score.coveragePercent == 100)
    #expect(score.interval == Interval(low: 50, high: 50, isTierCertain: true))
  }
}

@Suite struct Explaining {
  @Test func pointsAddUpAndWeightsAreRedistributed() throws {
    let scorer = Scorer(model: try Shipped.configuration().scoring)
    for line in try Shipped.fixtureLines("scoring/random_accounts.jsonl") {
      let score = scorer.score(
        try AccountSnapshot(line: line).observations, signals: .known([]), segment: .paid, asOf: asOf)
      guard let total = score.quantitative else { continue }
      #expect(abs(score.metrics.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
      #expect(abs(score.metrics.reduce(0) { $0 + $1.points } - total) <= 0.05 + 1e-9)
      #expect(abs(score.metrics.reduce(0) { $0 + $1.lost } - (100 - total)) <= 0.05 + 1e-9)
    }
  }

  @Test func driversAreSentences() {
    let driver = Driver.loss(.medianFirstResponse, raw: 11_400, target: 3600, lost: 4.2)
    #expect(driver.text == "Median first response 3 h 10 min, target 1 h: \u{2212}4.2")
  }

  @Test func equalLossesKeepTheOrderOfTheConfiguration() throws {
    let score = try score(example(0, 0, 100, 100, 100))
    #expect(score.drivers.count == 2)
    guard case .loss(.csatScore, _, _, _) = score.drivers[0] else {
      Issue.record("support stands first in weights.yaml")
      return
    }
  }
}

/// Compares the scores of random accounts with an independent implementation of the model in exact fractions.
@Suite struct ExactScores {
  private struct Expected: Decodable {
    let account_id: String
    let health_score: Double?
    let tier: Tier?
    let quantitative_score: Double?
    let churn_risk_score: Double?
    let platform_value_score: Double?
    let low: Double?
    let high: Double?
    let tier_certain: Bool?
    let coverage_pct: Double
    let coverage: CoverageLevel
    let rule: String
    let counts: [Int]?
    let dimensions: [String: Double?]?
  }

  @Test func everyDigitShown() throws {
    let lines = try Shipped.fixtureLines("scoring/random_accounts.jsonl")
    let expectations = try Shipped.fixtureLines("scoring/exact_scores.jsonl")
    try #require(lines.count == 250 && expectations.count == 250)
    let scorer = Scorer(model: try Shipped.configuration().scoring)
    for (line, expectation) in zip(lines, expectations) {
      let snapshot = try AccountSnapshot(line: line)
      let expected = try JSONDecoder().decode(Expected.self, from: Data(expectation))
      let score = scorer.score(
        snapshot.observations, signals: snapshot.signals, segment: snapshot.segment, asOf: try #require(snapshot.asOf))
      #expect(score.health == expected.health_score, "\(expected.account_id)")
      #expect(score.tier == expected.tier)
      #expect(score.quantitative == expected.quantitative_score)
      #expect(score.churnRisk == expected.churn_risk_score)
      #expect(score.platformValue == expected.platform_value_score)
      #expect(score.interval?.low == expected.low)
      #expect(score.interval?.high == expected.high)
      #expect(score.interval?.isTierCertain == expected.tier_certain)
      #expect(abs(score.coveragePercent - expected.coverage_pct) < 1e-9)
      #expect(score.coverage == expected.coverage)
      #expect(score.qualitative.rule == expected.rule)
      let counts = score.qualitative.counts
      #expect(counts.map { [$0.critical, $0.moderate, $0.watch, $0.monitoringReduction] } == expected.counts)
      for (name, value) in expected.dimensions ?? [:] {
        guard let dimension = HealthModel.Dimension(rawValue: name) else { continue }
        #expect((score[dimension] == nil) == (value == nil))
        #expect(abs((score[dimension] ?? 0) - (value ?? 0)) < 1e-9)
      }
    }
  }
}

@Suite struct Rounding {
  @Test(arguments: [
    (65.35, "65.4"), (0.05, "0.1"), (89.95, "90.0"), (89.949, "89.9"), (0, "0.0"), (-0.05, "-0.1"), (99.99, "100.0"),
    (65.35 - 1e-12, "65.4"), (62.449999, "62.4"),
  ])
  func halfAwayFromZeroOnTheDecimal(_ value: Double, _ text: String) { #expect(Shown.text(value) == text) }

  @Test(arguments: [
    (10.0, 100.0), (9, 100), (25, 50), (17.5, 75), (37.5, 25), (50, 0), (51, 0),
  ])
  func lowerIsBetter(_ raw: Double, _ expected: Double) {
    let marks = ScoringModel.Thresholds(green: 10, yellow: 25, red: 50)
    #expect(marks.normalise(raw, isLowerBetter: true) == expected)
  }

  @Test(arguments: [(0.0, 100.0), (0.5, 25), (1, 0)])
  func aZeroWidthIntervalHasNoInterior(_ raw: Double, _ expected: Double) {
    let marks = ScoringModel.Thresholds(green: 0, yellow: 0, red: 1)
    #expect(marks.normalise(raw, isLowerBetter: true) == expected)
  }
}
