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

  /// As Intercom documents it. Written by hand: a large workspace has thousands of pages, and no text of the sandbox needs
  /// an escape.
  var json: String {
    func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
    func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "null" }
    return
      #"{"type":"contact","id":"\#(id)","workspace_id":"sandbox1","external_id":"ext-\#(id.suffix(6))","role":"user","#
      + #""email":\#(text(email)),"phone":null,"name":\#(text(name)),"avatar":null,"owner_id":null,"#
      + #""has_hard_bounced":false,"marked_email_as_spam":false,"unsubscribed_from_emails":false,"#
      + #""created_at":\#(createdAt),"updated_at":\#(updatedAt),"signed_up_at":\#(number(signedUpAt)),"#
      + #""last_seen_at":\#(number(lastSeenAt)),"last_replied_at":null,"browser":"chrome","os":"Windows 10","#
      + #""location":{"type":"location","country":\#(text(country)),"region":null,"city":\#(text(city))},"#
      + #""custom_attributes":{\#(stripe.json)"favourite_room":"sample"},"#
      + #""tags":{"type":"list","data":[],"url":"/contacts/\#(id)/tags","total_count":0,"has_more":false},"#
      + #""companies":{"type":"list","data":[],"url":"/contacts/\#(id)/companies","total_count":0,"has_more":false}}"#
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

  /// The members of `custom_attributes`, each with a comma behind it.
  var json: String {
    guard shape != .none else { return "" }
    let flat =
      #""stripe_id":"\#(customerID)","stripe_subscription_status":"\#(status)","stripe_delinquent":\#(isDelinquent),"#
      + #""stripe_plan":"Sample Plan","stripe_plan_price":\#(planPrice),"stripe_plan_interval":"month","#
      + #""stripe_last_charge_amount":\#(planPrice),"stripe_last_charge_at":\#(lastChargeAt),"stripe_account_balance":0,"#
    let listed = subscriptions.map { subscription in
      #"{"status":"\#(subscription.status)","items":{"data":[\#(subscription.items.map(Self.json).joined(separator: ","))]}}"#
    }
    let paid = payments.map { payment in
      #"{"status":"\#(payment.status)","amount":\#(payment.amount),"amount_captured":\#(payment.amount),"#
        + #""amount_refunded":\#(payment.refunded),"currency":"\#(payment.currency)"}"#
    }
    func list(_ objects: [String]) -> String { "[" + objects.joined(separator: ",") + "]" }
    switch shape {
    case .none, .flat: return flat
    case .empty: return flat + #""Stripe Subscriptions":[],"#
    case .list: return flat + #""Stripe Subscriptions":\#(list(listed)),"Stripe Payments":\#(list(paid)),"#
    case .underscored: return flat + #""stripe_subscriptions":\#(list(listed)),"stripe_payments":\#(list(paid)),"#
    case .instances:
      return flat + #""Stripe Subscriptions":\#(Self.instances("Subscription", listed)),"#
        + #""Stripe Payments":\#(Self.instances("Payment", paid)),"#
    }
  }

  private static func instances(_ name: String, _ objects: [String]) -> String {
    let list = objects.enumerated().map { number, object in
      #"{"id":"\#(number)","external_id":"x\#(number)","type":"\#(name)","custom_attributes":\#(object)}"#
    }
    return #"{"type":"\#(name).list","instances":[\#(list.joined(separator: ","))]}"#
  }

  private static func json(_ item: Item) -> String {
    #"{"plan":{"amount":\#(item.amount.map { "\($0)" } ?? "null"),"currency":"\#(item.currency)","#
      + #""interval":"\#(item.interval)","interval_count":\#(item.count),"#
      + #""usage_type":"\#(item.isMetered ? "metered" : "licensed")"},"quantity":\#(item.quantity)}"#
  }
}
