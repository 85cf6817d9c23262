import Formats

/// What a customer's revenue was calculated from.
public enum RevenueBasis: String, CaseIterable, Sendable {
  /// The list of subscriptions.
  case subscriptions
  /// Estimated from the flat attributes, which know one plan and no quantity.
  case flat
  /// There is no Stripe data.
  case none
}

/// Why a revenue may be too low.
public enum RevenueWarning: String, CaseIterable, Sendable {
  /// An item whose price depends on the quantity has no amount.
  case tiered
  /// An item is billed by usage.
  case metered
  /// Items or payments in another currency than the base one.
  case foreignCurrency = "foreign_currency"
  /// A subscription has a status that Stripe does not document.
  case unknownStatus = "unknown_status"
  /// An amount below 0, or refunds that exceed payments.
  case negativeAmount = "negative_amount"
  /// An interval that is not day, week, month or year, or a count of 0.
  case unknownInterval = "unknown_interval"
}

/// The revenue of one contact, exactly. Amounts are in major units and not rounded.
struct Revenue: Sendable {
  private(set) var basis = RevenueBasis.none
  private(set) var warnings: Set<RevenueWarning> = []
  /// Per month, by currency, of the subscriptions that count. Nil where there is no price to know it by.
  private(set) var monthly: [Currency: Rational]? = [:]
  /// Per month, by currency, of the subscriptions that are past due. Nil as above.
  private(set) var pastDue: [Currency: Rational]? = [:]
  /// Payments less refunds in the base currency; nil without a list of payments, or below 0.
  private(set) var lifetimeValue: Rational?
  /// Subscriptions that count.
  private(set) var subscriptionCount = 0

  private let rules: CustomerRules

  private static let statuses: Set<String> = [
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused",
  ]

  init(_ stripe: StripeAttributes, _ rules: CustomerRules) {
    self.rules = rules
    guard !stripe.isEmpty else { return }
    if let subscriptions = stripe.subscriptions {
      basis = .subscriptions
      for subscription in subscriptions { add(subscription) }
    } else {
      basis = .flat
      addFlat(stripe)
    }
    if let payments = stripe.payments { addPayments(payments) }
  }

  // MARK: Subscriptions

  private mutating func add(_ subscription: StripeObject) {
    let status = subscription.text("status")?.lowercased()
    note(status: status ?? "")
    let counts = status.map(rules.mrrStatuses.contains) ?? false
    if counts { subscriptionCount += 1 }
    guard counts || status == "past_due" else { return }
    let items = subscription["items"]?.elements?.map { StripeObject($0) } ?? [subscription]
    for item in items {
      guard let (currency, amount) = monthlyAmount(of: item) else { continue }
      if currency != rules.baseCurrency { warnings.insert(.foreignCurrency) }
      if counts { Self.add(amount, in: currency, to: &monthly) }
      if status == "past_due" { Self.add(amount, in: currency, to: &pastDue) }
    }
  }

  private mutating func note(status: String) {
    if !Self.statuses.contains(status) { warnings.insert(.unknownStatus) }
  }

  /// What an item costs per month; nil, with a warning, where it is left out.
  private mutating func monthlyAmount(of item: StripeObject) -> (Currency, Rational)? {
    let named =
      item["plan"].flatMap { $0.object == nil ? nil : $0 } ?? item["price"].flatMap { $0.object == nil ? nil : $0 }
    let plan = named.map { StripeObject($0) } ?? item
    let recurring = plan["recurring"].map { StripeObject($0) }
    if (plan.text("usage_type") ?? recurring?.text("usage_type"))?.lowercased() == "metered" {
      warnings.insert(.metered)
      return nil
    }
    let names = ["amount", "unit_amount", "amount_decimal", "unit_amount_decimal"]
    guard let amount = names.lazy.compactMap({ plan.number($0) }).first else {
      warnings.insert(.tiered)
      return nil
    }
    let quantity = item.number("quantity") ?? Rational(1)
    guard !amount.isNegative, !quantity.isNegative else {
      warnings.insert(.negativeAmount)
      return nil
    }
    let interval = (plan.text("interval") ?? recurring?.text("interval"))?.lowercased()
    let count = plan.number("interval_count") ?? recurring?.number("interval_count") ?? Rational(1)
    guard let factor = interval.flatMap(Self.perMonth), count.isPositive else {
      warnings.insert(.unknownInterval)
      return nil
    }
    let currency = plan.text("currency").flatMap { Currency($0) } ?? rules.baseCurrency
    let monthly = amount.multiplied(by: quantity)?.multiplied(by: factor)?.divided(by: count)?
      .divided(by: currency.minorUnits)
    guard let monthly else {
      // An amount beyond all reason is as good as none.
      warnings.insert(.tiered)
      return nil
    }
    return (currency, monthly)
  }

  /// Billing intervals in a month: a year has 365 days, 52 weeks and 12 months.
  private static func perMonth(_ interval: String) -> Rational? {
    switch interval {
    case "day": Rational(365, over: 12)
    case "week": Rational(52, over: 12)
    case "month": Rational(1)
    case "year": Rational(1, over: 12)
    default: nil
    }
  }

  private static func add(_ amount: Rational, in currency: Currency, to sums: inout [Currency: Rational]?) {
    guard let sum = (sums?[currency] ?? .zero).adding(amount) else { return }
    sums?[currency] = sum
  }

  // MARK: Flat attributes

  private mutating func addFlat(_ stripe: StripeAttributes) {
    guard let status = stripe.status else { return }
    note(status: status)
    let counts = rules.mrrStatuses.contains(status)
    if counts { subscriptionCount = 1 }
    guard counts || status == "past_due" else { return }
    let price = flatPrice(stripe).map { [rules.baseCurrency: $0] }
    if counts { monthly = price }
    if status == "past_due" { pastDue = price }
  }

  private mutating func flatPrice(_ stripe: StripeAttributes) -> Rational? {
    guard let price = stripe.planPrice.flatMap({ rules.major($0) }) else { return nil }
    guard !price.isNegative else {
      warnings.insert(.negativeAmount)
      return nil
    }
    guard let factor = Self.perMonth(stripe.planInterval ?? "month") else {
      warnings.insert(.unknownInterval)
      return nil
    }
    return price.multiplied(by: factor)
  }

  // MARK: Payments

  private mutating func addPayments(_ payments: [StripeObject]) {
    var sum: Rational? = .zero
    for payment in payments where payment.text("status")?.lowercased() == "succeeded" {
      let currency = payment.text("currency").flatMap { Currency($0) } ?? rules.baseCurrency
      guard currency == rules.baseCurrency else {
        warnings.insert(.foreignCurrency)
        continue
      }
      guard let paid = payment.number("amount_captured") ?? payment.number("amount") else { continue }
      let net = paid.subtracting(payment.number("amount_refunded") ?? .zero)?.divided(by: currency.minorUnits)
      sum = net.flatMap { sum?.adding($0) }
    }
    if sum?.isNegative ?? false {
      warnings.insert(.negativeAmount)
    } else {
      lifetimeValue = sum
    }
  }
}

extension Currency {
  /// Minor units in one major unit: 100 for most.
  var minorUnits: Rational { Rational([0: 1, 3: 1000][exponent] ?? 100) }
}

extension CustomerRules {
  /// A flat attribute's price in major units.
  func major(_ price: Rational) -> Rational? {
    attributeUnit == .major ? price : price.divided(by: baseCurrency.minorUnits)
  }
}

extension Customer {
  /// Sets everything that comes from Stripe. A contact without Stripe data gets only the basis `none`.
  mutating func set(_ stripe: StripeAttributes, _ rules: CustomerRules) {
    let revenue = Revenue(stripe, rules)
    set(.revenueBasis, revenue.basis.rawValue)
    guard revenue.basis != .none else { return }
    let base = rules.baseCurrency
    func shown(_ amounts: [Currency: Rational]?) -> Rational? {
      amounts.flatMap { ($0[base] ?? .zero).rounded(decimals: base.exponent) }
    }
    set(.stripeCustomerID, stripe.customerID)
    set(.mrr, shown(revenue.monthly))
    set(
      .arr,
      revenue.monthly.flatMap { ($0[base] ?? .zero).multiplied(by: Rational(12))?.rounded(decimals: base.exponent) })
    set(.pastDueMRR, shown(revenue.pastDue))
    set(.ltv, revenue.lifetimeValue?.rounded(decimals: base.exponent))
    if let monthly = revenue.monthly, monthly.keys.contains(where: { $0 != base }) {
      var byCode: [String: String] = [:]
      for (currency, amount) in monthly.merging([base: .zero], uniquingKeysWith: { first, _ in first }) {
        byCode[currency.code] = amount.rounded(decimals: currency.exponent)?.decimalText
      }
      self[.mrrByCurrency] = .numbers(byCode)
    }
    let warnings = revenue.warnings.map(\.rawValue).sorted()
    if !warnings.isEmpty { self[.revenueWarnings] = .texts(warnings) }
    set(.planName, stripe.planName)
    set(.planPrice, stripe.planPrice.flatMap { rules.major($0) })
    set(.subscriptionStatus, stripe.status)
    set(.subscriptionCount, revenue.subscriptionCount)
    set(.isDelinquent, stripe.isDelinquent)
    set(.lastPaymentAmount, stripe.lastChargeAmount.flatMap { rules.major($0) })
  }
}
