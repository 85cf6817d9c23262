import Foundation
import Time

/// The invented business that the cards are about: bank accounts, campaigns, a sales team, bills, tickets and inventory. The
/// same day gives the same world.
public struct CardWorld: Sendable {
  public struct Account: Sendable {
    public var id: String
    public var name: String
    public var currency: String
    public var balance: String
    public var date: Timestamp
  }

  public struct Campaign: Sendable {
    public var id: Int
    public var status: String
    public var notStarted: Int
    public var inProgress: Int
    /// First e-mails by day since 1970, in UTC.
    public var firstEmails: [Int: Int]
    public var mailboxes: [Mailbox]
  }

  public struct Mailbox: Sendable {
    public var id: Int
    public var messagesPerDay: Int
    public var isWorking: Bool
    public var isSuspended: Bool
  }

  /// An object of HubSpot.
  public struct CRMObject: Sendable {
    public var id: Int
    public var properties: [String: String]
    /// Contacts of a meeting.
    public var contacts: [Int] = []
  }

  public struct Vendor: Sendable {
    public var id: String
    public var name: String
    public var isArchived: Bool
    public var networkStatus: String
    public var bankAccountStatus: String
    public var hasCard: Bool
    public var country: String
    public var isTracked: Bool
    public var taxID: String?
  }

  public struct Bill: Sendable {
    public var id: String
    public var vendorID: String
    public var amount: String
    public var dueDate: CalendarDate
    public var paymentStatus: String
    public var approvalStatus: String
    public var isArchived: Bool
  }

  public struct Ticket: Sendable {
    public var id: Int
    public var createdAt: Timestamp
    /// Minutes until the first reply; nil where nobody replied.
    public var replyMinutes: Int?
    public var status: String
    public var updatedAt: Timestamp
  }

  /// What a table's cell holds; dates are text.
  public enum Cell: Sendable, Equatable {
    case text(String)
    case number(Int)
  }

  public typealias Table = [[String: Cell]]

  public var accounts: [Account] = []
  public var campaigns: [Campaign] = []
  /// By type: `meetings`, `calls`, `emails`, `notes`, `tasks`, `contacts`.
  public var crm: [String: [CRMObject]] = [:]
  public var vendors: [Vendor] = []
  public var bills: [Bill] = []
  public var tickets: [Ticket] = []
  /// By name.
  public var tables: [String: Table] = [:]
  /// `ad_spend/*.csv` by name.
  public var adSpend: [String: String] = [:]
  /// `approved_offers.csv`.
  public var approvedOffers = "vendor\n"

  /// An empty business, for tests that put in their own.
  public init() {}

  /// - Parameter now: The world has happened around this instant: four months before it, and some days after.
  public init(now: Timestamp) {
    let today = now.date
    makeAccounts(today)
    makeCampaigns(today)
    makeCRM(today)
    makePayables(today)
    makeTickets(today)
    makeInventory(today)
    makeSpend(today)
  }

  /// Writes the files that people would put beside the configuration.
  public func writeFiles(to folder: String) throws {
    let spend = "\(folder)/ad_spend"
    try FileManager.default.createDirectory(atPath: spend, withIntermediateDirectories: true)
    for (name, text) in adSpend { try Data(text.utf8).write(to: URL(filePath: "\(spend)/\(name)")) }
    try Data(approvedOffers.utf8).write(to: URL(filePath: "\(folder)/approved_offers.csv"))
  }

  private mutating func makeAccounts(_ today: CalendarDate) {
    let morning = today.start.advanced(bySeconds: 4 * 3600)
    accounts = [
      Account(id: "ACT-1", name: "Operating 00012301", currency: "USD", balance: "412340.55", date: morning),
      Account(id: "ACT-2", name: "Reserve 00012302", currency: "USD", balance: "151000.00", date: morning),
      Account(
        id: "ACT-3", name: "Company Card", currency: "USD", balance: "-8211.07",
        date: morning.advanced(bySeconds: -3600)),
      Account(id: "ACT-4", name: "Euro Account 987654", currency: "EUR", balance: "20450.10", date: morning),
    ]
  }

  private mutating func makeCampaigns(_ today: CalendarDate) {
    let statuses = ["ACTIVE", "ACTIVE", "DRAFTED", "PAUSED", "COMPLETED"]
    for (index, status) in statuses.enumerated() {
      var random = SandboxRandom("campaign", "\(index)")
      var campaign = Campaign(
        id: 4101 + index, status: status, notStarted: status == "COMPLETED" ? 0 : random.whole(200...900),
        inProgress: status == "ACTIVE" ? random.whole(300...700) : 0, firstEmails: [:], mailboxes: [])
      for back in -5...100 where status != "DRAFTED" {
        let day = today.day - back
        // Nobody is written to on a Sunday. 1970-01-01 was a Thursday.
        guard (day + 4) % 7 != 0 else { continue }
        guard status == "ACTIVE" || back > (status == "PAUSED" ? 20 : 70) else { continue }
        var daily = SandboxRandom("first e-mails", "\(index)", "\(day)")
        campaign.firstEmails[day] = daily.whole(8...24)
      }
      if status == "ACTIVE" {
        campaign.mailboxes = (0..<4).map { box in
          // One mailbox serves both campaigns.
          Mailbox(
            id: box == 0 ? 900 : 901 + index * 4 + box, messagesPerDay: 40 + box * 5, isWorking: box != 2,
            isSuspended: box == 3 && index == 1)
        }
      }
      campaigns.append(campaign)
    }
  }

  private mutating func makeCRM(_ today: CalendarDate) {
    var next = 50_000
    func object(_ properties: [String: String], contacts: [Int] = []) -> CRMObject {
      next += 1
      return CRMObject(id: next, properties: properties, contacts: contacts)
    }
    func text(_ day: Int, _ minutes: Int) -> String {
      "\(CalendarDate(day: day).start.advanced(bySeconds: Int64(minutes) * 60))"
    }
    let outcomes = ["COMPLETED", "COMPLETED", "COMPLETED", "NO_SHOW", "CANCELED", "SCHEDULED", "RESCHEDULED", ""]
    for back in -5...75 {
      let day = today.day - back
      var random = SandboxRandom("crm", "\(day)")
      for _ in 0..<random.whole(1...5) {
        let outcome = random.pick(outcomes)
        var properties = ["hs_meeting_start_time": text(day, random.whole(480...1080))]
        if !outcome.isEmpty { properties["hs_meeting_outcome"] = outcome }
        crm["meetings", default: []].append(
          object(properties, contacts: (0..<random.whole(0...3)).map { _ in 70_000 + random.whole(0...40) }))
      }
      for _ in 0..<random.whole(3...12) {
        crm["calls", default: []].append(object(["hs_timestamp": text(day, random.whole(0...1439))]))
      }
      for _ in 0..<random.whole(0...4) {
        crm["notes", default: []].append(object(["hs_timestamp": text(day, random.whole(0...1439))]))
      }
      for _ in 0..<random.whole(0...5) {
        let isDone = random.isTrue(0.7)
        var properties = [
          "hs_timestamp": text(day + 2, 0), "hs_task_status": isDone ? "COMPLETED" : "NOT_STARTED",
        ]
        if isDone { properties["hs_task_completion_date"] = text(day, random.whole(0...1439)) }
        crm["tasks", default: []].append(object(properties))
      }
      for _ in 0..<random.whole(1...4) {
        crm["contacts", default: []].append(
          object(["hs_v2_date_entered_marketingqualifiedlead": text(day, random.whole(0...1439))]))
      }
      makeEmails(day, &random, object, text)
    }
  }

  private mutating func makeEmails(
    _ day: Int, _ random: inout SandboxRandom, _ object: ([String: String], [Int]) -> CRMObject,
    _ text: (Int, Int) -> String
  ) {
    for index in 0..<random.whole(6...20) {
      let thread = "T\(day)-\(index)"
      let start = random.whole(400...900)
      func email(_ minutes: Int, _ more: [String: String]) {
        crm["emails", default: []].append(
          object(
            more.merging(["hs_timestamp": text(day, minutes), "hs_email_thread_id": thread]) { first, _ in first }, []))
      }
      let status = random.isTrue(0.06) ? "BOUNCED" : random.isTrue(0.05) ? "FAILED" : "SENT"
      var outgoing = ["hs_email_direction": "EMAIL", "hs_email_status": status]
      if random.isTrue(0.6) {
        outgoing["hs_email_open_count"] = "\(random.whole(0...4))"
        outgoing["hs_email_reply_count"] = random.isTrue(0.15) ? "1" : "0"
      }
      email(start, outgoing)
      guard random.isTrue(0.4) else { continue }
      email(start + random.whole(10...240), ["hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT"])
      if random.isTrue(0.7) {
        email(start + 250 + random.whole(5...180), ["hs_email_direction": "EMAIL", "hs_email_status": "SENT"])
      }
    }
  }

  private mutating func makePayables(_ today: CalendarDate) {
    var random = SandboxRandom("payables")
    for index in 0..<24 {
      vendors.append(
        Vendor(
          id: String(format: "009SANDBOX%04d", index), name: String(format: "Sample Vendor %02d", index),
          isArchived: index % 11 == 10,
          networkStatus: random.pick(["CONNECTED", "CONNECTED_RPPS", "NOT_CONNECTED", "PENDING"]),
          bankAccountStatus: random.pick(["NET_LINKED_ACCOUNT", "NO_ACCOUNT", "NO_ACCOUNT"]),
          hasCard: random.isTrue(0.2), country: random.isTrue(0.8) ? "US" : "CA", isTracked: random.isTrue(0.4),
          taxID: random.isTrue(0.6) ? "**-***\(1000 + index)" : nil))
    }
    for index in 0..<140 {
      bills.append(
        Bill(
          id: String(format: "00nSANDBOX%04d", index), vendorID: vendors[random.whole(0...23)].id,
          amount: "\(random.whole(40...9000)).\(random.whole(10...99))",
          dueDate: today.advanced(byDays: random.whole(-20...40)),
          paymentStatus: random.pick(["UNPAID", "UNPAID", "PARTIALLY_PAID", "SCHEDULED", "PAID", "PAID"]),
          approvalStatus: random.pick(["UNASSIGNED", "ASSIGNED", "APPROVING", "APPROVED", "APPROVED"]),
          isArchived: random.isTrue(0.08)))
    }
    approvedOffers = "vendor\n\(vendors[3].id)\n\(vendors[5].name)\n\(vendors[8].id)\n"
  }

  private mutating func makeTickets(_ today: CalendarDate) {
    for index in 0..<160 {
      var random = SandboxRandom("ticket", "\(index)")
      let created = today.advanced(byDays: -random.whole(0...20)).start.advanced(
        bySeconds: Int64(random.whole(0...86_399)))
      let isAnswered = random.isTrue(0.85)
      let minutes = isAnswered ? random.whole(5...1700) : nil
      let isSolved = isAnswered && random.isTrue(0.6)
      tickets.append(
        Ticket(
          id: 8000 + index, createdAt: created, replyMinutes: minutes,
          status: isSolved ? random.pick(["solved", "closed"]) : random.pick(["new", "open", "pending", "hold"]),
          updatedAt: created.advanced(bySeconds: Int64(minutes ?? 1) * 60 + Int64(random.whole(0...86_400)))))
    }
    // Somebody has waited for three weeks, and nobody has looked since.
    let old = today.advanced(byDays: -25).start
    tickets.append(Ticket(id: 7999, createdAt: old, replyMinutes: nil, status: "new", updatedAt: old))
  }

  private mutating func makeInventory(_ today: CalendarDate) {
    let year = today.components.year
    var listings: Table = []
    for index in 0..<90 {
      var random = SandboxRandom("listing", "\(index)")
      let month = random.whole(1...12)
      listings.append([
        "listing_id": .number(index), "event_type": .text(random.pick(["wedding", "corporate", "concert", "private"])),
        "status": .text(random.isTrue(0.85) ? "active" : "inactive"),
        "yearly_capacity": .number(random.whole(20...220)),
        "yearly_value": .number(random.whole(120...400) * 1000),
        "listed_on": .text(
          String(format: "%04d-%02d-%02d", year - (random.isTrue(0.5) ? 0 : 1), month, random.whole(1...28))),
      ])
    }
    tables["inventory.listings"] = listings
    tables["marketing.qualified_leads"] = (crm["contacts"] ?? []).compactMap { contact in
      contact.properties["hs_v2_date_entered_marketingqualifiedlead"].map {
        ["qualified_on": .text(String($0.prefix(10)))]
      }
    }
  }

  private mutating func makeSpend(_ today: CalendarDate) {
    for (channel, campaigns) in ["google_ads": ["Brand", "Search"], "linkedin": ["ABM"]] {
      var lines = ["spend_date,channel,account,campaign,amount,currency,note"]
      for back in 1...75 {
        for campaign in campaigns {
          var random = SandboxRandom("spend", channel, campaign, "\(today.day - back)")
          lines.append(
            "\(today.advanced(byDays: -back)),\(channel),Main,\(campaign),\(random.whole(60...300)).\(random.whole(10...99)),USD,"
          )
        }
      }
      adSpend["\(channel).csv"] = lines.joined(separator: "\n") + "\n"
    }
  }
}
