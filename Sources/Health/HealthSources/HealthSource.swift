import ConfigurationReading
import Connectors
import HealthModel

/// One vendor's part of the health score: what is configured of it, and how its rows become observations.
///
/// The type says what can be known before there are credentials; a value reads one extraction.
public protocol HealthSource: SlicedSource {
  /// The vendor's section of `sources.yaml`, as far as the health score reads it.
  associatedtype Rules: Sendable
  associatedtype Credentials: Sendable

  static var id: SourceID { get }

  /// Of the variables that hold the credentials: `JIRA_`.
  static var variablePrefix: String { get }

  /// What it delivers, in the order of `Metric.allCases`.
  static var metrics: [Metric] { get }

  /// The columns of `account_mapping.csv` whose ids it is asked by.
  static var mappingColumns: [String] { get }

  /// Whether churn signals come from here; a vendor only knows today's.
  static var deliversSignals: Bool { get }

  /// Reads the vendor's section; problems are noted there.
  static func rules(_ section: ConfigurationSection) -> Rules

  /// Nil where they are not set; a part of them is a warning of the reader's.
  static func credentials(_ reader: inout VariableReader) -> Credentials?

  static func connect(
    _ credentials: Credentials, _ rules: Rules, by connection: SourceConnection, for extraction: Extraction
  ) -> ActiveSource

  var extraction: Extraction { get }

  /// Whether the account has an id for this source.
  func isMapped(_ account: MappedAccount) -> Bool

  /// Metrics that the source knows only for today, not for a past month.
  var currentOnlyMetrics: Set<Metric> { get }

  /// Metrics that the configuration names no field for.
  var unconfiguredMetrics: Set<Metric> { get }

  /// Turns what was read into observations. Every metric that a failed slice, or a record that can't be read, could have fed
  /// is `unavailable` for the accounts that it could touch.
  func observe(_ partial: Partial, failed: [Slice]) async throws -> SourceObservations
}

extension HealthSource {
  public var id: SourceID { Self.id }

  public static var deliversSignals: Bool { false }

  public var currentOnlyMetrics: Set<Metric> { [] }

  public var unconfiguredMetrics: Set<Metric> { [] }

  /// The reason to report for a metric. Where several reasons apply, the one with the highest rank.
  public func reason(_ reason: MissingReason, for metric: Metric, of account: MappedAccount) -> MissingReason {
    var reasons = [reason]
    if unconfiguredMetrics.contains(metric) { reasons.append(.notConfigured) }
    if !isMapped(account) { reasons.append(.notMapped) }
    if !extraction.isCurrent, currentOnlyMetrics.contains(metric) { reasons.append(.notAsOf) }
    return reasons.min() ?? reason
  }

  /// Facts of an account whose metrics are all missing. Its signals are unknown; an unmapped account has none.
  public func missing(_ reason: MissingReason, for account: MappedAccount) -> AccountFacts {
    var facts = AccountFacts(
      observations: Dictionary(
        uniqueKeysWithValues: Self.metrics.map { ($0, .missing(self.reason(reason, for: $0, of: account))) }))
    if Self.deliversSignals {
      facts.signals = isMapped(account) ? .missing(extraction.isCurrent ? reason : .notAsOf) : .known([])
    }
    return facts
  }
}
