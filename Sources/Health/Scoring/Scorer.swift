import HealthModel
import Time

/// Turns observations into explained scores. Pure: no I/O, no clock; the same input gives the same bits.
public struct Scorer: Sendable {
  public let model: ScoringModel
  /// The model's metrics with their share of the whole score, as if nothing were missing.
  public let weightedMetrics: [Metric: (metric: ScoringModel.WeightedMetric, share: Double)]
  private let globalWeights: [Double]

  public init(model: ScoringModel) {
    self.model = model
    var weights = [Double](repeating: 0, count: Metric.allCases.count)
    var entries: [Metric: (metric: ScoringModel.WeightedMetric, share: Double)] = [:]
    for dimension in model.dimensions {
      let share =
        dimension.dimension == .platformValue
        ? model.platformValueWeight : model.churnRiskWeight * dimension.weight
      for entry in dimension.metrics {
        weights[entry.metric.rawValue] = share * entry.weight
        entries[entry.metric] = (entry, share * entry.weight)
      }
    }
    globalWeights = weights
    weightedMetrics = entries
  }

  /// Scores one account as of an instant. Signals observed after that day are ignored.
  public func score(
    _ observations: Observations, signals: SignalReading, segment: Segment, asOf: Timestamp
  ) -> HealthScore {
    var tally = Tally()
    var metrics = Metric.allCases.map { MetricScore(observation: observations[$0]) }
    var dimensionScores = [Double?](repeating: nil, count: Dimension.allCases.count)
    var churnRisk = WeightedMean()
    var platformValue: Double?
    var presentWeights: [(index: Int, weight: Double)] = []

    for (position, entry) in model.dimensions.enumerated() {
      let mean = judge(entry, segment: segment, observations: observations, metrics: &metrics, tally: &tally)
      guard let score = mean.value, Shown.snapped(mean.weight * 100) >= model.coverage.dimensionMinimum else {
        continue
      }
      dimensionScores[Scorer.index(of: entry.dimension)] = score
      presentWeights.append((position, mean.weight))
      if entry.dimension == .platformValue {
        platformValue = score
      } else {
        churnRisk.add(score, weight: entry.weight)
      }
    }

    var quantitative = WeightedMean()
    if let value = churnRisk.value { quantitative.add(value, weight: model.churnRiskWeight) }
    if let value = platformValue { quantitative.add(value, weight: model.platformValueWeight) }

    let qualitative = model.qualitative.judge(signals, asOf: asOf.date)
    let coverage = tally.configured > 0 ? 100 * tally.present / tally.configured : 0
    let level: CoverageLevel =
      switch Shown.snapped(coverage) {
      case model.coverage.full...: .full
      case model.coverage.partial...: .partial
      default: .low
      }
    var result = HealthScore(
      health: nil, quantitative: nil, churnRisk: nil, platformValue: nil, tier: nil, dimensions: dimensionScores,
      metrics: metrics, coveragePercent: coverage, coverage: level, interval: nil, qualitative: qualitative,
      unscoredReason: nil, drivers: [])

    guard Shown.snapped(coverage) >= model.coverage.minimum, let total = quantitative.value else {
      result.unscoredReason =
        Shown.snapped(coverage) < model.coverage.minimum
        ? "coverage \(Shown.text(coverage))% is below the minimum of \(Shown.text(model.coverage.minimum))%"
        : "no dimension has enough of its weight present"
      return result
    }

    for (position, presentWeight) in presentWeights {
      let entry = model.dimensions[position]
      let isPlatformValue = entry.dimension == .platformValue
      let component = (isPlatformValue ? model.platformValueWeight : model.churnRiskWeight) / quantitative.weight
      // If all present dimensions have weight 0, there is no Churn Risk and they have no share.
      let dimensionShare = isPlatformValue ? 1 : churnRisk.weight > 0 ? entry.weight / churnRisk.weight : 0
      let share = component * dimensionShare / presentWeight
      for metric in entry.metrics {
        let scored = metrics[metric.metric.rawValue]
        guard let score = scored.score else { continue }
        result.metrics[metric.metric.rawValue] = MetricScore(
          observation: scored.observation, score: score, weight: share * metric.weight)
      }
    }

    let health = qualitative.limit(total)
    let shownHealth = Shown.oneDecimal(health)
    result.unrounded = HealthScore.Unrounded(health: health, quantitative: total)
    result.quantitative = Shown.oneDecimal(total)
    result.churnRisk = churnRisk.value.map(Shown.oneDecimal)
    result.platformValue = platformValue.map(Shown.oneDecimal)
    result.health = shownHealth
    result.tier = model.tier(of: shownHealth)
    result.interval = interval(tally, qualitative)
    result.drivers = drivers(result, total: total, segment: segment)
    return result
  }

  /// Normalises a dimension's metrics; the mean's weight is the share of the dimension that is present.
  private func judge(
    _ entry: ScoringModel.WeightedDimension, segment: Segment, observations: Observations,
    metrics: inout [MetricScore], tally: inout Tally
  ) -> WeightedMean {
    var mean = WeightedMean()
    for weighted in entry.metrics {
      let index = weighted.metric.rawValue
      let globalWeight = globalWeights[index]
      switch observations[index] {
      case .value(let raw):
        let score = weighted.normalise(raw, for: segment)
        metrics[index].score = score
        mean.add(score, weight: weighted.weight)
        tally.add(globalWeight, score: score)
      case .missing(.notConfigured):
        break
      case .missing:
        tally.miss(globalWeight)
      }
    }
    return mean
  }

  private func interval(_ tally: Tally, _ qualitative: Qualitative) -> Interval {
    var low = qualitative.limit(tally.sum / tally.configured)
    let high = qualitative.limit((tally.sum + 100 * tally.missing) / tally.configured)
    let isKnown = qualitative.rule != Qualitative.unavailable
    if !isKnown { low = min(low, model.qualitative.unavailableLowCap) }
    let (shownLow, shownHigh) = (Shown.oneDecimal(low), Shown.oneDecimal(high))
    return Interval(
      low: shownLow, high: shownHigh, isTierCertain: isKnown && model.tier(of: shownLow) == model.tier(of: shownHigh))
  }

  /// A binding cap, then the three largest losses; equal losses in configuration order.
  private func drivers(_ score: HealthScore, total: Double, segment: Segment) -> [Driver] {
    var drivers: [Driver] = []
    if let cap = score.qualitative.cap, cap < Shown.snapped(total), let counts = score.qualitative.counts {
      drivers.append(.cap(rule: score.qualitative.rule, limit: cap, counts: counts))
    }
    var largest: [(lost: Double, entry: ScoringModel.WeightedMetric)] = []
    for entry in model.dimensions {
      for metric in entry.metrics {
        let lost = Shown.snapped(score.metrics[metric.metric.rawValue].lost)
        guard lost > 0, largest.count < 3 || lost > largest[2].lost else { continue }
        largest.insert((lost, metric), at: largest.firstIndex { $0.lost < lost } ?? largest.count)
        if largest.count > 3 { largest.removeLast() }
      }
    }
    for (_, entry) in largest {
      let metric = score.metrics[entry.metric.rawValue]
      guard let raw = metric.observation.value else { continue }
      drivers.append(
        .loss(entry.metric, raw: raw, target: entry.thresholds(for: segment).green, lost: metric.lost))
    }
    return drivers
  }

  private static func index(of dimension: Dimension) -> Int {
    switch dimension {
    case .supportHealth: 0
    case .financialContract: 1
    case .adoptionEngagement: 2
    case .relationshipExpansion: 3
    case .platformValue: 4
    }
  }
}

/// A weighted mean that values are added to; nil while its weight is 0.
private struct WeightedMean {
  private(set) var weight = 0.0
  private var sum = 0.0

  mutating func add(_ value: Double, weight: Double) {
    self.weight += weight
    sum += weight * value
  }

  var value: Double? { weight > 0 ? sum / weight : nil }
}

/// Sums of the global weights of present and of missing metrics. `not_configured` ones are left out.
private struct Tally {
  var present = 0.0
  var missing = 0.0
  var sum = 0.0

  var configured: Double { present + missing }

  mutating func add(_ weight: Double, score: Double) {
    present += weight
    sum += weight * score
  }

  mutating func miss(_ weight: Double) { missing += weight }
}
