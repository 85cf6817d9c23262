import HealthModel
import Scoring
import Time

/// Accounts scored per CPU second, on one thread.
enum ScoringRate {
  static func measure(_ model: ScoringModel) async throws -> [String: Double] {
    let scorer = Scorer(model: model)
    var random = SystemRandomNumberGenerator()
    let asOf = Period(year: 2026, month: 10).end
    let accounts = (0..<10_000).map { _ -> (Observations, SignalReading, Segment) in
      var observations = Observations()
      for metric in Metric.allCases {
        observations[metric] =
          Int.random(in: 0..<8, using: &random) == 0
          ? .missing(.noData) : .value(Double.random(in: 0...120, using: &random))
      }
      let signal = ChurnSignal(severity: .moderate, confidence: "Likely", status: "Active", observed: asOf.date)
      let signals = Int.random(in: 0..<10, using: &random) == 0 ? [signal] : []
      return (observations, .known(signals), Bool.random(using: &random) ? .paid : .standard)
    }
    var sum = 0.0
    let perSecond = await rate {
      for (observations, signals, segment) in accounts {
        sum += scorer.score(observations, signals: signals, segment: segment, asOf: asOf).health ?? 0
      }
      return accounts.count
    }
    guard sum > 0 else { return [:] }
    return ["accounts_per_second": perSecond]
  }
}
