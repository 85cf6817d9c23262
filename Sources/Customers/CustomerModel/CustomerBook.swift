import Time

/// Turns contacts and conversations into customers. Pure: the same facts at the same instant give the same rows, whether a
/// run read everything or only what had changed.
public struct CustomerBook: Sendable {
  private let rules: CustomerRules
  private let now: Timestamp
  private var rows: [Customer] = []
  private var rowByContact: [String: Int32] = [:]

  /// - Parameter now: When the run began; recent conversations, mentions and visits are counted back from it.
  public init(rules: CustomerRules, now: Timestamp) {
    self.rules = rules
    self.now = now
  }

  /// The earliest instant, in seconds since 1970, of a recent conversation or mention.
  public var recentStart: Int64 { Self.recentStart(rules, now: now) }

  public static func recentStart(_ rules: CustomerRules, now: Timestamp) -> Int64 {
    now.seconds - Int64(rules.recentDays) * 86_400
  }

  /// Adds the customer that contacts with one address make. The most recently updated contact counts, on a tie the larger
  /// id; where it has no Stripe data at all, the most recently updated one that does gives the revenue.
  ///
  /// - Parameter contacts: At least one, all with the same address.
  public mutating func add(_ contacts: [ContactFacts]) {
    let ordered = contacts.sorted { $0.precedes($1) }
    guard let first = ordered.first else { return }
    var customer = first.customer
    if !first.hasStripe, let paying = ordered.first(where: \.hasStripe) {
      for field in CustomerField.ofStripe { customer[field] = paying.customer[field] }
    }
    add(customer, contactIDs: contacts.map(\.id))
  }

  /// Adds a stored row, of which nothing that comes from its contacts has changed.
  ///
  /// - Parameter contactIDs: Everyone with its address.
  public mutating func add(_ stored: Customer, contactIDs: [String]) {
    for id in contactIDs { rowByContact[id] = Int32(rows.count) }
    rows.append(stored)
  }

  /// Whether a customer has this contact.
  public func has(_ contactID: String) -> Bool { rowByContact[contactID] != nil }

  /// The addresses of the customers that have these contacts.
  public func addresses(of contactIDs: some Sequence<String>) -> Set<String> {
    Set(contactIDs.compactMap { rowByContact[$0] }.map { rows[Int($0)].email })
  }

  /// Every customer, with the figures of its conversations and all that follows from them. Writes no ``CustomerField/lastSync``.
  public func customers(_ conversations: some Sequence<ConversationFacts>) -> [Customer] {
    var figures = Array(repeating: ConversationFigures(), count: rows.count)
    let start = recentStart
    for conversation in conversations {
      var counted: Set<Int32> = []
      for id in conversation.contactIDs {
        // A conversation of two contacts with one address counts once.
        if let row = rowByContact[id], counted.insert(row).inserted {
          figures[Int(row)].add(conversation, since: start)
        }
      }
      // Messages are read only where a customer takes part.
      for mention in counted.isEmpty ? [] : conversation.mentions {
        if let row = rowByContact[mention.contactID] { figures[Int(row)].add(mention, since: start) }
      }
    }
    return zip(rows, figures).map { customer, figures in
      var customer = customer
      customer[.deletedAt] = nil
      set(figures, of: &customer)
      return customer
    }
  }

  private func set(_ figures: ConversationFigures, of customer: inout Customer) {
    customer.set(.conversationsTotal, figures.total)
    customer.set(.conversationsRecent, figures.recent)
    customer.set(.openTickets, figures.open)
    customer.set(.csatScore, figures.csat)
    customer.set(.mentionedCancel, figures.mentionedAt != nil ? true : figures.isUnclear ? nil : false)
    // A message that could not be read may be the latest one.
    let mentionedAt = figures.isUnclear ? nil : figures.mentionedAt.flatMap { Timestamp(seconds: $0) }
    customer.set(.cancelMentionedAt, mentionedAt.map { "\($0)" })
    customer[.daysSinceSeen] = customer.secondsSinceSeen(now).map { .number("\(Self.days($0))") }
    customer.set(.qualityScore, customer.quality(rules.quality, now: now))
  }

  /// Whole days of 24 hours, rounded down.
  static func days(_ seconds: Int64) -> Int64 {
    let (quotient, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    return rest < 0 ? quotient - 1 : quotient
  }
}

extension CustomerField {
  /// All of them come from one contact.
  static let ofStripe: Set<CustomerField> = [
    .stripeCustomerID, .mrr, .arr, .ltv, .pastDueMRR, .mrrByCurrency, .revenueBasis, .revenueWarnings, .planName,
    .planPrice, .subscriptionStatus, .subscriptionCount, .isDelinquent, .lastPaymentAmount, .lastPaymentDate,
  ]
}

extension Customer {
  /// Negative where the clocks differ; nil where nobody knows.
  public func secondsSinceSeen(_ now: Timestamp) -> Int64? {
    text(.lastSeenAt).flatMap { Timestamp(iso8601: $0) }.map { now.seconds - $0.seconds }
  }

  /// The quality score, 0 to 100, from the other fields.
  func quality(_ points: CustomerRules.Quality, now: Timestamp) -> Int {
    var score = 0
    func add(_ value: Int, if isTrue: Bool) { if isTrue { score += value } }
    add(points.stripeID, if: self[.stripeCustomerID] != nil)
    add(points.activeSubscription, if: number(.subscriptionCount)?.isPositive ?? false)
    add(points.lifetimeValue, if: number(.ltv)?.isPositive ?? false)
    add(
      points.recentlySeen,
      if: secondsSinceSeen(now).map { $0 <= Int64(points.recentlySeenDays) * 86_400 } ?? false)
    add(points.location, if: self[.country] != nil || self[.city] != nil)
    add(points.conversation, if: number(.conversationsTotal)?.isPositive ?? false)
    add(points.csat, if: self[.csatScore] != nil)
    return score
  }
}
