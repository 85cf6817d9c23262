import Formats

/// A change of a customer that somebody should hear of, once.
public struct CustomerAlert: Sendable, Equatable {
  public enum Kind: String, CaseIterable, Sendable {
    case highValue = "high_value"
    case cancelMention = "cancel_mention"
    case delinquent
    case mrrChange = "mrr_change"
  }

  public var kind: Kind
  /// Intercom's id of the customer's contact.
  public var contactID: String

  /// What a new version of a row tells.
  ///
  /// - Parameter old: The stored row; nil where the customer is new.
  public static func all(from old: Customer?, to new: Customer, _ rules: CustomerRules) -> [CustomerAlert] {
    let (before, after) = (old?.number(.mrr), new.number(.mrr))
    let limit = Rational(rules.highValueMRR)
    var kinds: [Kind] = []
    if let after, after > limit, before.map({ $0 <= limit }) ?? true { kinds.append(.highValue) }
    if new.flag(.mentionedCancel) == true, old?.flag(.mentionedCancel) != true { kinds.append(.cancelMention) }
    if new.flag(.isDelinquent) == true, old?.flag(.isDelinquent) != true { kinds.append(.delinquent) }
    if let before, let after, before.isPositive, isLarge(from: before, to: after, rules) { kinds.append(.mrrChange) }
    return kinds.map { CustomerAlert(kind: $0, contactID: new.text(.contactID) ?? "") }
  }

  private static func isLarge(from before: Rational, to after: Rational, _ rules: CustomerRules) -> Bool {
    guard let change = after.subtracting(before), let share = Rational(Int128(rules.mrrChangePercent), over: 100),
      let limit = before.multiplied(by: share)
    else { return false }
    return change > limit || (Rational.zero.subtracting(change) ?? .zero) > limit
  }
}
