import CustomerModel
import Formats
import Intercom
import Testing
import Time

/// Whatever a workspace holds ends in a row or a reason, never in a crash, and no row holds what is no number.
@Suite struct CustomerFuzzTests {
  private static let page = Array(
    #"{"type":"list","total_count":2,"pages":{"type":"pages","next":{"page":2,"starting_after":"c1"}},"data":[{"id":"66c1","external_id":7,"workspace_id":"w","email":" Ann@X.example ","name":"Ann","location":{"country":"Ireland","city":null},"created_at":1790000000,"signed_up_at":1790000001,"updated_at":1790000002,"last_seen_at":1790000003,"custom_attributes":{"stripe_id":"cus_1","stripe_plan_price":1275.5,"stripe_subscription_status":"active","stripe_delinquent":true,"stripe_last_charge_at":1790000000,"Stripe Subscriptions":[{"status":"active","items":{"data":[{"quantity":3,"plan":{"amount":1200,"currency":"usd","interval":"month","interval_count":3}},{"price":{"unit_amount":null,"amount_decimal":"12.5","recurring":{"interval":"year"}}}]}}],"Stripe Payments":{"type":"P.list","instances":[{"id":"1","custom_attributes":{"status":"succeeded","amount":5000,"amount_refunded":100,"currency":"jpy"}}]}}},{"id":"66c2","email":"\"a b\"@x.example"}]}"#
      .utf8)

  private static let thread = Array(
    #"{"type":"conversation","id":"3","created_at":1790000000,"updated_at":1790000100,"source":{"body":"<p>Please <b>can</b>cel &amp; <a href='x'>go</a></p>","author":{"type":"user","id":"66c1"}},"conversation_parts":{"conversation_parts":[{"part_type":"comment","body":"<p>We won&rsquo;t renew</p>","created_at":1790000050,"author":{"type":"lead","id":9}}],"total_count":1}}"#
      .utf8)

  private static let rules: CustomerRules? = Currency("usd").map { currency in
    CustomerRules(
      baseCurrency: currency, mrrStatuses: ["active"], attributeUnit: .major,
      quality: .init(
        stripeID: 20, activeSubscription: 20, lifetimeValue: 15, recentlySeen: 15, recentlySeenDays: 7, location: 10,
        conversation: 10, csat: 10),
      recentDays: 30, cancelPhrases: ["cancel", "won't renew"], highValueMRR: 500, mrrChangePercent: 50)
  }

  @Test func everyPageEndsInRowsOrReasons() throws {
    let rules = try #require(Self.rules)
    let now = Timestamp(milliseconds: 1_790_500_000_000)
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("contacts", round: round)
      guard let page = try? ContactPage(json: round == 0 ? Self.page : fuzz.mutated(Self.page)) else { continue }
      var book = CustomerBook(rules: rules, now: now)
      for contact in page.contacts {
        if case .success(let facts) = ContactFacts.reading(contact, rules, now: now) { book.add([facts]) }
      }
      for customer in book.customers([]) {
        for field in CustomerField.allCases {
          if case .number(let digits) = customer[field] { #expect(Rational(decimal: digits)?.decimalText == digits) }
          if case .text(let text) = customer[field] { #expect(!text.isEmpty) }
        }
        _ = CustomerCSV.line(customer)
        _ = CustomerAlert.all(from: nil, to: customer, rules)
      }
      if round == 0 { #expect(book.customers([]).first?[.mrr]?.words == "12.01") }
    }
  }

  @Test func everyThreadIsReadOrRefused() {
    let lexicon = CancelLexicon(["cancel", "won't renew"])
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("threads", round: round)
      guard let thread = try? ConversationThread(json: round == 0 ? Self.thread : fuzz.mutated(Self.thread)) else {
        continue
      }
      let mentions = thread.messages.map { lexicon.isMentioned(in: $0.body) }
      if round == 0 { #expect(mentions == [true, true]) }
    }
  }

  @Test func addressesAreStable() {
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("addresses", round: round)
      let text = fuzz.pick(["", " ", "\""]) + fuzz.text() + "@" + fuzz.text() + "." + fuzz.text()
      guard let address = EmailAddress(text) else { continue }
      // The key of a key is the key.
      #expect(EmailAddress(address.text)?.text == address.text)
      #expect(address.text.utf8.count <= 254)
    }
  }
}
