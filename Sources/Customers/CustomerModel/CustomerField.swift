import Formats

/// An attribute of a customer, with the name that it has in the table, in CSV and in JSON. Its values come from Intercom
/// contacts, from their Stripe attributes, or are derived.
public enum CustomerField: String, CaseIterable, Sendable {
  /// The key: trimmed, in lower case.
  case email
  case contactID = "intercom_contact_id"
  case externalID = "external_id"
  case stripeCustomerID = "stripe_customer_id"
  case name
  case country = "location_country"
  case city = "location_city"
  case signupDate = "signup_date"
  case lastSeenAt = "last_seen_at"
  case lastPaymentDate = "last_payment_date"
  /// Monthly recurring revenue in the base currency.
  case mrr
  case arr
  /// Payments less refunds in the base currency.
  case ltv
  case pastDueMRR = "mrr_past_due"
  /// Only where a subscription has another currency than the base one.
  case mrrByCurrency = "mrr_by_currency"
  /// A ``RevenueBasis``.
  case revenueBasis = "revenue_basis"
  /// ``RevenueWarning``s.
  case revenueWarnings = "revenue_warnings"
  case planName = "plan_name"
  case planPrice = "plan_price"
  case subscriptionStatus = "subscription_status"
  case subscriptionCount = "subscription_count"
  case isDelinquent = "is_delinquent"
  case lastPaymentAmount = "last_payment_amount"
  /// As of the write; readers compute it anew.
  case daysSinceSeen = "days_since_seen"
  case conversationsTotal = "intercom_convos_total"
  case conversationsRecent = "intercom_convos_30d"
  case openTickets = "open_tickets"
  case csatScore = "csat_score"
  case mentionedCancel = "mentioned_cancel"
  case cancelMentionedAt = "cancel_mentioned_at"
  /// 0 to 100.
  case qualityScore = "quality_score"
  /// When the run began that wrote the row.
  case lastSync = "last_intercom_sync"
  /// When the run began that no longer found a contact with this address; absent for customers.
  case deletedAt = "intercom_deleted_at"

  /// Fields that say when a row was written rather than what is true of the customer.
  public static let ofTheWrite: Set<CustomerField> = [.daysSinceSeen, .lastSync]

  fileprivate var position: Int { Self.positions[self] ?? 0 }

  private static let positions = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

/// The value of a field.
public enum CustomerValue: Sendable, Equatable {
  case text(String)
  /// Decimal digits without zeros at the end, such as `12.5`.
  case number(String)
  case flag(Bool)
  /// Numbers by code.
  case numbers([String: String])
  /// Sorted and not empty.
  case texts([String])
}

/// One row of the customer table. A field without a value is absent, never 0 or empty.
public struct Customer: Sendable, Equatable {
  private var values: [CustomerValue?]

  public init(email: String) {
    values = Array(repeating: nil, count: CustomerField.allCases.count)
    self[.email] = .text(email)
  }

  public subscript(field: CustomerField) -> CustomerValue? {
    get { values[field.position] }
    set { values[field.position] = newValue }
  }

  public var email: String { text(.email) ?? "" }

  /// Nil unless the field has a text.
  public func text(_ field: CustomerField) -> String? { if case .text(let text) = self[field] { text } else { nil } }

  /// Nil unless the field has a number.
  public func number(_ field: CustomerField) -> Rational? {
    if case .number(let digits) = self[field] { Rational(decimal: digits) } else { nil }
  }

  /// Nil unless the field is true or false.
  public func flag(_ field: CustomerField) -> Bool? { if case .flag(let flag) = self[field] { flag } else { nil } }

  /// Whether no contact has this address any more.
  public var isDeleted: Bool { self[.deletedAt] != nil }

  public mutating func set(_ field: CustomerField, _ text: String?) { self[field] = text.map { .text($0) } }

  public mutating func set(_ field: CustomerField, _ flag: Bool?) { self[field] = flag.map { .flag($0) } }

  public mutating func set(_ field: CustomerField, _ count: Int) { self[field] = .number("\(count)") }

  /// Absent where the number is nil or has no end.
  public mutating func set(_ field: CustomerField, _ number: Rational?) {
    self[field] = number?.decimalText.map { .number($0) }
  }

  /// Whether the same is true of both customers, whenever they were written.
  public func says(theSameAs other: Customer) -> Bool {
    CustomerField.allCases.allSatisfy { CustomerField.ofTheWrite.contains($0) || self[$0] == other[$0] }
  }
}
