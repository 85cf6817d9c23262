/// The range that a rounded score is in, by `tiers` in `thresholds.yaml`. An unscored account has none.
public enum Tier: String, CaseIterable, Sendable, Codable {
  case champion = "Champion"
  case healthy = "Healthy"
  case atRisk = "At Risk"
  case critical = "Critical"
}

/// How much of the configured weight was present, by `coverage` in `thresholds.yaml`.
public enum CoverageLevel: String, Sendable, Codable {
  case full, partial, low
}

/// One account's Health Score with everything that explains it.
public struct HealthScore: Sendable, Equatable {
  /// The final score after the qualitative rule, 0…100, one decimal; nil for an unscored account.
  public var health: Double?
  /// The score before the qualitative rule, 0…100, one decimal; nil for an unscored account.
  public var quantitative: Double?
  /// 0…100, one decimal, higher is healthier; nil if unscored or if too little of it is present.
  public var churnRisk: Double?
  /// 0…100, one decimal; nil if unscored or if too little of it is present.
  public var platformValue: Double?
  /// Nil for an unscored account.
  public var tier: Tier?
  /// 0…100, unrounded, in the order of `Dimension.allCases`; nil where too little of a dimension is present.
  public var dimensions: [Double?]
  /// In the order of `Metric.allCases`.
  public var metrics: [MetricScore]
  /// 0…100, unrounded.
  public var coveragePercent: Double
  /// `coveragePercent` as a level.
  public var coverage: CoverageLevel
  /// Nil for an unscored account.
  public var interval: Interval?
  /// The effect of the churn signals.
  public var qualitative: Qualitative
  /// Why the account has no score; nil for a scored one.
  public var unscoredReason: String?
  /// A cap that lowered the score, then the three largest losses. Empty for an unscored account.
  public var drivers: [Driver]
  /// `health` and `quantitative` before rounding; nil for an unscored account.
  public var unrounded: Unrounded?

  /// A score before rounding, 0…100.
  public struct Unrounded: Sendable, Equatable {
    /// After the qualitative rule.
    public var health: Double
    /// Before the qualitative rule.
    public var quantitative: Double

    public init(health: Double, quantitative: Double) {
      self.health = health
      self.quantitative = quantitative
    }
  }

  public init(
    health: Double?, quantitative: Double?, churnRisk: Double?, platformValue: Double?, tier: Tier?,
    dimensions: [Double?], metrics: [MetricScore], coveragePercent: Double, coverage: CoverageLevel,
    interval: Interval?, qualitative: Qualitative, unscoredReason: String?, drivers: [Driver],
    unrounded: Unrounded? = nil
  ) {
    self.health = health
    self.quantitative = quantitative
    self.churnRisk = churnRisk
    self.platformValue = platformValue
    self.tier = tier
    self.dimensions = dimensions
    self.metrics = metrics
    self.coveragePercent = coveragePercent
    self.coverage = coverage
    self.interval = interval
    self.qualitative = qualitative
    self.unscoredReason = unscoredReason
    self.drivers = drivers
    self.unrounded = unrounded
  }

  /// A dimension's entry in `dimensions`.
  public subscript(dimension: Dimension) -> Double? {
    Dimension.allCases.firstIndex(of: dimension).flatMap { dimensions[$0] }
  }

  public subscript(metric: Metric) -> MetricScore { metrics[metric.rawValue] }
}

/// One metric's part in a score.
public struct MetricScore: Sendable, Equatable {
  public var observation: Observation
  /// 0…100; nil where the metric is missing or has no thresholds.
  public var score: Double?
  /// Effective share of the quantitative score after redistribution; all shares of a scored account sum to 1.
  public var weight: Double
  /// `weight × score`; all points sum to the quantitative score.
  public var points: Double
  /// `weight × (100 − score)`.
  public var lost: Double

  public init(observation: Observation, score: Double? = nil, weight: Double = 0) {
    self.observation = observation
    self.score = score
    self.weight = weight
    points = weight * (score ?? 0)
    lost = score.map { weight * (100 - $0) } ?? 0
  }
}

/// The range of possible scores, one decimal each: every missing metric scored 0 for `low` and 100 for `high`.
public struct Interval: Sendable, Equatable {
  /// At most `unavailable_low_cap` where the churn signals are not known.
  public var low: Double
  public var high: Double
  /// Whether both ends are in the same tier and the churn signals are known.
  public var isTierCertain: Bool

  public init(low: Double, high: Double, isTierCertain: Bool) {
    self.low = low
    self.high = high
    self.isTierCertain = isTierCertain
  }
}

/// The effect of the churn signals on a score.
public struct Qualitative: Sendable, Equatable {
  /// Open and unexpired signals by severity. Those in status Monitoring count one severity lower.
  public struct Counts: Sendable, Equatable {
    public var critical = 0
    public var moderate = 0
    public var watch = 0
    /// How many signals in status Monitoring were counted one severity lower, or not at all if they were Watch.
    public var monitoringReduction = 0

    public init() {}
  }

  /// The name of the rule that matched, `none`, or `unavailable` where the signals are not known.
  public var rule: String
  /// The highest score that the rule allows, 0…100; nil without a rule.
  public var cap: Double?
  /// Nil where the signals are not known.
  public var counts: Counts?

  public init(rule: String, cap: Double? = nil, counts: Counts? = nil) {
    self.rule = rule
    self.cap = cap
    self.counts = counts
  }

  /// No rule matched.
  public static let none = "none"
  /// The signals are not known.
  public static let unavailable = "unavailable"
}

/// One reason why a score is not 100.
public enum Driver: Sendable, Equatable {
  /// A qualitative rule that lowered the score.
  case cap(rule: String, limit: Double, counts: Qualitative.Counts)
  /// A metric that lost points against its target, the segment's green threshold.
  case loss(Metric, raw: Double, target: Double, lost: Double)
}
