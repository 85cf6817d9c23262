import Formats

/// The Stripe data among a contact's custom attributes, as Intercom's Stripe integration writes it.
///
/// https://www.intercom.com/help/en/articles/343-connect-stripe
struct StripeAttributes: Sendable {
  private let attributes: [String: JSONValue]

  /// - Parameter attributes: All of the contact's custom attributes.
  init(_ attributes: [String: JSONValue]) {
    self.attributes = attributes.filter { $0.key.lowercased().hasPrefix("stripe") && !$0.value.isEmpty }
    subscriptions = Self.list("stripe subscriptions", attributes)
    payments = Self.list("stripe payments", attributes)
  }

  /// Whether the contact has no Stripe data at all.
  var isEmpty: Bool { attributes.isEmpty }

  /// Nil where there is no list of them; an empty list is a list.
  let subscriptions: [StripeObject]?
  /// Nil where there is no list of them.
  let payments: [StripeObject]?

  var customerID: String? { attributes["stripe_id"]?.id }
  var planName: String? { attributes["stripe_plan"]?.text }
  var planPrice: Rational? { attributes["stripe_plan_price"]?.digits.flatMap { Rational(decimal: $0) } }
  var planInterval: String? { attributes["stripe_plan_interval"]?.text?.lowercased() }
  var status: String? { attributes["stripe_subscription_status"]?.text?.lowercased() }
  var lastChargeAmount: Rational? { attributes["stripe_last_charge_amount"]?.digits.flatMap { Rational(decimal: $0) } }
  var lastChargeAt: JSONValue? { attributes["stripe_last_charge_at"] }

  var isDelinquent: Bool? {
    guard let value = attributes["stripe_delinquent"] else { return nil }
    if let flag = value.flag { return flag }
    return switch value.text?.lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// The attribute's list, however the attribute is spelt. Of several spellings, the first one that is not empty counts.
  private static func list(_ name: String, _ attributes: [String: JSONValue]) -> [StripeObject]? {
    let lists = attributes.filter { $0.key.lowercased().replacing("_", with: " ") == name }.sorted { $0.key < $1.key }
      .compactMap { $0.value.elements }
    return (lists.first { !$0.isEmpty } ?? lists.first)?.map { StripeObject($0) }
  }
}

/// An object of Stripe's, bare or as an instance whose fields are in `custom_attributes`.
struct StripeObject: Sendable {
  private let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  /// Nil where it is absent or null.
  subscript(name: String) -> JSONValue? { value["custom_attributes"]?[name] ?? value[name] }

  func text(_ name: String) -> String? { self[name]?.text }

  /// A number, or a text that holds one.
  func number(_ name: String) -> Rational? { self[name]?.digits.flatMap { Rational(decimal: $0) } }
}

extension JSONValue {
  /// Null, blank text, a list or an object without elements, a list object without instances.
  fileprivate var isEmpty: Bool {
    switch self {
    case .null: true
    case .text: text == nil
    case .list(let elements): elements.isEmpty
    case .object(let members): members.isEmpty || (elements?.isEmpty ?? false)
    case .flag, .number: false
    }
  }

  /// The elements of a list, or of a list object; nil for everything else.
  var elements: [JSONValue]? { list ?? self["instances"]?.list ?? self["data"]?.list }
}
