import HealthModel

/// The approved model as configured: weights, thresholds, tiers, coverage and qualitative rules.
///
/// Immutable and free of I/O. `weights.yaml` and `thresholds.yaml` fill it.
public struct ScoringModel: Sendable, Equatable {
  /// A metric's three marks for one segment, in the metric's unit.
  public struct Thresholds: Sendable, Equatable {
    public var green: Double
    public var yellow: Double
    public var red: Double

    public init(green: Double, yellow: Double, red: Double) {
      (self.green, self.yellow, self.red) = (green, yellow, red)
    }
  }

  public struct WeightedMetric: Sendable, Equatable {
    public var metric: Metric
    /// Share of the dimension; the shares of a dimension sum to 1.
    public var weight: Double
    public var isLowerBetter: Bool
    public var paid: Thresholds
    public var standard: Thresholds

    public init(metric: Metric, weight: Double, isLowerBetter: Bool, paid: Thresholds, standard: Thresholds) {
      self.metric = metric
      self.weight = weight
      self.isLowerBetter = isLowerBetter
      self.paid = paid
      self.standard = standard
    }

    func thresholds(for segment: Segment) -> Thresholds { segment == .paid ? paid : standard }
  }

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
    public var full: Double
    public var partial: Double
    /// Below it an account is unscored.
    public var minimum: Double
    /// Below it a dimension is missing.
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
    public var name: String
    public var severity: ChurnSignal.Severity
    public var minimumCount: Int
    /// Counts only signals whose confidence is confirmed.
    public var requiresConfirmation: Bool
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

  public struct QualitativeRules: Sendable, Equatable {
    /// Most severe first; the first that matches counts.
    public var rules: [QualitativeRule]
    /// Days after the date observed through which a signal counts; nil: until closed by hand.
    public var watchDays: Int?
    public var moderateDays: Int?
    public var criticalDays: Int?
    /// What the interval's low end is limited to where the signals are not known.
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

  /// Lower bounds, on the score as shown; below the last is Critical.
  public struct TierBounds: Sendable, Equatable {
    public var champion: Double
    public var healthy: Double
    public var atRisk: Double

    public init(champion: Double, healthy: Double, atRisk: Double) {
      (self.champion, self.healthy, self.atRisk) = (champion, healthy, atRisk)
    }
  }

  /// Shares of the quantitative score; they sum to 1.
  public var churnRiskWeight: Double
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

  /// The segment that an account's revenue puts it in.
  public func segment(forARR arr: Double) -> Segment { arr >= paidMinimumARR ? .paid : .standard }

  /// The tier of a score as shown.
  public func tier(of shown: Double) -> Tier {
    if shown >= tiers.champion { return .champion }
    if shown >= tiers.healthy { return .healthy }
    return shown >= tiers.atRisk ? .atRisk : .critical
  }
}

extension ScoringModel.Thresholds {
  /// 0…100: 100 at or beyond green, 0 at or beyond red, 50 at yellow, linear in between.
  ///
  /// Green is tested first, then red, so that a zero-width interval has no interior and needs no special value.
  public func normalise(_ raw: Double, isLowerBetter: Bool) -> Double {
    let sign: Double = isLowerBetter ? -1 : 1
    let (value, green, yellow, red) = (raw * sign, self.green * sign, self.yellow * sign, self.red * sign)
    if value >= green { return 100 }
    if value <= red { return 0 }
    if value >= yellow { return 50 + 50 * (value - yellow) / (green - yellow) }
    return 50 * (value - red) / (yellow - red)
  }
}
