import CustomerModel
import Formats
import Runs

/// Alerts as people hear of them: by Intercom's id of the contact with a link, never by name or address.
enum AlertNotices {
  static func all(
    _ alerts: [CustomerAlert], _ configuration: CustomerSyncConfiguration, workspaceID: String?
  ) -> [RunNotice] {
    CustomerAlert.Kind.allCases.compactMap { kind in
      let some = alerts.filter { $0.kind == kind }
      guard !some.isEmpty else { return nil }
      return RunNotice(
        kind: kind.rawValue, title: "\(some.count == 1 ? "1 customer" : "\(some.count) customers") \(kind.words)",
        numbers: "\(some.count)",
        entries: some.map { alert in
          RunNotice.Entry(name: alert.contactID, text: link(alert.contactID, configuration, workspaceID))
        })
    }
  }

  /// One summary in place of an alert for everybody.
  static func first(_ customers: Int, _ alerts: [CustomerAlert]) -> RunNotice {
    let counts = CustomerAlert.Kind.allCases.compactMap { kind -> String? in
      let count = alerts.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.words)"
    }
    return RunNotice(
      kind: "first_sync", title: "The first sync wrote \(customers) customers",
      numbers: counts.joined(separator: "\n"), entries: counts.map { .init(name: "of them", text: $0) })
  }

  private static func link(
    _ contactID: String, _ configuration: CustomerSyncConfiguration, _ workspaceID: String?
  ) -> String {
    // Slack's form of a link. Ids hold nothing that would end it.
    guard let workspaceID, (workspaceID + contactID).isASCIIAlphanumeric(or: "-_") else { return "" }
    let url = configuration.contactURL.replacing("{workspace}", with: workspaceID)
      .replacing("{contact}", with: contactID)
    return "<\(url)|open in Intercom>"
  }
}

extension CustomerAlert.Kind {
  fileprivate var words: String {
    switch self {
    case .highValue: "with high value"
    case .cancelMention: "mentioned a cancellation"
    case .delinquent: "became delinquent"
    case .mrrChange: "with a large change of MRR"
    }
  }
}
