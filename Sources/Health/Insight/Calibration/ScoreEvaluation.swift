import HealthModel
import RealModule
import Scoring

/// What a score has been worth: how well it told in advance who churns.
public struct ScoreEvaluation: Sendable, Equatable {
  /// What a tier's lower bound catches: every score below it is flagged.
  public struct Edge: Sendable, Equatable {
    public var tier: Tier
    /// The share of the flagged that churned; nil where none is flagged.
    public var precision: Double?
    /// The share of the churns that was flagged; nil without churns.
    public var recall: Double?
  }

  /// A tenth of the rows, by score.
  public struct Decile: Sendable, Equatable {
    /// The lowest and the highest score.
    public var from: Double
    public var to: Double
    public var count: Int
    /// The share that churned, with its 95 % interval by Wilson.
    public var observed: Double
    public var low: Double
    public var high: Double
  }

  /// Days between the score and the outcome, at least; nil for a table.
  public var horizon: Int?
  public var count: Int
  public var churns: Int
  /// Nil where all churned, or none. The interval is nil with less than two of either.
  public var area: Double?
  public var areaLow: Double?
  public var areaHigh: Double?
  /// Of 1 − score ÷ 100 as the probability of a churn; nil without rows.
  public var brier: Double?
  public var logLoss: Double?
  public var edges: [Edge]
  public var deciles: [Decile]

  /// - Parameters:
  ///   - scores: 0…100, higher is healthier.
  ///   - outcomes: Whether each churned.
  public init(horizon: Int?, scores: [Double], outcomes: [Bool], bounds: [(tier: Tier, bound: Double)]) {
    self.horizon = horizon
    count = scores.count
    churns = outcomes.count { $0 }
    let characteristic = ReceiverOperatingCharacteristic(risks: scores.map { -$0 }, outcomes: outcomes)
    area = characteristic?.area
    areaLow = characteristic?.interval?.low
    areaHigh = characteristic?.interval?.high
    let risks = scores.map { min(1, max(0, 1 - $0 / 100)) }
    brier = Probabilities.brier(risks, outcomes)
    logLoss = Probabilities.logLoss(risks, outcomes)
    let churns = churns
    edges = bounds.map { tier, bound in
      var (flagged, caught) = (0, 0)
      for (score, churned) in zip(scores, outcomes) where Shown.oneDecimal(score) < bound {
        flagged += 1
        if churned { caught += 1 }
      }
      return Edge(
        tier: tier, precision: flagged > 0 ? Double(caught) / Double(flagged) : nil,
        recall: churns > 0 ? Double(caught) / Double(churns) : nil)
    }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    deciles = (0..<10).compactMap { tenth in
      let part = order[(order.count * tenth / 10)..<(order.count * (tenth + 1) / 10)]
      guard let first = part.first, let last = part.last else { return nil }
      let churned = part.count { outcomes[$0] }
      let (low, high) = Probabilities.wilson(churned, of: part.count)
      return Decile(
        from: scores[first], to: scores[last], count: part.count, observed: Double(churned) / Double(part.count),
        low: low, high: high)
    }
  }
}

/// Measures of probabilities against what happened.
enum Probabilities {
  static func brier(_ probabilities: [Double], _ outcomes: [Bool]) -> Double? {
    mean(probabilities, outcomes) { probability, churned in
      let error = probability - (churned ? 1 : 0)
      return error * error
    }
  }

  /// A probability of 0 or 1 counts as the next one that a number can hold, or a single miss would be infinite.
  static func logLoss(_ probabilities: [Double], _ outcomes: [Bool]) -> Double? {
    mean(probabilities, outcomes) { probability, churned in
      let right = churned ? probability : 1 - probability
      return -Double.log(min(1 - Double.ulpOfOne, max(Double.ulpOfOne, right)))
    }
  }

  private static func mean(
    _ probabilities: [Double], _ outcomes: [Bool], _ loss: (Double, Bool) -> Double
  ) -> Double? {
    guard !probabilities.isEmpty else { return nil }
    return zip(probabilities, outcomes).reduce(0) { $0 + loss($1.0, $1.1) } / Double(probabilities.count)
  }

  /// The 95 % interval of a share, by Wilson (1927).
  static func wilson(_ count: Int, of total: Int) -> (low: Double, high: Double) {
    let (n, share, z) = (Double(total), Double(count) / Double(total), Normal.quantile(0.975))
    let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    let reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return (max(0, centre - reach), min(1, centre + reach))
  }
}
