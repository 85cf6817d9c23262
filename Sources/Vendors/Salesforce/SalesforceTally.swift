import Formats
import HealthModel
import Time

/// What the org says of one account, mergeable in any order.
struct SalesforceTally: Codable, Sendable, Equatable {
  /// An ARR snapshot; the best is the one nearest to a year ago.
  struct Snapshot: Codable, Sendable, Equatable {
    var distance: Int64
    var date: Timestamp
    var id: String
    var arr: Double?

    /// Nearest first; on a tie the older.
    func isBetter(than other: Snapshot) -> Bool {
      (distance, date.milliseconds, id) < (other.distance, other.date.milliseconds, other.id)
    }
  }

  var isFound = false
  var arr: Double?
  var successTier: String?
  var responsiveness: Double?
  var executiveEngagement: Double?
  var renewal: CalendarDate?
  var contractChanges = 0
  var payments = 0
  var failedPayments = 0
  var snapshot: Snapshot?
  var reviews = 0
  var attendedReviews = 0
  var championSince: CalendarDate?
  var expansionLeads = 0
  var signals: [ChurnSignal] = []
  /// Datasets with a row of the account that can't be read, so that the others are only a part.
  var unreadable: Set<SalesforceDataset> = []
  /// Metrics of which a field of the account's own can't be read, by path.
  var spoiled: Set<String> = []
  var previousHealth: Double?
  var previousTier: String?

  mutating func merge(_ other: SalesforceTally) {
    isFound = isFound || other.isFound
    arr = arr ?? other.arr
    successTier = successTier ?? other.successTier
    responsiveness = responsiveness ?? other.responsiveness
    executiveEngagement = executiveEngagement ?? other.executiveEngagement
    renewal = [renewal, other.renewal].compactMap(\.self).min()
    contractChanges += other.contractChanges
    payments += other.payments
    failedPayments += other.failedPayments
    if let theirs = other.snapshot { offer(theirs) }
    reviews += other.reviews
    attendedReviews += other.attendedReviews
    championSince = [championSince, other.championSince].compactMap(\.self).max()
    expansionLeads += other.expansionLeads
    signals += other.signals
    unreadable.formUnion(other.unreadable)
    spoiled.formUnion(other.spoiled)
    previousHealth = previousHealth ?? other.previousHealth
    previousTier = previousTier ?? other.previousTier
  }

  mutating func offer(_ candidate: Snapshot) {
    if snapshot.map({ candidate.isBetter(than: $0) }) ?? true { snapshot = candidate }
  }
}

extension CalendarDate: Codable {
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleValueContainer().decode(Timestamp.self).date
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// What was read of some accounts.
public struct SalesforcePartial: PartialObservations {
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
