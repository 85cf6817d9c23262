import Connectors
import Formats
import Salesforce

/// All accounts of the org, mapped or not.
public struct AccountRoster: Sendable {
  public struct Entry: Sendable {
    public var id: SalesforceID
    /// Nil where the field is empty or can't be read.
    public var arr: Double?
    /// Whether the field holds something that is no number.
    public var hasUnreadableARR = false
    /// Field → text or number as text, without empty ones.
    public var values: [String: String]
  }

  public var accounts: [Entry] = []
  /// Whether the org has the field for the annual recurring revenue.
  public var hasARR = false

  /// The annual recurring revenue of some accounts together; nil where it can't be told: the org has no such field, one
  /// of them holds no number, or none has a value.
  public func arr(of accounts: [Entry]) -> Double? {
    guard hasARR, !accounts.contains(where: \.hasUnreadableARR) else { return nil }
    let known = accounts.compactMap(\.arr)
    return known.isEmpty && !accounts.isEmpty ? nil : known.reduce(0, +)
  }

  /// Of the org's own text fields, at most 40.
  public var identifiers: [String] = []
  /// The fields that were read, of those asked for, and ``identifiers``.
  public var fields: [String] = []

  /// Reads the accounts in pages of 2,000. Deleted ones are not among them.
  ///
  /// - Parameters:
  ///   - fields: Names of fields. Those that the org lacks are left out.
  ///   - withIdentifiers: Whether to read the org's own text fields too, of which some may hold other systems' ids.
  ///   - arr: `salesforce.account.arr` of `sources.yaml`.
  /// - Throws: As `SalesforceClient`.
  public static func reading(_ client: SalesforceClient, fields: [String], withIdentifiers: Bool = false, arr: String)
    async throws -> AccountRoster
  {
    let description = try await client.describeAccount()
    var roster = AccountRoster()
    let money = description.field(arr)
    roster.hasARR = money != nil
    roster.fields = fields.filter { description.field($0) != nil && $0 != "Id" }
    if withIdentifiers {
      let own = description.fields.filter { $0.name.hasSuffix("__c") && ["string", "id", "url"].contains($0.type) }
      roster.identifiers = own.map(\.name).filter { $0 != money?.name && !fields.contains($0) }.prefix(40).map(\.self)
      roster.fields += roster.identifiers
    }
    let columns = ["Id"] + [money?.name].compactMap(\.self) + roster.fields.filter { $0 != money?.name }
    var query = SalesforceQuery(columns, from: "Account", where: [])
    // In an org with several currencies, amounts in one.
    query.selection = columns.map {
      description.hasCurrencies && $0 == money?.name && money?.type == "currency" ? "convertCurrency(\($0))" : $0
    }
    var received = Received()
    var accounts: [Entry] = []
    try await client.rows(query, received: &received) { row, received in
      guard let id = row.value("Id")?.text.flatMap({ SalesforceID($0) }) else {
        return received.skip(Received.malformed)
      }
      received.used += 1
      var values: [String: String] = [:]
      for field in roster.fields {
        switch row.value(field) {
        case .text(let text) where !text.trimmed.isEmpty: values[field] = text.trimmed
        case .number(let number):
          values[field] = Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        default: break
        }
      }
      let amount = money.flatMap { row.value($0.name) }
      accounts.append(
        Entry(
          id: id, arr: amount?.number, hasUnreadableARR: amount.map { $0 != .null && $0.number == nil } ?? false,
          values: values))
    }
    roster.accounts = accounts
    return roster
  }
}
