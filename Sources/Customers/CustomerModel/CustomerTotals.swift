import Formats

/// Customers in sum.
public struct CustomerTotals: Sendable {
  public private(set) var count = 0
  /// MRR by the currency's code.
  public private(set) var mrr: [String: Rational] = [:]
  /// Customers by `subscription_status`; under `none` those without one.
  public private(set) var statuses: [String: Int] = [:]
  /// Customers by `plan_name`; under `none` those without one.
  public private(set) var plans: [String: Int] = [:]
  private var qualitySum = 0

  /// - Parameter base: The currency of the field `mrr`.
  public init(_ customers: some Sequence<Customer>, _ base: Currency) {
    for customer in customers {
      count += 1
      statuses[customer.text(.subscriptionStatus) ?? "none", default: 0] += 1
      plans[customer.text(.planName) ?? "none", default: 0] += 1
      if case .number(let digits) = customer[.qualityScore] { qualitySum += Int(digits) ?? 0 }
      var amounts: [String: Rational] = [:]
      if case .numbers(let byCode) = customer[.mrrByCurrency] {
        amounts = byCode.compactMapValues { Rational(decimal: $0) }
      }
      amounts[base.code] = customer.number(.mrr)
      for (code, amount) in amounts { mrr[code] = (mrr[code] ?? .zero).adding(amount) }
    }
  }

  /// The mean quality score to one decimal; nil without customers.
  public var meanQuality: Double? {
    count == 0 ? nil : Rational(Int128(qualitySum), over: Int128(count))?.rounded(decimals: 1)?.double
  }
}
