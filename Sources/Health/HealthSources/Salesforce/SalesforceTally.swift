import HealthModel
import Time

/// What the org has of one account. Tallies merge in any order to the same value.
struct SalesforceTally: Codable, Sendable, Equatable {
  /// An ARR snapshot; the best is the one nearest to a year ago.
  struct Snapshot: Codable, Sendable, Equatable {
    /// Milliseconds between the date and a year before the as-of instant.
    var distance: Int64
    var date: Timestamp
    var id: String
    var arr: Double?

    /// The nearer one is better; of two equally near ones, the older.
    func isBetter(than other: Snapshot) -> Bool {
      (distance, date.milliseconds, id) < (other.distance, other.date.milliseconds, other.id)
    }
  }

  var isFound = false
  var arr: Double?
  var successTier: String?
  var ownerID: String?
  var ownerName: String?
  var responsiveness: Double?
  /// Days since the last executive contact.
  var executiveEngagement: Double?
  /// The earliest close date of the open renewals.
  var renewal: CalendarDate?
  var contractChanges = 0
  var payments = 0
  var failedPayments = 0
  var snapshot: Snapshot?
  var reviews = 0
  var attendedReviews = 0
  /// Since when the newest of the account's active champions has that role.
  var championSince: CalendarDate?
  var expansionLeads = 0
  var signals: [ChurnSignal] = []
  /// Datasets in which a row of the account can't be read, so that the other rows are not complete.
  var unreadable: Set<SalesforceDataset> = []
  /// Paths of metrics that need a field of `Account` which can't be read.
  var spoiled: Set<String> = []
  var previousHealth: Double?
  var previousTier: String?

  mutating func merge(_ other: SalesforceTally) {
    isFound = isFound || other.isFound
    arr = arr ?? other.arr
    successTier = successTier ?? other.successTier
    ownerID = ownerID ?? other.ownerID
    ownerName = ownerName ?? other.ownerName
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
