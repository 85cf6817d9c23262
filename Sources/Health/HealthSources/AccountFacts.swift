import Connectors
import HealthModel
import Time

/// A source's observations, one entry for each account of the extraction.
public struct SourceObservations: Sendable {
  /// In the order of the extraction's accounts.
  public var accounts: [AccountFacts]
  public var received: Received
  public var warnings: [String]
  /// Why some values are `unavailable` although no slice failed; nil if there are none.
  public var problem: String?

  public init(
    accounts: [AccountFacts], received: Received = Received(), warnings: [String] = [], problem: String? = nil
  ) {
    self.accounts = accounts
    self.received = received
    self.warnings = warnings
    self.problem = problem
  }
}

/// What one source knows about one account.
public struct AccountFacts: Sendable {
  /// Of the source's own metrics.
  public var observations: [Metric: Observation]
  /// Nil from sources that deliver no signals.
  public var signals: SignalReading?
  /// Annual recurring revenue in the org's currency, where known.
  public var arr: Double?
  public var renewalDate: CalendarDate?
  public var trends: [MetricTrend] = []
  public var suggestedSignals: [SuggestedSignal] = []
  /// Who owns the account at the vendor, where known.
  public var ownerID: String?
  public var ownerName: String?
  /// The score in the previous month's Salesforce record; nil without one.
  public var previousHealth: Double?
  public var previousTier: Tier?

  public init(observations: [Metric: Observation] = [:]) { self.observations = observations }
}
