import ConfigurationReading
import HealthModel
import Scoring

/// `weights.yaml`: shares of the score. The shares of each level must sum to 1, within 0.001, and are then normalised.
struct WeightsFile {
  var churnRisk = 0.0
  var platformValue = 0.0
  var dimensions: [(dimension: Dimension, weight: Double, metrics: [(metric: Metric, weight: Double)])] = []

  private static let tolerance = 0.001

  init(_ document: ConfigurationSection) {
    document.required("components").section { section in
      let fields = [section.required("churn_risk"), section.required("platform_value")]
      let weights = WeightsFile.normalised(fields.map { $0.number(in: 0...1) }, of: section)
      (churnRisk, platformValue) = (weights[0], weights[1])
    }
    let churnWeights: [Dimension: Double] = document.required("dimensions").section { section in
      let names = WeightsFile.ordered(Dimension.churnRisk.map(\.rawValue), as: section.keys)
      let weights = WeightsFile.normalised(names.map { section.required($0).number(in: 0...1) }, of: section)
      return Dictionary(
        uniqueKeysWithValues: zip(names, weights).compactMap { name, weight in
          Dimension(rawValue: name).map { ($0, weight) }
        })
    }
    document.required("metrics").section { section in
      let names = WeightsFile.ordered(Dimension.allCases.map(\.rawValue), as: section.keys)
      for name in names {
        guard let dimension = Dimension(rawValue: name) else { continue }
        let metrics = section.required(name).section { WeightsFile.metrics(of: dimension, $0) }
        dimensions.append((dimension, dimension == .platformValue ? 1 : churnWeights[dimension] ?? 0, metrics))
      }
    }
    document.close()
  }

  private static func metrics(
    of dimension: Dimension, _ section: ConfigurationSection
  ) -> [(metric: Metric, weight: Double)] {
    let known = section.keys.compactMap { dimension.metric(named: $0) }
    // Reads every metric's name, so that the message about an unknown key lists all of them.
    for metric in dimension.metrics { _ = section.optional(metric.name) }
    let weights = normalised(known.map { section.required($0.name).number(in: 0...1) }, of: section)
    return Array(zip(known, weights))
  }

  /// All names: first those in the file, in its order, then the others. The order breaks ties between drivers.
  private static func ordered(_ names: [String], as keys: [String]) -> [String] {
    keys.filter(names.contains) + names.filter { !keys.contains($0) }
  }

  private static func normalised(_ weights: [Double], of section: ConfigurationSection) -> [Double] {
    let sum = weights.reduce(0, +)
    guard abs(sum - 1) <= tolerance + 1e-12 else {
      section.reader.note(
        "the weights sum to \(Shown.text(sum, decimals: 4)), expected 1 (\u{B1}0.001)", at: section.path, section.mark)
      return weights
    }
    return weights.map { $0 / sum }
  }
}
