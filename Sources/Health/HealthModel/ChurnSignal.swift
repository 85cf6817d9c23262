import Formats
import Time

/// A risk that a person logged and no metric shows, such as a champion who left or a competitor at the customer.
public struct ChurnSignal: Sendable, Equatable, Codable {
  /// Ordered from `watch` to `critical`.
  public enum Severity: Int, Sendable, Comparable {
    case watch = 1
    case moderate, critical

    /// Reads `Critical`, `Moderate` or `Watch` in any case; nil for anything else.
    public init?(named name: String) {
      switch name.trimmed.lowercased() {
      case "critical": self = .critical
      case "moderate": self = .moderate
      case "watch": self = .watch
      default: return nil
      }
    }

    /// In the form that ``init(named:)`` reads: `Critical`, `Moderate` or `Watch`.
    public var name: String {
      switch self {
      case .critical: "Critical"
      case .moderate: "Moderate"
      case .watch: "Watch"
      }
    }

    public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
  }

  public var severity: Severity
  /// `Confirmed` in any case; anything else and nil mean not confirmed.
  public var confidence: String?
  /// `Active` and `Monitoring` count, in any case. Everything else and nil mean closed.
  public var status: String?
  /// The day of the observation. Nil: the signal does not expire.
  public var observed: CalendarDate?

  public init(severity: Severity, confidence: String?, status: String?, observed: CalendarDate?) {
    self.severity = severity
    self.confidence = confidence
    self.status = status
    self.observed = observed
  }

  private enum CodingKeys: String, CodingKey { case severity, confidence, status, observed }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .severity)
    guard let severity = Severity(named: name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .severity, in: container, debugDescription: "expected Critical, Moderate or Watch")
    }
    self.severity = severity
    confidence = try container.decodeIfPresent(String.self, forKey: .confidence)
    status = try container.decodeIfPresent(String.self, forKey: .status)
    observed = try container.decodeIfPresent(Timestamp.self, forKey: .observed)?.date
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(severity.name, forKey: .severity)
    try container.encode(confidence, forKey: .confidence)
    try container.encode(status, forKey: .status)
    try container.encode(observed?.description, forKey: .observed)
  }
}

/// An account's churn signals, or why they are not known. Unknown signals are not "no signals".
public enum SignalReading: Sendable, Equatable {
  case known([ChurnSignal])
  case missing(MissingReason)
}
