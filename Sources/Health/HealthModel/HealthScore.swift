/// The band that a shown score falls in. An unscored account has none.
public enum Tier: String, CaseIterable, Sendable, Codable {
  case champion = "Champion"
  case healthy = "Healthy"
  case atRisk = "At Risk"
  case critical = "Critical"
}

/// How much of the configured weight was present.
public enum CoverageLevel: String, Sendable, Codable {
  case full, partial, low
}

/// One account's Health Score with everything that explains it.
public struct HealthScore: Sendable, Equatable {
  /// Final score after the qualitative rule, one decimal; nil for an unscored account, as are the next four.
  public var health: Double?
  public var quantitative: Double?
  public var churnRisk: Double?
  public var platformValue: Double?
  public var tier: Tier?
  /// Unrounded, in the order of `Dimension.allCases`; nil where too little of a dimension is present.
  public var dimensions: [Double?]
  /// In the order of `Metric.allCases`.
  public var metrics: [MetricScore]
  /// 0…100, unrounded.
  public var coveragePercent: Double
  public var coverage: CoverageLevel
  /// Nil for an unscored account.
  public var interval: Interval?
  public var qualitative: Qualitative
  /// Why the account has no score; nil for a scored one.
  public var unscoredReason: String?
  public var drivers: [Driver]

  public init(
    health: Double?, quantitative: Double?, churnRisk: Double?, platformValue: Double?, tier: Tier?,
    dimensions: [Double?], metrics: [MetricScore], coveragePercent: Double, coverage: CoverageLevel,
    interval: Interval?, qualitative: Qualitative, unscoredReason: String?, drivers: [Driver]
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
  }

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

/// Where the score would lie if everything missing were as bad, or as good, as can be; one decimal each.
public struct Interval: Sendable, Equatable {
  public var low: Double
  public var high: Double
  public var isTierCertain: Bool

  public init(low: Double, high: Double, isTierCertain: Bool) {
    self.low = low
    self.high = high
    self.isTierCertain = isTierCertain
  }
}

/// What the churn signals did to a score.
public struct Qualitative: Sendable, Equatable {
  /// Counts at the severity that counts, after lowering.
  public struct Counts: Sendable, Equatable {
    public var critical = 0
    public var moderate = 0
    public var watch = 0
    /// How many signals in status Monitoring were lowered by one.
    public var monitoringReduction = 0

    public init() {}
  }

  /// The rule that matched, `none`, or `unavailable` where the signals are not known.
  public var rule: String
  /// What the rule limits the score to; nil without one.
  public var cap: Double?
  /// Nil where the signals are not known.
  public var counts: Counts?

  public init(rule: String, cap: Double? = nil, counts: Counts? = nil) {
    self.rule = rule
    self.cap = cap
    self.counts = counts
  }

  public static let none = "none"
  public static let unavailable = "unavailable"
}

/// One reason why a score is not 100.
public enum Driver: Sendable, Equatable {
  /// A qualitative rule that lowered the score.
  case cap(rule: String, limit: Double, counts: Qualitative.Counts)
  /// A metric that lost points against its target, the segment's green threshold.
  case loss(Metric, raw: Double, target: Double, lost: Double)
}
