import Formats
import Time

/// Which customers to show, and in which order.
public struct CustomerFilter: Sendable {
  public var isDelinquent = false
  public var mentionedCancel = false
  /// Without regard to case; nil for all.
  public var status: String?
  /// In the base currency; only customers with more.
  public var mrrOver: Rational?
  /// Only customers who were seen, and longer ago than so many days of 24 hours.
  public var unseenDays: Int?
  public var includesDeleted = false
  /// Numbers from the largest, texts from A; customers without the field come last.
  public var sortField = CustomerField.mrr
  /// Nil for all.
  public var limit: Int?

  public init() {}

  /// - Parameter now: Days since a customer was seen are counted to it.
  public func apply(to customers: some Sequence<Customer>, now: Timestamp) -> [Customer] {
    var found = customers.filter { matches($0, now: now) }
    found.sort { precedes($0, $1) }
    return limit.map { Array(found.prefix($0)) } ?? found
  }

  private func matches(_ customer: Customer, now: Timestamp) -> Bool {
    if customer.isDeleted, !includesDeleted { return false }
    if isDelinquent, customer.flag(.isDelinquent) != true { return false }
    if mentionedCancel, customer.flag(.mentionedCancel) != true { return false }
    if let status, customer.text(.subscriptionStatus) != status.lowercased() { return false }
    if let mrrOver, !(customer.number(.mrr).map { $0 > mrrOver } ?? false) { return false }
    if let unseenDays {
      guard let seconds = customer.secondsSinceSeen(now), seconds > Int64(unseenDays) * 86_400 else { return false }
    }
    return true
  }

  private func precedes(_ left: Customer, _ right: Customer) -> Bool {
    switch (left[sortField], right[sortField]) {
    case (nil, nil): break
    case (_?, nil): return true
    case (nil, _?): return false
    case (let first?, let second?):
      if let first = left.number(sortField), let second = right.number(sortField) {
        if first != second { return first > second }
      } else if first.words != second.words {
        return first.words < second.words
      }
    }
    return left.email < right.email
  }
}

extension Customer {
  /// With the days since the customer was seen as of another instant.
  public func asOf(_ now: Timestamp) -> Customer {
    var customer = self
    customer[.daysSinceSeen] = secondsSinceSeen(now).map { .number("\(CustomerBook.days($0))") }
    return customer
  }
}
