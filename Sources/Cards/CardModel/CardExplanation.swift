/// The texts of a card's tooltip.
struct CardExplanation {
  let definition: String
  let why: String
  let calculation: String
  let edgeCases: String

  private init(_ definition: String, why: String, calculation: String, edgeCases: String) {
    self.definition = definition
    self.why = why
    self.calculation = calculation
    self.edgeCases = edgeCases
  }

  init(_ card: CardID, _ settings: CardSettings) {
    switch card {
    case .cashPosition: self = .cashPosition(settings)
    case .leadQueueRunway: self = .leadQueueRunway(settings)
    case .newContactsSequenced: self = .newContactsSequenced(settings)
    case .meetingsHeld: self = .meetingsHeld(settings)
    case .salesActivities: self = .salesActivities(settings)
    case .emailReplyRate: self = .emailReplyRate(settings)
    case .billsPendingApproval: self = .billsPendingApproval(settings)
    case .vendorsNotOnboarded: self = .vendorsNotOnboarded
    case .billsMissingW9: self = .billsMissingW9
    case .ticketResponseTime: self = .ticketResponseTime(settings)
    case .openTickets: self = .openTickets(settings)
    case .costPerMQL: self = .costPerMQL(settings)
    case .totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .totalLimitedCapacity:
      self = .warehouse(card)
    }
  }

  // MARK: Money

  private static func cashPosition(_ settings: CardSettings) -> CardExplanation {
    let counted =
      switch settings.cashAccounts {
      case .all: "all accounts that the bank feed shows"
      case .only(let ids): "the \(ids.count) accounts that cash_accounts allows"
      case .except(let ids): "all accounts but the \(ids.count) that cash_accounts denies"
      }
    return CardExplanation(
      "Money in the bank, in \(settings.baseCurrency).",
      why: "It says how long the company can pay its bills, whatever the plan says.",
      calculation:
        "The sum of the ledger balances of \(counted). Accounts in other currencies stand in the breakdown and are not counted. The time is that of the oldest balance.",
      edgeCases:
        "An account that could not be refreshed counts with its last known balance, and the card is partial; deny one that is gone for good. Cards and loans count with their sign. Nothing is converted between currencies."
    )
  }

  private static func costPerMQL(_ settings: CardSettings) -> CardExplanation {
    let days = settings.windows.spend
    let leads =
      switch settings.mqlSource {
      case .hubspot: "HubSpot contacts that became a marketing-qualified lead (MQL)"
      case .warehouse: "marketing-qualified leads (MQLs) that the warehouse counts by mqls.sql"
      }
    return CardExplanation(
      "What advertising costs for one marketing-qualified lead, in \(settings.baseCurrency).",
      why: "It says whether marketing's money brings more or fewer leads than before.",
      calculation:
        "Ad spend divided by \(leads), both in the last \(days) whole days (\(settings.zone.name)). The breakdown has the spend by channel and the \(days) days before.",
      edgeCases:
        "Ad spend only: no tools, no salaries. Spend comes days before its leads, so a short change says little. Without an MQL there is no quotient. A refused file or another currency makes the card partial."
    )
  }

  // MARK: Supply

  private static func leadQueueRunway(_ settings: CardSettings) -> CardExplanation {
    let windows = settings.windows
    let queue =
      switch settings.staged {
      case .none: "Leads of active campaigns that were not contacted yet"
      case .campaigns: "Leads of active, drafted and paused campaigns that were not contacted yet"
      }
    return CardExplanation(
      "For how many sending days there are leads that nobody has written to yet.",
      why: "An empty queue means days without outreach; a very long one means stale leads.",
      calculation:
        "\(queue), divided by the first e-mails a day: the mean of the last \(windows.sendingDays) days on which any went out (\(settings.zone.name)), at most \(windows.sendingLookBack) days back.",
      edgeCases:
        "Without a first e-mail in \(windows.sendingLookBack) days there is no rate and no value. More than 90 days is shown as 90+. Send capacity counts follow-ups too, so it is not leads a day."
    )
  }

  private static func newContactsSequenced(_ settings: CardSettings) -> CardExplanation {
    CardExplanation(
      "How many leads got their first e-mail yesterday.",
      why: "It is the daily intake of outreach: what goes in here becomes meetings weeks later.",
      calculation:
        "First e-mails of all campaigns, whatever their status, that were sent yesterday (\(settings.zone.name)).",
      edgeCases: "A lead in two campaigns counts in each. On days without sending it is 0.")
  }

  private static func warehouse(_ card: CardID) -> CardExplanation {
    let (definition, why): (String, String) =
      switch card {
      case .totalYearlyCapacity:
        ("How many bookings a year the listed inventory can take.", "It is the ceiling of what can be sold in a year.")
      case .capacityByEventType:
        (
          "The yearly capacity, by type of event.",
          "It shows which kind of event runs out first, and which is not needed."
        )
      case .q1NewInventoryValue:
        (
          "The yearly value of inventory that was added in the first quarter.",
          "New inventory is next year's growth; the first quarter decides most of it."
        )
      default:
        (
          "Capacity of inventory that takes bookings on some days only.",
          "Limited inventory looks like capacity and can't be sold freely."
        )
      }
    return CardExplanation(
      definition, why: why,
      calculation:
        "The column value of the first row of queries/\(card.rawValue).sql, which runs in the warehouse. Rows with a label are the breakdown; their sum counts, or the row total where there is one.",
      edgeCases:
        "It is as old as the warehouse's tables. A table that is not there yet blocks the card and is named. No rows: no data."
    )
  }

  // MARK: Sales

  private static func meetingsHeld(_ settings: CardSettings) -> CardExplanation {
    CardExplanation(
      "Sales meetings that took place.",
      why: "Meetings that were held, not those that were booked, become revenue.",
      calculation:
        "HubSpot meetings that started in the last \(settings.windows.recent) whole days (\(settings.zone.name)) and have the outcome Completed. The breakdown has every outcome, and how many different contacts attended.",
      edgeCases:
        "A meeting whose outcome nobody has set does not count; it stands in the breakdown as not set.")
  }

  private static func salesActivities(_ settings: CardSettings) -> CardExplanation {
    CardExplanation(
      "What the sales team did: calls, e-mails, meetings, notes and tasks.",
      why: "A quiet week shows here long before it shows in the numbers of deals.",
      calculation:
        "HubSpot calls, sent e-mails, meetings (any outcome), notes and completed tasks of the last \(settings.windows.recent) whole days (\(settings.zone.name)). The breakdown has the median hours from an incoming e-mail to the next outgoing one of its thread.",
      edgeCases:
        "What is not logged in HubSpot is not counted. An e-mail that failed or is scheduled is not sent. Incoming e-mails that got no answer are not in the median."
    )
  }

  private static func emailReplyRate(_ settings: CardSettings) -> CardExplanation {
    CardExplanation(
      "What share of our e-mails gets a reply.",
      why: "It says whether people want to hear from us; opens don't say it.",
      calculation:
        "Replies divided by e-mails that were sent and did not bounce, over the e-mails of the last \(settings.windows.recent) whole days (\(settings.zone.name)) that HubSpot tracks.",
      edgeCases:
        "E-mails that are not tracked are left out, not counted as unanswered. Opens are indicative only: privacy proxies open everything."
    )
  }

  // MARK: Accounting

  private static func billsPendingApproval(_ settings: CardSettings) -> CardExplanation {
    CardExplanation(
      "Bills that wait for somebody's approval.",
      why: "Bills that wait become late fees and angry vendors.",
      calculation:
        "BILL's bills whose approval is assigned or under way, without archived ones. The breakdown has their amount in \(settings.baseCurrency) and the oldest due date.",
      edgeCases: "Bills to which nobody was assigned yet are not waiting for anybody and do not count.")
  }

  private static var vendorsNotOnboarded: CardExplanation {
    CardExplanation(
      "Vendors whom we can't pay electronically.",
      why: "Each of them means a check by mail, or a payment that comes late.",
      calculation:
        "Active vendors in BILL that are not connected to its network, have no bank account there and no virtual card. Where approved_offers.csv is there, only the vendors that it lists.",
      edgeCases:
        "Without approved_offers.csv all vendors count, the label says so, and the target is not judged.")
  }

  private static var billsMissingW9: CardExplanation {
    CardExplanation(
      "Unpaid bills of US vendors whose tax id is missing.",
      why: "Without the tax id of a W-9, form 1099 can't be filed for what we pay.",
      calculation:
        "Bills in BILL that are unpaid or partially paid and not archived, of vendors in the US that are tracked for form 1099 and have no tax id.",
      edgeCases:
        "A proxy: BILL does not say whether a W-9 is on file, only whether there is a tax id. A role that may not see tax ids makes them look missing."
    )
  }

  // MARK: Support

  private static func supportName(_ settings: CardSettings) -> String {
    switch settings.supportSource {
    case .zendesk: "Zendesk tickets"
    case .intercom: "Intercom conversations"
    case nil: "Tickets of Zendesk, or conversations of Intercom,"
    }
  }

  private static func ticketResponseTime(_ settings: CardSettings) -> CardExplanation {
    let clock =
      switch settings.clock {
      case .calendar: "Calendar hours count, nights and weekends too."
      case .business: "Business hours count, as the help desk's schedule has them."
      }
    return CardExplanation(
      "How long customers wait for the first answer of a person.",
      why: "The first answer decides how a customer remembers the case.",
      calculation:
        "\(supportName(settings)) whose first reply fell in the last \(settings.windows.recent) whole days (\(settings.zone.name)): the mean time until it. \(clock)",
      edgeCases:
        "Customers who still wait are not in the mean; they stand in the breakdown with the longest wait. Without a reply in the window there is no value."
    )
  }

  private static func openTickets(_ settings: CardSettings) -> CardExplanation {
    let calculation =
      switch settings.supportSource {
      case .intercom: "Intercom conversations that are open. Snoozed ones stand in the breakdown."
      default: "Zendesk tickets that are new, open, pending or on hold."
      }
    return CardExplanation(
      "Customers' cases that are not solved.",
      why: "A backlog that grows means that answers will take longer.",
      calculation: calculation, edgeCases: "The count comes from the search index, which is minutes behind.")
  }
}
