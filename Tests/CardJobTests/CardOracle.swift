import CardModel
import Foundation
import Sandbox
import Time

/// What each card should show, from the world's rows by the plainest code there is.
struct CardOracle {
  let world: CardWorld
  let today: CalendarDate
  let now: Timestamp

  private func window(_ days: Int) -> Range<Timestamp> { today.advanced(byDays: -days).start..<today.start }

  private func rows(_ type: String, _ property: String, days: Int = 7) -> [CardWorld.CRMObject] {
    (world.crm[type] ?? []).filter { row in
      row.properties[property].flatMap { Timestamp(iso8601: $0) }.map(window(days).contains) ?? false
    }
  }

  private func decimal(_ text: String) -> Decimal { Decimal(string: text) ?? .nan }

  var cash: Decimal { world.accounts.filter { $0.currency == "USD" }.reduce(0) { $0 + decimal($1.balance) } }

  private func firstEmails(_ day: CalendarDate) -> Int {
    world.campaigns.reduce(0) { $0 + ($1.firstEmails[day.day] ?? 0) }
  }

  var newContacts: Decimal { Decimal(firstEmails(today.advanced(byDays: -1))) }

  var rate: Decimal {
    let days = (1...60).map { firstEmails(today.advanced(byDays: -$0)) }.filter { $0 > 0 }.prefix(10)
    return Decimal(days.reduce(0, +)) / Decimal(days.count)
  }

  func runway(staged: Bool = false) -> Decimal {
    let statuses = staged ? ["ACTIVE", "DRAFTED", "PAUSED"] : ["ACTIVE"]
    let queue = world.campaigns.filter { statuses.contains($0.status) }.reduce(0) { $0 + $1.notStarted }
    return Decimal(queue) / rate
  }

  var meetings: [CardWorld.CRMObject] { rows("meetings", "hs_meeting_start_time") }

  var meetingsHeld: Decimal { Decimal(meetings.count { $0.properties["hs_meeting_outcome"] == "COMPLETED" }) }

  private var emails: [CardWorld.CRMObject] { rows("emails", "hs_timestamp") }

  private var sent: [CardWorld.CRMObject] {
    emails.filter {
      $0.properties["hs_email_direction"] == "EMAIL"
        && !["FAILED", "SCHEDULED", "SENDING"].contains($0.properties["hs_email_status"] ?? "")
    }
  }

  var activities: Decimal {
    let tasks = rows("tasks", "hs_task_completion_date").filter { $0.properties["hs_task_status"] == "COMPLETED" }
    return Decimal(
      rows("calls", "hs_timestamp").count + sent.count + meetings.count + rows("notes", "hs_timestamp").count
        + tasks.count)
  }

  var replyRate: Decimal {
    let tracked = sent.filter { $0.properties["hs_email_reply_count"] != nil }
    let replies = tracked.reduce(0) { $0 + (Int($1.properties["hs_email_reply_count"] ?? "") ?? 0) }
    let delivered = tracked.count { $0.properties["hs_email_status"] != "BOUNCED" }
    return Decimal(replies) * 100 / Decimal(delivered)
  }

  var pending: [CardWorld.Bill] {
    world.bills.filter { !$0.isArchived && ["ASSIGNED", "APPROVING"].contains($0.approvalStatus) }
  }

  var notOnboarded: [CardWorld.Vendor] {
    world.vendors.filter {
      !$0.isArchived && !$0.networkStatus.hasPrefix("CONNECTED") && $0.bankAccountStatus == "NO_ACCOUNT" && !$0.hasCard
    }
  }

  var approvedNotOnboarded: Decimal {
    let listed = Set(world.approvedOffers.split(separator: "\n").map(String.init))
    return Decimal(notOnboarded.count { listed.contains($0.id) || listed.contains($0.name) })
  }

  var missingW9: Decimal {
    let vendors = world.vendors.filter { $0.country == "US" && $0.isTracked && $0.taxID == nil }.map(\.id)
    return Decimal(
      world.bills.count {
        !$0.isArchived && ["UNPAID", "PARTIALLY_PAID"].contains($0.paymentStatus) && vendors.contains($0.vendorID)
      })
  }

  /// Minutes until each first reply of the last week.
  var replies: [Int] {
    world.tickets.compactMap { ticket in
      guard let minutes = ticket.replyMinutes,
        window(7).contains(ticket.createdAt.advanced(bySeconds: Int64(minutes) * 60))
      else { return nil }
      return minutes
    }.sorted()
  }

  func responseHours(business: Bool = false) -> Decimal {
    let minutes = replies.map { business ? $0 / 3 : $0 }
    return Decimal(minutes.reduce(0, +)) / Decimal(minutes.count) / 60
  }

  private var unsolved: [CardWorld.Ticket] {
    world.tickets.filter { $0.createdAt <= now && !["solved", "closed"].contains($0.status) }
  }

  var openTickets: Decimal { Decimal(unsolved.count) }

  var waiting: [CardWorld.Ticket] { unsolved.filter { $0.replyMinutes == nil } }

  func spend(days: ClosedRange<Int>) -> Decimal {
    let wanted = Set(days.map { "\(today.advanced(byDays: -$0))" })
    return world.adSpend.values.reduce(0) { sum, file in
      file.split(separator: "\n").dropFirst().reduce(sum) { sum, line in
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return wanted.contains(cells[0]) ? sum + decimal(cells[4]) : sum
      }
    }
  }

  var costPerMQL: Decimal {
    let leads = rows("contacts", "hs_v2_date_entered_marketingqualifiedlead", days: 30).count
    return spend(days: 1...30) / Decimal(leads)
  }

  func listings(_ column: String, where isWanted: ([String: CardWorld.Cell]) -> Bool = { _ in true }) -> Decimal {
    (world.tables["inventory.listings"] ?? []).filter { $0["status"] == .text("active") && isWanted($0) }
      .reduce(0) { sum, row in if case .number(let number) = row[column] { sum + Decimal(number) } else { sum } }
  }

  var firstQuarter: Decimal {
    let year = "\(today.components.year)"
    return listings("yearly_value") { row in
      guard case .text(let day) = row["listed_on"] else { return false }
      return ["\(year)-01", "\(year)-02", "\(year)-03"].contains(String(day.prefix(7)))
    }
  }

  /// By card; nil where the card has no value.
  var values: [CardID: Decimal?] {
    [
      .cashPosition: cash, .leadQueueRunway: runway(), .newContactsSequenced: newContacts, .meetingsHeld: meetingsHeld,
      .salesActivities: activities, .emailReplyRate: replyRate, .billsPendingApproval: Decimal(pending.count),
      .vendorsNotOnboarded: approvedNotOnboarded, .billsMissingW9: missingW9, .ticketResponseTime: responseHours(),
      .openTickets: openTickets, .costPerMQL: costPerMQL, .totalYearlyCapacity: listings("yearly_capacity"),
      .capacityByEventType: listings("yearly_capacity"), .q1NewInventoryValue: firstQuarter,
      .totalLimitedCapacity: nil,
    ]
  }

  /// The card's value is right to the last digit that it is written with.
  static func agrees(_ record: CardRecord, _ expected: Decimal?) -> Bool {
    guard let text = record.value, let value = Decimal(string: text) else {
      return record.value == nil && expected == nil
    }
    guard let expected else { return false }
    let digits = text.split(separator: ".").dropFirst().first?.count ?? 0
    let unit = pow(Decimal(10), -digits)
    return abs(value - expected) <= unit / 2
  }
}
