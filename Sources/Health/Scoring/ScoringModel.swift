import HealthModel

/// The approved model as configured: weights, thresholds, tiers, coverage and qualitative rules.
///
/// Immutable and free of I/O. `weights.yaml` and `thresholds.yaml` fill it.
public struct ScoringModel: Sendable, Equatable {
  /// A metric's three thresholds for one segment, in the metric's unit.
  public struct Thresholds: Sendable, Equatable {
    /// 100 points here and where the value is better.
    public var green: Double
    /// 50 points here.
    public var yellow: Double
    /// 0 points here and where the value is worse.
    public var red: Double

    public init(green: Double, yellow: Double, red: Double) {
      (self.green, self.yellow, self.red) = (green, yellow, red)
    }
  }

  /// A metric with its weight and its thresholds for both segments.
  public struct WeightedMetric: Sendable, Equatable {
    public var metric: Metric
    /// Share of the dimension; the shares of a dimension sum to 1.
    public var weight: Double
    /// `lower_is_better` in `thresholds.yaml`.
    public var isLowerBetter: Bool
    /// `movable` in `thresholds.yaml`. False for what nobody can improve, such as the days to renewal.
    public var isMovable: Bool
    public var paid: Thresholds
    public var standard: Thresholds

    public init(
      metric: Metric, weight: Double, isLowerBetter: Bool, isMovable: Bool = true, paid: Thresholds,
      standard: Thresholds
    ) {
      self.metric = metric
      self.weight = weight
      self.isLowerBetter = isLowerBetter
      self.isMovable = isMovable
      self.paid = paid
      self.standard = standard
    }

    public func thresholds(for segment: Segment) -> Thresholds { segment == .paid ? paid : standard }

    /// 0…100 by the segment's thresholds.
    public func normalise(_ raw: Double, for segment: Segment) -> Double {
      thresholds(for: segment).normalise(raw, isLowerBetter: isLowerBetter)
    }
  }

  /// A dimension with its weight and its weighted metrics.
  public struct WeightedDimension: Sendable, Equatable {
    public var dimension: Dimension
    /// Share of the Churn Risk; 1 for Platform Value.
    public var weight: Double
    /// In configuration order, which breaks ties between drivers.
    public var metrics: [WeightedMetric]

    public init(dimension: Dimension, weight: Double, metrics: [WeightedMetric]) {
      self.dimension = dimension
      self.weight = weight
      self.metrics = metrics
    }
  }

  /// Percentages of weight, 0…100.
  public struct Coverage: Sendable, Equatable {
    /// `full_pct`; at or above it the level is `full`.
    public var full: Double
    /// `partial_pct`; at or above it the level is `partial`, below it `low`.
    public var partial: Double
    /// `minimum_pct`; below it an account is unscored.
    public var minimum: Double
    /// `dimension_minimum_pct`; below it a dimension is missing.
    public var dimensionMinimum: Double

    public init(full: Double, partial: Double, minimum: Double, dimensionMinimum: Double) {
      self.full = full
      self.partial = partial
      self.minimum = minimum
      self.dimensionMinimum = dimensionMinimum
    }
  }

  /// Limits the score where enough signals of a severity are active.
  public struct QualitativeRule: Sendable, Equatable {
    /// As in `thresholds.yaml`; shown with the score.
    public var name: String
    /// Only signals of exactly this severity count.
    public var severity: ChurnSignal.Severity
    /// `at_least` in `thresholds.yaml`.
    public var minimumCount: Int
    /// Counts only signals whose confidence is confirmed.
    public var requiresConfirmation: Bool
    /// The highest score that the rule allows, 0…100.
    public var cap: Double

    public init(
      name: String, severity: ChurnSignal.Severity, minimumCount: Int, requiresConfirmation: Bool, cap: Double
    ) {
      self.name = name
      self.severity = severity
      self.minimumCount = minimumCount
      self.requiresConfirmation = requiresConfirmation
      self.cap = cap
    }
  }

  /// `qualitative` in `thresholds.yaml`.
  public struct QualitativeRules: Sendable, Equatable {
    /// Most severe first; the first that matches counts.
    public var rules: [QualitativeRule]
    /// How many days after its date a Watch signal counts, the last one included. Nil: until people close it.
    public var watchDays: Int?
    /// The same for Moderate.
    public var moderateDays: Int?
    /// The same for Critical.
    public var criticalDays: Int?
    /// The highest value of the interval's low end where the signals are not known.
    public var unavailableLowCap: Double

    public init(
      rules: [QualitativeRule], watchDays: Int?, moderateDays: Int?, criticalDays: Int?, unavailableLowCap: Double
    ) {
      self.rules = rules
      self.watchDays = watchDays
      self.moderateDays = moderateDays
      self.criticalDays = criticalDays
      self.unavailableLowCap = unavailableLowCap
    }
  }

  /// Lower bounds of the tiers, inclusive, for the score with one decimal. Below `atRisk` is Critical.
  public struct TierBounds: Sendable, Equatable {
    public var champion: Double
    public var healthy: Double
    public var atRisk: Double

    public init(champion: Double, healthy: Double, atRisk: Double) {
      (self.champion, self.healthy, self.atRisk) = (champion, healthy, atRisk)
    }
  }

  /// Share of the quantitative score; sums to 1 with ``platformValueWeight``.
  public var churnRiskWeight: Double
  /// Share of the quantitative score; sums to 1 with ``churnRiskWeight``.
  public var platformValueWeight: Double
  /// The Churn Risk's dimensions in configuration order, then Platform Value.
  public var dimensions: [WeightedDimension]
  public var tiers: TierBounds
  public var coverage: Coverage
  public var qualitative: QualitativeRules
  /// ARR from which an account without a segment is `paid`.
  public var paidMinimumARR: Double
  /// Configuration paths of figures that leadership still has to approve.
  public var unapproved: [String]

  public init(
    churnRiskWeight: Double, platformValueWeight: Double, dimensions: [WeightedDimension], tiers: TierBounds,
    coverage: Coverage, qualitative: QualitativeRules, paidMinimumARR: Double, unapproved: [String]
  ) {
    self.churnRiskWeight = churnRiskWeight
    self.platformValueWeight = platformValueWeight
    self.dimensions = dimensions
    self.tiers = tiers
    self.coverage = coverage
    self.qualitative = qualitative
    self.paidMinimumARR = paidMinimumARR
    self.unapproved = unapproved
  }

  /// The segment of an account whose mapping row names none.
  public func segment(forARR arr: Double) -> Segment { arr >= paidMinimumARR ? .paid : .standard }

  /// The lowest score with one decimal that is in a tier.
  public func lowerBound(of tier: Tier) -> Double {
    switch tier {
    case .champion: tiers.champion
    case .healthy: tiers.healthy
    case .atRisk: tiers.atRisk
    case .critical: 0
    }
  }

  /// The tier of a score that is rounded to one decimal.
  public func tier(of shown: Double) -> Tier {
    if shown >= tiers.champion { return .champion }
    if shown >= tiers.healthy { return .healthy }
    return shown >= tiers.atRisk ? .atRisk : .critical
  }
}

extension ScoringModel.Thresholds {
  /// 0…100: 100 at green or better, 0 at red or worse, 50 at yellow, linear in between.
  ///
  /// Green is tested first, then red, so that equal thresholds need no special case and cause no division by 0.
  public func normalise(_ raw: Double, isLowerBetter: Bool) -> Double {
    let sign: Double = isLowerBetter ? -1 : 1
    let (value, green, yellow, red) = (raw * sign, self.green * sign, self.yellow * sign, self.red * sign)
    if value >= green { return 100 }
    if value <= red { return 0 }
    if value >= yellow { return 50 + 50 * (value - yellow) / (green - yellow) }
    return 50 * (value - red) / (yellow - red)
  }
}
