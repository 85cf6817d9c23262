import Connectors
import Formats

/// What was read of some accounts.
public struct SalesforcePartial: PartialResult {
  var tallies: [SalesforceID: SalesforceTally] = [:]
  /// Metrics that the org keeps nothing for, by path.
  var absentMetrics: Set<String> = []
  /// Metrics that can't be told for anybody, by path.
  var unavailableMetrics: Set<String> = []
  var hasNoSignals = false
  /// The org's picklists have none of the states that signals are told by.
  var hasOtherSignals = false
  /// Rows by dataset; a dataset without an entry was not asked for.
  var rows: [String: Int] = [:]
  /// Rows by dataset that can't be read and do not say whose they are.
  var malformed: [String: Int] = [:]
  var warnings: Set<String> = []
  /// Why some of it is unavailable although no slice failed.
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
