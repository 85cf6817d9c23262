import HealthModel
import Time

/// What a run asks every source for.
public struct Extraction: Sendable {
  public let period: Period
  /// The earlier of the period's end and the event's time. Data after it is not used.
  public let asOf: Timestamp
  /// Whether values that a source knows only for today are used for the period.
  public let isCurrent: Bool
  /// Partial observations refer to accounts by their index in this list.
  public let accounts: [MappedAccount]

  public init(period: Period, asOf: Timestamp, isCurrent: Bool, accounts: [MappedAccount]) {
    self.period = period
    self.asOf = asOf
    self.isCurrent = isCurrent
    self.accounts = accounts
  }

  /// `[start, end)` of the scored window.
  public var window: Range<Timestamp> { period.start..<max(period.start, asOf) }

  /// `[as-of − 12 months, as-of)`.
  public var lastTwelveMonths: Range<Timestamp> { asOf.advanced(byMonths: -12)..<asOf }
}
