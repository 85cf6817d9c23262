/// Why a value is missing. Where several reasons apply, the earliest case counts.
public enum MissingReason: String, CaseIterable, Sendable, Codable, Comparable {
  /// No credentials, or the org lacks the object or field.
  case notConfigured = "not_configured"
  /// The account has no id for that source.
  case notMapped = "not_mapped"
  /// The source does not know the account's id.
  case notFound = "not_found"
  /// The source knows the value only for today, and the period is before the last closed month.
  case notAsOf = "not_as_of"
  /// The source failed.
  case unavailable
  /// The source answered and there was nothing to measure.
  case noData = "no_data"

  private var rank: Int { MissingReason.allCases.firstIndex(of: self) ?? 0 }

  /// Whether this reason outranks another.
  public static func < (left: MissingReason, right: MissingReason) -> Bool { left.rank < right.rank }
}

/// A raw value in the metric's unit, or why there is none. Missing is never 0.
public enum Observation: Sendable, Equatable {
  case value(Double)
  case missing(MissingReason)

  /// In the metric's unit; nil if missing.
  public var value: Double? {
    if case .value(let value) = self { value } else { nil }
  }

  /// Nil if there is a value.
  public var missingReason: MissingReason? {
    if case .missing(let reason) = self { reason } else { nil }
  }

  /// `part / whole × factor`; missing as `no_data` where that is not finite, such as after a division by 0.
  public static func ratio(_ part: Double, of whole: Double, times factor: Double = 1) -> Observation {
    let value = part / whole * factor
    return value.isFinite ? .value(value) : .missing(.noData)
  }

  /// Missing as `no_data` for nil, infinity and NaN.
  public static func known(_ value: Double?) -> Observation {
    guard let value, value.isFinite else { return .missing(.noData) }
    return .value(value)
  }
}

/// One account's observations of all metrics. A metric that no source delivered is missing as `no_data`.
public struct Observations: Sendable, Equatable {
  private var storage = [Observation](repeating: .missing(.noData), count: Metric.allCases.count)

  public init() {}

  public subscript(metric: Metric) -> Observation {
    get { storage[metric.rawValue] }
    set { storage[metric.rawValue] = newValue }
  }

  /// By `Metric.rawValue`.
  public subscript(index: Int) -> Observation { storage[index] }
}
