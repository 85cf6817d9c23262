import Connectors
import Formats

/// The result of reading some slices.
public struct SalesforcePartial: PartialResult {
  var tallies: [SalesforceID: SalesforceTally] = [:]
  /// Paths of metrics that the org keeps no data for.
  var absentMetrics: Set<String> = []
  /// Paths of metrics that are unavailable for all accounts.
  var unavailableMetrics: Set<String> = []
  /// Whether the org has no object for signals, so that no account has any.
  var hasNoSignals = false
  /// Whether a picklist of the org has none of the configured values for signals.
  var hasOtherSignals = false
  /// Rows by dataset; a dataset without an entry was not read.
  var rows: [String: Int] = [:]
  /// Rows by dataset that name no account that can be read.
  var malformed: [String: Int] = [:]
  var warnings: Set<String> = []
  /// Why some metrics are unavailable although no slice failed.
  var problems: Set<String> = []
  public internal(set) var received = Received()

  public init() {}

  public mutating func merge(_ other: SalesforcePartial) {
    tallies.merge(other.tallies) { mine, theirs in
      var merged = mine
      merged.merge(theirs)
      return merged
    }
    absentMetrics.formUnion(other.absentMetrics)
    unavailableMetrics.formUnion(other.unavailableMetrics)
    hasNoSignals = hasNoSignals || other.hasNoSignals
    hasOtherSignals = hasOtherSignals || other.hasOtherSignals
    rows.merge(other.rows, uniquingKeysWith: +)
    malformed.merge(other.malformed, uniquingKeysWith: +)
    problems.formUnion(other.problems)
    warnings.formUnion(other.warnings)
    received.merge(other.received)
  }
}
