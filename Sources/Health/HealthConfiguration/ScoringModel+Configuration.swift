import ConfigurationReading
import Scoring

extension ScoringModel {
  /// From `weights.yaml` and `thresholds.yaml`.
  ///
  /// - Throws: ``ConfigurationError`` with every problem of both files.
  public init(_ files: ConfigurationFiles) throws {
    var problems: [ConfigurationProblem] = []
    guard let model = ScoringModel.read(files, problems: &problems) else {
      throw ConfigurationError(problems: problems.map(\.description))
    }
    self = model
  }

  /// - Returns: Nil, with everything noted, where the files can't be used.
  public static func read(_ files: ConfigurationFiles, problems: inout [ConfigurationProblem]) -> ScoringModel? {
    let weightsReader = ConfigurationReader(file: ConfigurationFiles.weightsName)
    let thresholdsReader = ConfigurationReader(file: ConfigurationFiles.thresholdsName)
    let weights = weightsReader.document(files.weights).map(WeightsFile.init)
    let weighted = weights?.dimensions.flatMap { $0.metrics.map(\.metric) } ?? []
    let thresholds = thresholdsReader.document(files.thresholds).map { ThresholdsFile($0, weighted: weighted) }
    let found = [weightsReader, thresholdsReader].flatMap(\.sortedProblems)
    problems += found
    guard let weights, let thresholds, found.isEmpty else { return nil }
    return ScoringModel(weights: weights, thresholds: thresholds, unapproved: thresholdsReader.unapprovedPlaces)
  }

  private init(weights: WeightsFile, thresholds: ThresholdsFile, unapproved: [String]) {
    self.init(
      churnRiskWeight: weights.churnRisk, platformValueWeight: weights.platformValue,
      dimensions: weights.dimensions.map { entry in
        WeightedDimension(
          dimension: entry.dimension, weight: entry.weight,
          metrics: entry.metrics.compactMap { metric, weight in
            thresholds.thresholds[metric].map {
              WeightedMetric(
                metric: metric, weight: weight, isLowerBetter: $0.isLowerBetter, isMovable: $0.isMovable, paid: $0.paid,
                standard: $0.standard)
            }
          })
      },
      tiers: thresholds.tiers, coverage: thresholds.coverage, qualitative: thresholds.qualitative,
      paidMinimumARR: thresholds.paidMinimumARR, unapproved: unapproved)
  }
}
