import HealthModel
import Scoring

/// `weights.yaml` with other numbers and everything else as it was.
public enum WeightsText {
  /// - Parameters:
  ///   - bytes: A `weights.yaml` that can be used.
  ///   - shares: Of the whole score, by metric; they sum to 1. A metric that the file does not weigh is not added.
  /// - Returns: Nil where the file can't be used.
  public static func replacing(_ bytes: [UInt8], shares: [Metric: Double]) -> [UInt8]? {
    guard var text = YAMLText(bytes) else { return nil }
    var dimensions: [Dimension: Double] = [:]
    for (metric, share) in shares { dimensions[metric.dimension, default: 0] += share }
    let platform = dimensions[.platformValue] ?? 0
    var blocks: [(path: [String], weights: [(key: String, weight: Double)])] = [
      (["components"], [("churn_risk", 1 - platform), ("platform_value", platform)])
    ]
    if platform < 1 {
      let parts = Dimension.churnRisk.map { ($0.rawValue, (dimensions[$0] ?? 0) / (1 - platform)) }
      blocks.append((["dimensions"], parts))
    }
    for dimension in Dimension.allCases {
      // Without any share, what the metrics are to one another does not matter, and stays.
      guard let sum = dimensions[dimension], sum > 0 else { continue }
      let metrics = dimension.metrics.filter { shares[$0] != nil }
      blocks.append((["metrics", dimension.rawValue], metrics.map { ($0.name, (shares[$0] ?? 0) / sum) }))
    }
    for block in blocks {
      for (key, weight) in zip(block.weights.map(\.key), rounded(block.weights.map(\.weight))) {
        let path = block.path + [key]
        guard text.replace(path, by: weight) || text.replace(path + ["value"], by: weight) else { return nil }
      }
    }
    return text.replaced
  }

  /// Four decimals that sum to 1: what rounding takes is given back where it took most.
  private static func rounded(_ weights: [Double]) -> [String] {
    let units = 10_000.0
    var whole = weights.map { ($0 * units).rounded(.down) }
    let order = weights.indices.sorted { left, right in
      let rests = (weights[left] * units - whole[left], weights[right] * units - whole[right])
      return rests.0 != rests.1 ? rests.0 > rests.1 : left < right
    }
    for index in order.prefix(max(0, Int(units - whole.reduce(0, +)))) { whole[index] += 1 }
    return whole.map { Shown.text($0 / units, decimals: 4) }
  }
}
