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
