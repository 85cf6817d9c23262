import Connectors
import CustomerModel
import Formats
import HTTPClient
import Intercom
import Time

/// Contacts as a run found them: all of them, or those that changed.
struct ContactReading: Sendable {
  /// By Intercom's id. Nil for a contact that is left out.
  private(set) var contacts: [String: ContactFacts?] = [:]
  private(set) var skipped: [ContactFacts.Skip: Int] = [:]
  private(set) var invalidTimestamps = 0
  private(set) var received = Received()

  /// `updated_at` of every contact that came, in seconds since 1970.
  private var found: [String: Int64] = [:]
  private var reasons: [String: ContactFacts.Skip] = [:]
  private let rules: CustomerRules
  private let now: Timestamp

  init(rules: CustomerRules, now: Timestamp) {
    self.rules = rules
    self.now = now
  }

  /// Whether the run's time was over before all pages were read.
  private(set) var isCutOff = false

  /// Whether every contact that Intercom announced has come.
  var isComplete: Bool { received.lost == 0 && !isCutOff }

  /// Contacts that are not left out.
  var facts: some Sequence<ContactFacts> { contacts.values.lazy.compactMap(\.self) }

  // MARK: Reading

  /// All contacts.
  static func all(_ client: IntercomClient, rules: CustomerRules, now: Timestamp) async throws -> ContactReading {
    try await reading(rules, now, since: nil) { try await client.contacts(cursor: $0) }
  }

  /// Contacts that changed.
  ///
  /// - Parameters:
  ///   - start: In seconds since 1970; older ones are left out.
  ///   - slack: How much earlier the search begins, where Intercom cuts times to days.
  static func changed(
    since start: Int64, slack: Duration, _ client: IntercomClient, rules: CustomerRules, now: Timestamp
  ) async throws -> ContactReading {
    let query = SearchQuery.greater("updated_at", start - slack.components.seconds - 1)
    return try await reading(rules, now, since: start) { try await client.searchContacts(query, cursor: $0) }
  }

  /// Reads all pages, and all of them again where contacts moved away under the cursor. What several readings found is one
  /// result, so that a contact is lost only where every reading missed it.
  private static func reading(
    _ rules: CustomerRules, _ now: Timestamp, since start: Int64?, _ readPage: (String?) async throws -> ContactPage
  ) async throws -> ContactReading {
    var reading = ContactReading(rules: rules, now: now)
    var strange = 0
    _ = try await repeating(atMost: 3, until: { $0 }) { _ in
      var pager = Pager(.intercom)
      var cursor: String?
      var announced = 0
      var came: Set<String> = []
      strange = 0
      while true {
        let page: ContactPage
        do {
          page = try await readPage(cursor)
        } catch let error where error.isOutOfTime && !Task.isCancelled {
          reading.isCutOff = true
          return true
        }
        reading.received.pages += 1
        announced = max(announced, page.totalCount ?? 0)
        for contact in page.contacts {
          guard let id = ContactFacts.id(of: contact) else {
            strange += 1
            continue
          }
          came.insert(id)
          reading.keep(contact, id: id, since: start)
        }
        guard let next = page.next else { break }
        try pager.follow(next, rows: came.count + strange)
        cursor = next
      }
      let total = reading.found.count + strange
      var received = Received()
      received.pages = reading.received.pages
      if total < announced { try received.announce(announced, came: total, by: .intercom) }
      reading.received = received
      return total >= announced
    }
    reading.count(strange)
    return reading
  }

  /// Keeps what a contact says. One that moved while pages were read comes twice; its newer version counts.
  private mutating func keep(_ contact: JSONValue, id: String, since start: Int64?) {
    let updatedAt = ContactFacts.updatedAt(of: contact)
    if let known = found[id], known > updatedAt ?? .min { return }
    found[id] = updatedAt ?? .min
    // An older one was found only because the search is wider than asked for.
    if let start, let updatedAt, updatedAt < start { return }
    let result = ContactFacts.reading(contact, rules, now: now)
    contacts[id] = .some(try? result.get())
    if case .failure(let skip) = result { reasons[id] = skip.reason } else { reasons[id] = nil }
  }

  /// - Parameter strange: Entries that are no contacts.
  private mutating func count(_ strange: Int) {
    skip(.malformed, count: strange)
    for reason in reasons.values { skip(reason) }
    for contact in facts { invalidTimestamps += contact.invalidTimestamps }
    received.used = contacts.count - reasons.count
    received.skip("outside the bounds", count: found.count - contacts.count)
    found = [:]
    reasons = [:]
  }

  private mutating func skip(_ reason: ContactFacts.Skip, count: Int = 1) {
    guard count > 0 else { return }
    skipped[reason, default: 0] += count
    received.skip(reason.rawValue, count: count)
  }

  /// How many flat prices look like cents, though they should be major units: all of them are whole numbers of at least 100.
  /// Nil where nothing looks so, and for fewer than 20.
  func centsSuspects(_ rules: CustomerRules) -> Int? {
    let prices = facts.compactMap(\.flatPrice)
    guard rules.attributeUnit == .major, prices.count >= 20,
      prices.allSatisfy({ $0 >= Rational(100) && $0.rounded(decimals: 0) == $0 })
    else { return nil }
    return prices.count
  }
}
