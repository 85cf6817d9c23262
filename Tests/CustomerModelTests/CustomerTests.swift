import CustomerModel
import Formats
import Testing
import Time

/// 2026-11-26T12:00:00Z.
private let now = Timestamp(milliseconds: 1_795_694_400_000)

func rules(_ change: (inout CustomerRules) -> Void = { _ in }) throws -> CustomerRules {
  var rules = CustomerRules(
    baseCurrency: try #require(Currency("usd")), mrrStatuses: ["active"], attributeUnit: .major,
    quality: .init(
      stripeID: 20, activeSubscription: 20, lifetimeValue: 15, recentlySeen: 15, recentlySeenDays: 7, location: 10,
      conversation: 10, csat: 10),
    recentDays: 30, cancelPhrases: ["cancel", "not renewing", "won't renew"], highValueMRR: 500, mrrChangePercent: 50)
  change(&rules)
  return rules
}

/// The customer that contacts make, through the same door as a run.
private func make(
  _ contacts: [String], rules: CustomerRules, conversations: [ConversationFacts] = []
) throws -> Customer {
  let facts = try contacts.map { try ContactFacts.reading(JSONValue(json: Array($0.utf8)), rules, now: now).get() }
  var book = CustomerBook(rules: rules, now: now)
  book.add(facts)
  return try #require(book.customers(conversations).first)
}

private func contact(_ attributes: String, id: String = "c1", updated: Int = 10, more: String = "") -> String {
  #"{"id":"\#(id)","email":"a@x.example","updated_at":\#(updated),"custom_attributes":{\#(attributes)}\#(more)}"#
}

/// A plan as Stripe writes it, in a subscription of its own.
private func subscription(
  _ plan: String, status: String = "active", quantity: String = "1", name: String = "plan"
) -> String {
  #"{"status":"\#(status)","items":{"data":[{"quantity":\#(quantity),"\#(name)":{\#(plan)}}]}}"#
}

/// One row of expectations: what the attributes are, and what the fields must be; nil for absent.
struct RevenueCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let attributes: String
  let expected: [CustomerField: String?]

  init(_ description: String, _ attributes: String, _ expected: [CustomerField: String?]) {
    testDescription = description
    self.attributes = attributes
    self.expected = expected
  }

  private static func list(_ subscriptions: String..., payments: String? = nil) -> String {
    #""stripe_id":"cus_1","Stripe Subscriptions":[\#(subscriptions.joined(separator: ","))]"#
      + (payments.map { #","Stripe Payments":[\#($0)]"# } ?? "")
  }

  private static let month = #""amount":1000,"currency":"usd","interval":"month""#

  static let all: [RevenueCase] = [
    RevenueCase(
      "no Stripe data", #""plan":"x","favourite":3"#,
      [.revenueBasis: "none", .mrr: nil, .arr: nil, .ltv: nil, .subscriptionCount: nil, .stripeCustomerID: nil]),
    RevenueCase(
      "blank Stripe data is none", #""stripe_id":" ","stripe_plan":null,"Stripe Subscriptions":[]"#,
      [.revenueBasis: "none", .mrr: nil]),
    RevenueCase(
      "a monthly subscription", list(subscription(month)),
      [
        .mrr: "10", .arr: "120", .subscriptionCount: "1", .revenueBasis: "subscriptions", .pastDueMRR: "0", .ltv: nil,
        .revenueWarnings: nil, .mrrByCurrency: nil,
      ]),
    RevenueCase(
      "several add up", list(subscription(month), subscription(#""amount":2550,"currency":"USD","interval":"month""#)),
      [.mrr: "35.5", .subscriptionCount: "2"]),
    RevenueCase(
      "a yearly one counts a twelfth", list(subscription(#""amount":120000,"interval":"year""#)),
      [.mrr: "100", .arr: "1200"]),
    RevenueCase(
      "arr from the unrounded mrr", list(subscription(#""amount":10000,"interval":"year""#)),
      [.mrr: "8.33", .arr: "100"]),
    RevenueCase(
      "weeks and days",
      list(subscription(#""amount":300,"interval":"week""#), subscription(#""amount":120,"interval":"day""#)),
      [.mrr: "49.5"]),
    RevenueCase(
      "a quarter is three months", list(subscription(#""amount":3000,"interval":"month","interval_count":3"#)),
      [.mrr: "10"]),
    RevenueCase("quantity", list(subscription(month, quantity: "7")), [.mrr: "70"]),
    RevenueCase(
      "a price with recurring",
      list(
        subscription(
          #""unit_amount":4500,"currency":"usd","recurring":{"interval":"month","interval_count":3}"#, name: "price")),
      [.mrr: "15"]),
    RevenueCase(
      "fractions of a cent",
      list(subscription(#""amount":null,"amount_decimal":"0.5","interval":"month""#, quantity: "3")), [.mrr: "0.02"]),
    RevenueCase("half to even", list(subscription(#""amount_decimal":"12.5","interval":"month""#)), [.mrr: "0.12"]),
    RevenueCase(
      "a subscription that is its own item",
      #""stripe_id":"c","stripe_subscriptions":[{"status":"active","plan":{\#(month)},"quantity":2}]"#, [.mrr: "20"]),
    RevenueCase(
      "instances",
      #""Stripe Subscriptions":{"type":"Subscription.list","instances":[{"id":"1","custom_attributes":\#(subscription(month))}]}"#,
      [.mrr: "10", .revenueBasis: "subscriptions"]),
    RevenueCase("other spelling", #""STRIPE_Subscriptions":[\#(subscription(month))]"#, [.mrr: "10"]),
    RevenueCase("status in any case", list(subscription(month, status: "Active")), [.mrr: "10"]),
    RevenueCase(
      "other statuses don't count",
      list(
        subscription(month, status: "trialing"), subscription(month, status: "canceled"),
        subscription(month, status: "unpaid")), [.mrr: "0", .arr: "0", .subscriptionCount: "0", .revenueWarnings: nil]),
    RevenueCase(
      "past due is apart", list(subscription(month, status: "past_due")),
      [.mrr: "0", .pastDueMRR: "10", .subscriptionCount: "0"]),
    RevenueCase(
      "an unknown status", list(subscription(month, status: "frozen")), [.mrr: "0", .revenueWarnings: "unknown_status"]),
    RevenueCase(
      "tiered", list(subscription(month), subscription(#""amount":null,"interval":"month","billing_scheme":"tiered""#)),
      [.mrr: "10", .revenueWarnings: "tiered", .subscriptionCount: "2"]),
    RevenueCase(
      "metered", list(subscription(#""amount":500,"interval":"month","usage_type":"metered""#)),
      [.mrr: "0", .revenueWarnings: "metered"]),
    RevenueCase(
      "a negative amount", list(subscription(#""amount":-500,"interval":"month""#)),
      [.mrr: "0", .revenueWarnings: "negative_amount"]),
    RevenueCase(
      "an unknown interval",
      list(
        subscription(#""amount":500,"interval":"fortnight""#),
        subscription(#""amount":500,"interval":"month","interval_count":0"#)),
      [.mrr: "0", .revenueWarnings: "unknown_interval"]),
    RevenueCase(
      "warnings of what counts only", list(subscription(#""amount":null,"interval":"month""#, status: "canceled")),
      [.revenueWarnings: nil]),
    RevenueCase(
      "yen have no cents",
      list(subscription(month), subscription(#""amount":5000,"currency":"jpy","interval":"month""#)),
      [.mrr: "10", .mrrByCurrency: "JPY 5000; USD 10", .revenueWarnings: "foreign_currency"]),
    RevenueCase(
      "dinars have thousandths", list(subscription(#""amount":5124,"currency":"kwd","interval":"month""#)),
      [.mrr: "0", .mrrByCurrency: "KWD 5.124; USD 0"]),
    RevenueCase(
      "payments less refunds",
      list(
        payments:
          #"{"status":"succeeded","amount":5000,"amount_captured":4000,"amount_refunded":1000},{"status":"failed","amount":900},{"status":"succeeded","amount":50},{"status":"succeeded","amount":700,"currency":"eur"}"#
      ), [.ltv: "30.5", .mrr: "0", .revenueWarnings: "foreign_currency"]),
    RevenueCase("no payments yet", list(payments: ""), [.ltv: "0"]),
    RevenueCase(
      "refunds exceed payments", list(payments: #"{"status":"succeeded","amount":100,"amount_refunded":300}"#),
      [.ltv: nil, .revenueWarnings: "negative_amount"]),
    RevenueCase(
      "flat",
      #""stripe_id":"cus_1","stripe_plan":" Gold ","stripe_plan_price":1275.0,"stripe_subscription_status":"active""#,
      [
        .mrr: "1275", .arr: "15300", .revenueBasis: "flat", .subscriptionCount: "1", .planPrice: "1275",
        .planName: "Gold", .ltv: nil, .subscriptionStatus: "active",
      ]),
    RevenueCase(
      "flat and yearly",
      #""stripe_plan_price":1200,"stripe_plan_interval":"year","stripe_subscription_status":"active""#, [.mrr: "100"]),
    RevenueCase(
      "flat and past due", #""stripe_plan_price":99.5,"stripe_subscription_status":"past_due""#,
      [.mrr: "0", .pastDueMRR: "99.5", .subscriptionCount: "0"]),
    RevenueCase(
      "flat without a price", #""stripe_subscription_status":"active""#,
      [.mrr: nil, .arr: nil, .subscriptionCount: "1"]),
    RevenueCase(
      "flat without a status", #""stripe_plan_price":99"#,
      [.mrr: "0", .subscriptionCount: "0", .subscriptionStatus: nil]),
    RevenueCase(
      "flat with payments", #""stripe_plan_price":99,"stripe_payments":[{"status":"succeeded","amount":100}]"#,
      [.revenueBasis: "flat", .ltv: "1"]),
    RevenueCase(
      "an empty list is a list",
      #""stripe_id":"c","stripe_plan_price":99,"stripe_subscription_status":"active","Stripe Subscriptions":[]"#,
      [.mrr: "0", .revenueBasis: "subscriptions", .subscriptionCount: "0"]),
    RevenueCase(
      "the last charge",
      #""stripe_last_charge_amount":4518.62,"stripe_last_charge_at":1790000000,"stripe_delinquent":true"#,
      [.lastPaymentAmount: "4518.62", .lastPaymentDate: "2026-09-21T14:13:20Z", .isDelinquent: "true"]),
    RevenueCase(
      "not delinquent is known", #""stripe_delinquent":false"#, [.isDelinquent: "false", .revenueBasis: "flat"]),
    RevenueCase(
      "an unknown flat status is kept", #""stripe_subscription_status":"Frozen ""#,
      [.subscriptionStatus: "frozen", .revenueWarnings: "unknown_status"]),
  ]
}

@Suite struct RevenueTests {
  @Test(arguments: RevenueCase.all) func everyShape(_ row: RevenueCase) throws {
    let customer = try make([contact(row.attributes)], rules: rules())
    for (field, expected) in row.expected { #expect(customer[field]?.words == expected, "\(field.rawValue)") }
  }

  @Test func centsInFlatAttributes() throws {
    let flat = contact(
      #""stripe_plan_price":127550,"stripe_subscription_status":"active","stripe_last_charge_amount":5"#)
    let customer = try make([flat], rules: rules { $0.attributeUnit = .minor })
    #expect(customer[.mrr]?.words == "1275.5" && customer[.planPrice]?.words == "1275.5")
    #expect(customer[.lastPaymentAmount]?.words == "0.05")
  }

  @Test func pastDueMayCount() throws {
    let rules = try rules { $0.mrrStatuses = ["active", "past_due"] }
    let plan = subscription(#""amount":1000,"interval":"month""#, status: "past_due")
    let customer = try make([contact(#""Stripe Subscriptions":[\#(plan)]"#)], rules: rules)
    #expect(customer[.mrr]?.words == "10" && customer[.pastDueMRR]?.words == "10")
    #expect(customer[.subscriptionCount]?.words == "1")
  }

  /// A sum of binary fractions would be 0.30000000000000004.
  @Test func sumsAreExact() throws {
    let plans = (0..<3).map { _ in subscription(#""amount":10,"interval":"month""#) }.joined(separator: ",")
    let customer = try make([contact(#""Stripe Subscriptions":[\#(plans)]"#)], rules: rules())
    #expect(customer[.mrr]?.words == "0.3" && customer[.arr]?.words == "3.6")
  }
}

@Suite struct CustomerTests {
  @Test func aContactsOwnFields() throws {
    let text = #"""
      {"id":"c1","external_id":"u-7","email":" Ann@X.Example ","name":"  ","signed_up_at":null,"created_at":1790000000,
       "last_seen_at":1795003200,"updated_at":10,"location":{"country":"Ireland","city":""},
       "custom_attributes":{"stripe_id":"cus_1","stripe_subscription_status":"active","stripe_plan_price":9}}
      """#
    let talk = ConversationFacts(
      id: "1", contactIDs: ["c1"], createdAt: 1_795_600_000, updatedAt: 1_795_600_000, isOpen: true, rating: 4,
      readAt: 1_795_600_000)
    let customer = try make([text], rules: rules(), conversations: [talk])
    #expect(customer.email == "ann@x.example" && customer.text(.name) == "ann" && customer.text(.externalID) == "u-7")
    #expect(customer.text(.country) == "Ireland" && customer[.city] == nil)
    #expect(
      customer.text(.signupDate) == "2026-09-21T14:13:20Z" && customer.text(.lastSeenAt) == "2026-11-18T12:00:00Z")
    #expect(customer[.daysSinceSeen] == .number("8"))
    #expect(customer[.conversationsTotal] == .number("1") && customer[.openTickets] == .number("1"))
    #expect(customer[.csatScore] == .number("4") && customer[.mentionedCancel] == .flag(false))
    // 20 for the id, 20 active, 10 country, 10 conversation, 10 csat; not seen within 7 days, no payments.
    #expect(customer[.qualityScore] == .number("70"))
  }

  @Test func timesThatAreNoInstantAreLeftOut() throws {
    let text =
      #"{"id":"c","email":"a@x.example","signed_up_at":-5,"created_at":1790000000,"last_seen_at":4000000000,"custom_attributes":{"stripe_last_charge_at":"soon"}}"#
    let facts = try ContactFacts.reading(JSONValue(json: Array(text.utf8)), rules(), now: now).get()
    #expect(facts.invalidTimestamps == 3)
    let customer = try make([text], rules: rules())
    #expect(customer.text(.signupDate) == "2026-09-21T14:13:20Z")
    #expect(customer[.lastSeenAt] == nil && customer[.daysSinceSeen] == nil && customer[.lastPaymentDate] == nil)
  }

  @Test(arguments: [
    (#"{"id":"1"}"#, ContactFacts.Skip.missingEmail), (#"{"id":"1","email":" "}"#, .missingEmail),
    (#"{"id":"1","email":"nobody"}"#, .invalidEmail), (#"{"email":"a@x.example"}"#, .malformed), ("[]", .malformed),
    ("null", .malformed), ("7", .malformed),
  ])
  func contactsThatAreLeftOut(_ text: String, _ reason: ContactFacts.Skip) throws {
    let value = try JSONValue(json: Array(text.utf8))
    let result = ContactFacts.reading(value, try rules(), now: now)
    #expect(throws: SkippedContact.self) { try result.get() }
    if case .failure(let skip) = result { #expect(skip.reason == reason) }
  }

  @Test func theMostRecentContactWins() throws {
    let paying = contact(#""stripe_id":"cus_1","stripe_plan":"Gold""#, id: "c1", updated: 10)
    let newer = contact("", id: "c2", updated: 20, more: #","name":"Newer""#)
    let newest = contact("", id: "c3", updated: 20, more: #","name":"Newest""#)
    for order in [[paying, newer, newest], [newest, newer, paying]] {
      let customer = try make(order, rules: rules())
      #expect(customer.text(.contactID) == "c3" && customer.text(.name) == "Newest")
      // Nothing of the winner's comes from Stripe, so all of that comes from the one that has some.
      #expect(customer.text(.stripeCustomerID) == "cus_1" && customer.text(.planName) == "Gold")
    }
    let own = contact(#""stripe_delinquent":false"#, id: "c4", updated: 30)
    let customer = try make([paying, own], rules: rules())
    #expect(customer[.stripeCustomerID] == nil && customer[.isDelinquent] == .flag(false))
  }

  @Test func conversationsOfAllContactsCountOnce() throws {
    let start = CustomerBook.recentStart(try rules(), now: now)
    func talk(_ id: String, _ contacts: [String], at: Int64, rating: Int? = nil, read: Bool = true, by: String? = nil)
      -> ConversationFacts
    {
      ConversationFacts(
        id: id, contactIDs: contacts, createdAt: at, updatedAt: at, isOpen: false, rating: rating,
        readAt: read ? at : nil,
        mentions: by.map { [.init(contactID: $0, at: at)] } ?? [])
    }
    let contacts = [contact("", id: "c1"), contact("", id: "c2")]
    let customer = try make(
      contacts, rules: rules(),
      conversations: [
        talk("1", ["c1", "c2"], at: start, rating: 5), talk("2", ["c2"], at: start - 1, rating: 4),
        talk("3", ["c9"], at: start + 5), talk("4", ["c1", "c9"], at: start + 6, rating: 4, by: "c9"),
      ])
    #expect(customer[.conversationsTotal] == .number("3") && customer[.conversationsRecent] == .number("2"))
    #expect(customer[.csatScore] == .number("4.33"))
    // What another participant wrote is not this customer's.
    #expect(customer[.mentionedCancel] == .flag(false))
    let unread = try make(contacts, rules: rules(), conversations: [talk("1", ["c1"], at: start + 1, read: false)])
    #expect(unread[.mentionedCancel] == nil && unread[.cancelMentionedAt] == nil)
    let both = try make(
      contacts, rules: rules(),
      conversations: [
        talk("1", ["c1"], at: start, by: "c1"), talk("2", ["c2"], at: start + 60, by: "c2"),
        talk("3", ["c1"], at: start + 70, read: false),
      ])
    #expect(both[.mentionedCancel] == .flag(true) && both[.cancelMentionedAt] == nil)
    let twice = try make(
      contacts, rules: rules(),
      conversations: [talk("1", ["c1"], at: start, by: "c1"), talk("2", ["c2"], at: start + 60, by: "c2")])
    #expect(twice.text(.cancelMentionedAt) == Timestamp(seconds: start + 60).map { "\($0)" })
    // A mention that has grown too old is none.
    let old = try make(contacts, rules: rules(), conversations: [talk("1", ["c1"], at: start - 1, by: "c1")])
    #expect(old[.mentionedCancel] == .flag(false))
  }

  @Test(arguments: [
    (nil, "501", false, true, ["high_value"]), ("500", "501", false, false, ["high_value"]),
    ("501", "600", false, false, []), (nil, "500", true, false, ["delinquent"]), ("100", "150", false, false, []),
    ("100", "150.01", false, false, ["mrr_change"]), ("100", "49.99", true, false, ["delinquent", "mrr_change"]),
    ("0", "90", false, false, []),
  ])
  func alertsTellOfAChange(_ before: String?, _ after: String, _ delinquent: Bool, _ isNew: Bool, _ kinds: [String])
    throws
  {
    let rules = try rules()
    var old = Customer(email: "a@x.example")
    if let before { old[.mrr] = .number(before) }
    old[.isDelinquent] = .flag(false)
    var new = old
    new[.mrr] = .number(after)
    new[.isDelinquent] = .flag(delinquent)
    new.set(.contactID, "c1")
    let alerts = CustomerAlert.all(from: isNew ? nil : old, to: new, rules)
    #expect(alerts.map(\.kind.rawValue) == kinds && alerts.allSatisfy { $0.contactID == "c1" })
    // The same again is no news.
    #expect(CustomerAlert.all(from: new, to: new, rules).isEmpty)
  }

  @Test func filtersAndTotals() throws {
    func row(_ email: String, _ mrr: String?, status: String?, seen: Int64?) -> Customer {
      var row = Customer(email: email)
      if let mrr { row[.mrr] = .number(mrr) }
      row.set(.subscriptionStatus, status)
      row.set(.lastSeenAt, seen.flatMap { Timestamp(seconds: now.seconds - $0 * 86_400) }.map { "\($0)" })
      row[.qualityScore] = .number("55")
      return row
    }
    var gone = row("d@x.example", "900", status: "active", seen: 1)
    gone.set(.deletedAt, "2026-11-01T00:00:00Z")
    let rows = [
      row("a@x.example", "9.5", status: "active", seen: 40), row("b@x.example", "1000", status: "past_due", seen: 3),
      row("c@x.example", nil, status: nil, seen: nil), gone,
    ]
    func emails(_ change: (inout CustomerFilter) -> Void) -> [String] {
      var filter = CustomerFilter()
      change(&filter)
      return filter.apply(to: rows, now: now).map { String($0.email.prefix(1)) }
    }
    #expect(emails { _ in } == ["b", "a", "c"])
    #expect(emails { $0.includesDeleted = true } == ["b", "d", "a", "c"])
    #expect(emails { $0.status = "PAST_DUE" } == ["b"])
    #expect(emails { $0.mrrOver = Rational(9) } == ["b", "a"])
    #expect(emails { $0.unseenDays = 30 } == ["a"])
    #expect(emails { $0.sortField = .email } == ["a", "b", "c"])
    #expect(emails { $0.limit = 1 } == ["b"])
    #expect(rows[0].asOf(now.advanced(byDays: 2))[.daysSinceSeen] == .number("42"))
    let totals = CustomerTotals(rows.prefix(3), try rules().baseCurrency)
    #expect(totals.count == 3 && totals.mrr["USD"]?.decimalText == "1009.5" && totals.meanQuality == 55)
    #expect(totals.statuses == ["active": 1, "past_due": 1, "none": 1])
  }

  @Test func csvDefusesTextAndKeepsNumbers() throws {
    var row = Customer(email: "a@x.example")
    row.set(.name, "=HYPERLINK(1)")
    row[.daysSinceSeen] = .number("-1")
    row[.mrrByCurrency] = .numbers(["USD": "1", "EUR": "2"])
    let records = try CSV.records(CustomerCSV.headerLine + CustomerCSV.line(row))
    let cells = Dictionary(uniqueKeysWithValues: zip(records[0].fields, records[1].fields))
    #expect(cells["name"] == "'=HYPERLINK(1)" && cells["days_since_seen"] == "-1" && cells["mrr"] == "")
    #expect(cells["mrr_by_currency"] == "EUR 2; USD 1" && records[0].fields.count == CustomerField.allCases.count)
  }
}
