import HealthModel
import Scoring

extension Calibration {
  /// The constrained fit as shares of the whole score, which sum to 1. A metric that had no value in any row keeps its
  /// share. Nil where the weights are to stay.
  ///
  /// - Parameter model: Whose metrics the columns are, by ``Metric/path``.
  public func proposedShares(for model: ScoringModel) -> [Metric: Double]? {
    guard verdict == .change, let fit = constrained else { return nil }
    let today = Scorer(model: model).weightedMetrics
    // A healthier metric lowers the log-odds of a churn.
    let effects = Dictionary(uniqueKeysWithValues: zip(columns, fit.coefficients.map { max(0, -$0) }))
    let sum = effects.values.reduce(0, +)
    guard sum > 0 else { return nil }
    let unseen = today.filter { effects[$0.key.path] == nil }.mapValues(\.share)
    let rest = 1 - unseen.values.reduce(0, +)
    return today.reduce(into: unseen) { shares, entry in
      if let effect = effects[entry.key.path] { shares[entry.key] = rest * effect / sum }
    }
  }
}
