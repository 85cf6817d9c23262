import Formats
import Time

/// What a contact contributes to a customer.
public struct ContactFacts: Sendable {
  /// Why a contact is left out.
  public enum Skip: String, Sendable, CaseIterable {
    case missingEmail = "missing_email"
    case invalidEmail = "invalid_email"
    /// No object, or one without an id.
    case malformed
  }

  /// Intercom's id.
  public let id: String
  public let email: EmailAddress
  /// In seconds since 1970; the smallest number where Intercom does not say.
  public let updatedAt: Int64
  /// The workspace's id in Intercom, for links.
  public let workspaceID: String?
  /// Timestamps that are no instant, or lie in the future.
  public let invalidTimestamps: Int
  /// The flat price as sent; nil where there is none or where subscriptions are listed.
  public let flatPrice: Rational?
  let hasStripe: Bool
  /// The contact as a customer, with nothing of its conversations.
  let customer: Customer

  /// Whether the contact counts more than another one with the same address.
  func precedes(_ other: ContactFacts) -> Bool {
    if updatedAt != other.updatedAt { return updatedAt > other.updatedAt }
    if id.isASCIINumber, other.id.isASCIINumber, id.utf8.count != other.id.utf8.count {
      return id.utf8.count > other.id.utf8.count
    }
    return id > other.id
  }
}

extension ContactFacts {
  /// A contact's own id, also of one that is left out; nil where it has none.
  public static func id(of contact: JSONValue) -> String? { contact["id"]?.id }

  /// `updated_at` in seconds since 1970; nil where it can't be read.
  public static func updatedAt(of contact: JSONValue) -> Int64? { contact["updated_at"]?.wholeNumber }

  /// - Parameters:
  ///   - contact: As Intercom documents it.
  ///   - now: When the run began.
  /// - Returns: The reason where the contact is left out.
  public static func reading(
    _ contact: JSONValue, _ rules: CustomerRules, now: Timestamp
  ) -> Result<ContactFacts, SkippedContact> {
    guard contact.object != nil, let id = id(of: contact) else { return .failure(SkippedContact(.malformed)) }
    guard let text = contact["email"]?.text else { return .failure(SkippedContact(.missingEmail)) }
    guard let email = EmailAddress(text) else { return .failure(SkippedContact(.invalidEmail)) }
    return .success(ContactFacts(contact, id, email, rules, now: now))
  }

  private init(_ contact: JSONValue, _ id: String, _ email: EmailAddress, _ rules: CustomerRules, now: Timestamp) {
    var invalid = 0
    /// ISO 8601; nil, and counted, where it is not a positive number of seconds up to a day from now.
    func instant(_ value: JSONValue?) -> String? {
      guard let value else { return nil }
      guard let seconds = value.wholeNumber, seconds > 0, seconds <= now.seconds + 86_400,
        let instant = Timestamp(seconds: seconds)
      else {
        invalid += 1
        return nil
      }
      return "\(instant)"
    }
    let stripe = StripeAttributes(contact["custom_attributes"]?.object ?? [:])
    var customer = Customer(email: email.text)
    customer.set(.contactID, id)
    customer.set(.externalID, contact["external_id"]?.id)
    customer.set(.name, contact["name"]?.text ?? email.localPart)
    customer.set(.country, contact["location"]?["country"]?.text)
    customer.set(.city, contact["location"]?["city"]?.text)
    customer.set(.signupDate, instant(contact["signed_up_at"]) ?? instant(contact["created_at"]))
    customer.set(.lastSeenAt, instant(contact["last_seen_at"]))
    customer.set(stripe, rules)
    if !stripe.isEmpty { customer.set(.lastPaymentDate, instant(stripe.lastChargeAt)) }
    self.init(
      id: id, email: email, updatedAt: Self.updatedAt(of: contact) ?? .min, workspaceID: contact["workspace_id"]?.text,
      invalidTimestamps: invalid, flatPrice: stripe.subscriptions == nil ? stripe.planPrice : nil,
      hasStripe: !stripe.isEmpty, customer: customer)
  }
}

/// A contact that is left out, and why.
public struct SkippedContact: Error, Sendable {
  public let reason: ContactFacts.Skip

  init(_ reason: ContactFacts.Skip) { self.reason = reason }
}

extension JSONValue {
  /// Nil unless it is a whole number.
  fileprivate var wholeNumber: Int64? {
    guard case .number(let digits) = self else { return nil }
    return Int64(digits) ?? Double(digits).flatMap { Int64(exactly: $0) }
  }
}
