/// The cards, in the order in which they are shown. Raw values are their names in events, files and configuration.
public enum CardID: String, CaseIterable, Codable, Sendable {
  case cashPosition = "cash_position"
  case leadQueueRunway = "lead_queue_runway"
  case newContactsSequenced = "new_contacts_sequenced"
  case meetingsHeld = "meetings_held"
  case salesActivities = "sales_activities"
  case emailReplyRate = "email_reply_rate"
  case billsPendingApproval = "bills_pending_approval"
  case vendorsNotOnboarded = "vendors_not_onboarded"
  case billsMissingW9 = "bills_missing_w9"
  case ticketResponseTime = "avg_ticket_response_time"
  case openTickets = "open_tickets"
  case costPerMQL = "cost_per_mql"
  case totalYearlyCapacity = "total_yearly_capacity"
  case capacityByEventType = "capacity_by_event_type"
  case q1NewInventoryValue = "q1_new_inventory_value"
  case totalLimitedCapacity = "total_limited_capacity"
}

extension CardID: CodingKeyRepresentable {}

/// A page of the board. Raw values are what people read.
public enum CardTab: String, CaseIterable, Codable, Sendable {
  case ceo = "CEO"
  case coo = "COO"
  case supply = "Supply"
  case sales = "Sales"
  case accounting = "Accounting"
  case supplyAM = "Supply AM"
  case marketing = "Marketing"
}

extension CardID {
  public var label: String {
    switch self {
    case .cashPosition: "Cash Position"
    case .leadQueueRunway: "Lead Queue Runway"
    case .newContactsSequenced: "New Contacts Sequenced"
    case .meetingsHeld: "Meetings Held"
    case .salesActivities: "Sales Activities"
    case .emailReplyRate: "Email Reply Rate"
    case .billsPendingApproval: "Bills Pending Approval"
    case .vendorsNotOnboarded: "Vendors Not Onboarded"
    case .billsMissingW9: "Bills Missing Tax Id (W-9 proxy)"
    case .ticketResponseTime: "Average Ticket Response Time"
    case .openTickets: "Open Tickets"
    case .costPerMQL: "Cost per MQL"
    case .totalYearlyCapacity: "Total Yearly Capacity"
    case .capacityByEventType: "Capacity by Event Type"
    case .q1NewInventoryValue: "Q1 New Inventory Value"
    case .totalLimitedCapacity: "Total Limited Capacity"
    }
  }

  public var tabs: [CardTab] {
    switch self {
    case .cashPosition: [.ceo, .coo]
    case .leadQueueRunway, .newContactsSequenced: [.supply]
    case .meetingsHeld, .salesActivities, .emailReplyRate: [.sales]
    case .billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9: [.accounting]
    case .ticketResponseTime, .openTickets: [.supplyAM]
    case .costPerMQL: [.marketing]
    case .totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .totalLimitedCapacity: [.supply]
    }
  }

  public var unit: CardUnit {
    switch self {
    case .cashPosition, .costPerMQL, .q1NewInventoryValue: .money
    case .leadQueueRunway: .days
    case .emailReplyRate: .percent
    case .ticketResponseTime: .hours
    default: .count
    }
  }

  /// Where the value should go.
  public var direction: CardDirection {
    switch self {
    case .billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9, .ticketResponseTime, .openTickets, .costPerMQL:
      .down
    default: .up
    }
  }
}

public enum CardDirection: String, Codable, Sendable { case up, down }

/// What a card's number counts.
public enum CardUnit: Sendable {
  /// The base currency; ``name(_:)`` is its code in lower case.
  case money
  case days, count, percent, hours

  /// As in a record: `usd`, `days`.
  public func name(_ baseCurrency: String) -> String {
    switch self {
    case .money: baseCurrency.lowercased()
    case .days: "days"
    case .count: "count"
    case .percent: "percent"
    case .hours: "hours"
    }
  }
}
