import Connectors
import HealthModel
import Time

/// A source's observations, one entry for each account of the extraction.
public struct SourceObservations: Sendable {
  public var accounts: [AccountFacts]
  public var received: Received
  public var warnings: [String]
  /// Why some of it is `unavailable` although no slice failed; nil if nothing is.
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

/// What one source says of one account.
public struct AccountFacts: Sendable {
  public var observations: [Metric: Observation]
  /// Nil from sources that know no signals.
  public var signals: SignalReading?
  /// Annual recurring revenue in the org's currency, where known.
  public var arr: Double?
  public var renewalDate: CalendarDate?
  /// The score that the previous period's record shows, where there is one.
  public var previousHealth: Double?
  public var previousTier: Tier?

  public init(observations: [Metric: Observation] = [:]) { self.observations = observations }
}
