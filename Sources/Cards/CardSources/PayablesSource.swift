import BILL
import CardModel
import Connectors
import Formats
import HTTPClient
import Time

/// `bills_pending_approval`, `vendors_not_onboarded` and `bills_missing_w9`: BILL.
public struct PayablesSource: CardSource {
  public let id = SourceID.bill
  public let cards = [CardID.billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9]

  private let context: CardContext
  private let api: APIClient
  private let client: BILLClient
  private let vendors: Shared<[String: BILLVendor]>
  private let approvedOffers: @Sendable () async throws -> Set<String>?

  /// - Parameter approvedOffers: Ids or names of vendors; nil where nobody lists any.
  public init(
    _ credentials: BILLCredentials, _ context: CardContext,
    approvedOffers: @escaping @Sendable () async throws -> Set<String>?
  ) {
    self.context = context
    self.approvedOffers = approvedOffers
    api = context.api(.bill, BILLOptions.rateLimit, verdict: BILLClient.verdict)
    let session = context.sessions.login(BILLSession.self) { BILLSession(now: context.time.monotonic) }
    let client = BILLClient(api: api, credentials: credentials, session: session)
    self.client = client
    vendors = Shared {
      Dictionary(try await client.vendors().map { ($0.id, $0) }) { first, _ in first }
    }
  }

  /// Whether BILL accepts the login.
  public static func check(_ credentials: BILLCredentials, _ context: CardContext) async throws {
    try await PayablesSource(credentials, context) { nil }.client.checkLogin()
  }

  public var usage: RequestUsage { api.usage }

  public func read(_ card: CardID) async throws -> CardReading {
    switch card {
    case .billsPendingApproval: return try await pendingApproval()
    case .vendorsNotOnboarded:
      return Self.notOnboarded(Array(try await vendors.value.values), approved: try await approvedOffers())
    default: return try await missingW9()
    }
  }

  private func pendingApproval() async throws -> CardReading {
    async let found = client.bills(
      where: "approvalStatus", isOneOf: ["ASSIGNED", "APPROVING"], rejectable: ["APPROVING"])
    async let known = vendors.value
    let bills = try await found.filter { bill in
      !bill.isArchived && ["ASSIGNED", "APPROVING"].contains(bill.approvalStatus)
    }
    let vendors = try await known
    var amounts: [Rational] = []
    var unreadable = 0
    var otherCurrency = 0
    for bill in bills {
      let currency = bill.currency ?? bill.vendorID.flatMap { vendors[$0]?.billCurrency }
      guard currency.map({ $0.uppercased() == context.settings.baseCurrency }) ?? true else {
        otherCurrency += 1
        continue
      }
      if let amount = bill.amount.flatMap({ Rational(amount: $0) }) { amounts.append(amount) } else { unreadable += 1 }
    }
    var reading = CardReading(
      Rational(bills.count),
      breakdown: [
        .init("amount, \(context.settings.baseCurrency)", try context.text(.money).value(Rational.sum(amounts))),
        .init("oldest due date", bills.compactMap(\.dueDate).min().map { "\($0)" }),
      ])
    if otherCurrency > 0 { reading.breakdown.append(.init("bills in other currencies", "\(otherCurrency)")) }
    if unreadable > 0 { reading.warnings.append("\(unreadable) bills have no amount that can be read") }
    return reading
  }

  static func notOnboarded(_ vendors: [BILLVendor], approved: Set<String>?) -> CardReading {
    let open = vendors.filter { vendor in
      !vendor.isArchived && !["CONNECTED", "CONNECTED_RPPS"].contains(vendor.networkStatus?.uppercased() ?? "")
        && vendor.bankAccountStatus?.uppercased() == "NO_ACCOUNT"
        && vendor.virtualCardStatus?.uppercased() != "ENROLLED"
    }
    guard let approved else {
      var reading = CardReading(Rational(open.count))
      reading.labelNote = "all vendors"
      reading.isComparable = false
      reading.warnings = ["approved_offers.csv is not there, so all vendors count and the target is not judged"]
      return reading
    }
    func isListed(_ vendor: BILLVendor) -> Bool { approved.contains(vendor.id) || approved.contains(vendor.name) }
    var reading = CardReading(
      Rational(open.count(where: isListed)),
      breakdown: [
        .init("approved offers", "\(approved.count)"),
        .init("all vendors not onboarded", "\(open.count)"),
      ])
    let known = Set(vendors.flatMap { [$0.id, $0.name] })
    let unknown = approved.subtracting(known).count
    if unknown > 0 { reading.warnings.append("\(unknown) entries of approved_offers.csv are no vendor in BILL") }
    return reading
  }

  private func missingW9() async throws -> CardReading {
    async let found = client.bills(where: "paymentStatus", isOneOf: ["UNPAID", "PARTIALLY_PAID"])
    async let known = vendors.value
    let bills = try await found.filter { bill in
      !bill.isArchived && ["UNPAID", "PARTIALLY_PAID"].contains(bill.paymentStatus)
    }
    var vendors = try await known
    // The list may leave out archived vendors, whose bills count.
    let absent = Set(bills.compactMap(\.vendorID)).subtracting(vendors.keys)
    for vendor in try await others(absent) { vendors[vendor.id] = vendor }
    let counted = bills.filter { $0.vendorID.flatMap { vendors[$0] }.map(Self.lacksTaxID) ?? false }
    var reading = CardReading(
      Rational(counted.count), breakdown: [.init("vendors", "\(Set(counted.compactMap(\.vendorID)).count)")])
    let unknown = bills.count { $0.vendorID.map { vendors[$0] == nil } ?? true }
    if unknown > 0 { reading.makePartial("the vendors of \(unknown) bills are not known to BILL") }
    let unplaced = Set(bills.compactMap(\.vendorID)).count {
      vendors[$0].map { $0.country == nil && $0.isTracked1099 } ?? false
    }
    if unplaced > 0 { reading.warnings.append("\(unplaced) vendors that are tracked for form 1099 name no country") }
    return reading
  }

  private func others(_ ids: Set<String>) async throws -> [BILLVendor] {
    try await withThrowingTaskGroup(of: BILLVendor?.self) { group in
      for id in ids { group.addTask { try await client.vendor(id) } }
      return try await group.reduce(into: []) { if let vendor = $1 { $0.append(vendor) } }
    }
  }

  static func lacksTaxID(_ vendor: BILLVendor) -> Bool {
    let country = vendor.country?.trimmed.uppercased() ?? ""
    return ["US", "USA", "UNITED STATES"].contains(country) && vendor.isTracked1099 && !vendor.hasTaxID
  }
}
