import CustomerModel
import Formats

/// Customers as a table for the terminal, with their totals below.
struct CustomerListing {
  private let customers: [Customer]
  private let totals: CustomerTotals
  private let count: Int
  private let place: String

  /// - Parameters:
  ///   - totals: Of all customers that match, shown or not.
  ///   - count: Rows in the table, whether they match or not.
  init(_ customers: [Customer], _ totals: CustomerTotals, of count: Int, place: String) {
    self.customers = customers
    self.totals = totals
    self.count = count
    self.place = place
  }

  var text: String {
    var lines: [String] = []
    if !customers.isEmpty {
      let header = ["EMAIL", "NAME", "STATUS", "PLAN", "MRR", "LTV", "SEEN", "30D", "OPEN", "QUALITY", "NOTES"]
      lines = TextTable(header, customers.map(row), rightAligned: [4, 5, 6, 7, 8, 9]).lines + [""]
    }
    lines.append("\(totals.count) customers of \(count) rows in \(place)")
    if totals.count > 0 {
      lines.append("  status     " + Self.list(totals.statuses.mapValues { "\($0)" }))
      lines.append("  plan       " + Self.list(totals.plans.mapValues { "\($0)" }))
      lines.append("  mrr        " + Self.list(totals.mrr.compactMapValues(\.decimalText)))
      if let quality = totals.meanQuality { lines.append("  quality    \(quality) on average") }
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private static func list(_ values: [String: String]) -> String {
    values.isEmpty ? "none" : values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func row(_ customer: Customer) -> [String] {
    func shown(_ field: CustomerField) -> String { customer[field]?.words ?? "\u{2013}" }
    var notes: [String] = []
    if customer.isDeleted { notes.append("deleted \(customer.text(.deletedAt)?.prefix(10) ?? "")") }
    if customer.flag(.isDelinquent) == true { notes.append("delinquent") }
    if customer.flag(.mentionedCancel) == true {
      notes.append("mentioned a cancellation on \(customer.text(.cancelMentionedAt)?.prefix(10) ?? "")")
    }
    if customer.text(.revenueBasis) == RevenueBasis.flat.rawValue { notes.append("revenue estimated") }
    if case .texts(let warnings) = customer[.revenueWarnings] {
      notes.append("revenue: " + warnings.joined(separator: ", "))
    }
    let seen = customer[.daysSinceSeen].map { "\($0.words) d" } ?? "\u{2013}"
    return [
      customer.email, shown(.name), shown(.subscriptionStatus), shown(.planName), shown(.mrr), shown(.ltv), seen,
      shown(.conversationsRecent), shown(.openTickets), shown(.qualityScore), notes.joined(separator: " \u{B7} "),
    ]
  }
}
