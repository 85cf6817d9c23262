import Foundation

/// An invented contact of the sandbox's workspace.
struct FakeContact: Sendable {
  let id: String
  var email: String?
  var name: String?
  var country: String?
  var city: String?
  let createdAt: Int64
  var signedUpAt: Int64?
  var updatedAt: Int64
  var lastSeenAt: Int64?
  var stripe: FakeStripe

  /// As Intercom documents it.
  var object: [String: Any] {
    func value(_ value: Any?) -> Any { value ?? NSNull() }
    return [
      "type": "contact", "id": id, "workspace_id": "sandbox1", "external_id": "ext-\(id.suffix(6))", "role": "user",
      "email": value(email), "phone": NSNull(), "name": value(name), "avatar": NSNull(), "owner_id": NSNull(),
      "has_hard_bounced": false, "marked_email_as_spam": false, "unsubscribed_from_emails": false,
      "created_at": createdAt, "updated_at": updatedAt, "signed_up_at": value(signedUpAt),
      "last_seen_at": value(lastSeenAt), "last_replied_at": NSNull(), "browser": "chrome", "os": "Windows 10",
      "location": [
        "type": "location", "country": value(country), "region": NSNull(), "city": value(city),
      ] as [String: Any],
      "custom_attributes": stripe.attributes.merging(["favourite_room": "sample"]) { $1 },
      "tags": ["type": "list", "data": [Any](), "url": "/contacts/\(id)/tags", "total_count": 0, "has_more": false]
        as [String: Any],
      "companies": [
        "type": "list", "data": [Any](), "url": "/contacts/\(id)/companies", "total_count": 0, "has_more": false,
      ] as [String: Any],
    ]
  }
}

/// The Stripe attributes of a contact, in each of the shapes that integrations write.
struct FakeStripe: Sendable {
  enum Shape: CaseIterable, Sendable {
    case none, flat, list, underscored, instances, empty
  }

  struct Item: Sendable {
    var amount: Int?
    var currency: String
    var interval: String
    var count: Int
    var quantity: Int
    var isMetered: Bool
  }

  struct Subscription: Sendable {
    var status: String
    var items: [Item]
  }

  struct Payment: Sendable {
    var amount: Int
    var refunded: Int
    var currency: String
    var status: String
  }

  var shape: Shape
  var customerID: String
  var status: String
  var isDelinquent: Bool
  var planPrice: Double
  var subscriptions: [Subscription]
  var payments: [Payment]
  var lastChargeAt: Int64

  init(_ random: inout SandboxRandom, number: Int, now: Int64) {
    shape = random.pick([.none, .flat, .flat, .list, .list, .underscored, .instances, .empty])
    customerID = "cus_sample\(number)"
    status = random.pick(["active", "active", "active", "past_due", "canceled", "trialing"])
    isDelinquent = random.isTrue(0.1)
    planPrice = Double(random.whole(9...900)) + random.pick([0, 0.5, 0.99])
    subscriptions = []
    payments = []
    for _ in 0..<random.whole(1...3) { subscriptions.append(Self.subscription(&random)) }
    for _ in 0..<random.whole(0...6) {
      let amount = random.whole(500...90_000)
      payments.append(
        Payment(
          amount: amount, refunded: random.isTrue(0.15) ? amount / 2 : 0,
          currency: random.isTrue(0.08) ? "jpy" : "usd",
          status: random.pick(["succeeded", "succeeded", "succeeded", "failed"])))
    }
    lastChargeAt = now - Int64(random.whole(1...60)) * 86_400
  }

  static func subscription(_ random: inout SandboxRandom) -> Subscription {
    let items = (0..<random.whole(1...2)).map { _ in
      Item(
        amount: random.isTrue(0.06) ? nil : random.whole(500...60_000),
        currency: random.isTrue(0.08) ? random.pick(["eur", "jpy", "kwd"]) : "usd",
        interval: random.pick(["month", "month", "year", "week", "day"]), count: random.pick([1, 1, 1, 3, 2]),
        quantity: random.whole(1...5), isMetered: random.isTrue(0.05))
    }
    return Subscription(
      status: random.pick(["active", "active", "active", "past_due", "canceled", "trialing"]), items: items)
  }

  var attributes: [String: Any] {
    guard shape != .none else { return [:] }
    var all: [String: Any] = [
      "stripe_id": customerID, "stripe_subscription_status": status, "stripe_delinquent": isDelinquent,
      "stripe_plan": "Sample Plan", "stripe_plan_price": planPrice, "stripe_plan_interval": "month",
      "stripe_last_charge_amount": planPrice, "stripe_last_charge_at": lastChargeAt, "stripe_account_balance": 0,
    ]
    let listed = subscriptions.map { subscription -> [String: Any] in
      ["status": subscription.status, "items": ["data": subscription.items.map(item)]]
    }
    let paid = payments.map { payment -> [String: Any] in
      [
        "status": payment.status, "amount": payment.amount, "amount_captured": payment.amount,
        "amount_refunded": payment.refunded, "currency": payment.currency,
      ]
    }
    switch shape {
    case .none, .flat: break
    case .empty: all["Stripe Subscriptions"] = [Any]()
    case .list:
      all["Stripe Subscriptions"] = listed
      all["Stripe Payments"] = paid
    case .underscored:
      all["stripe_subscriptions"] = listed
      all["stripe_payments"] = paid
    case .instances:
      all["Stripe Subscriptions"] = Self.instances("Subscription", listed)
      all["Stripe Payments"] = Self.instances("Payment", paid)
    }
    return all
  }

  private static func instances(_ name: String, _ objects: [[String: Any]]) -> [String: Any] {
    [
      "type": "\(name).list",
      "instances": objects.enumerated().map { number, object -> [String: Any] in
        ["id": "\(number)", "external_id": "x\(number)", "type": name, "custom_attributes": object]
      },
    ]
  }

  private func item(_ item: Item) -> [String: Any] {
    let plan: [String: Any] = [
      "amount": item.amount.map { $0 as Any } ?? NSNull(), "currency": item.currency, "interval": item.interval,
      "interval_count": item.count, "usage_type": item.isMetered ? "metered" : "licensed",
    ]
    return ["plan": plan, "quantity": item.quantity]
  }
}
