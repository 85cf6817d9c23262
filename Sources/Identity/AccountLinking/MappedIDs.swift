import Formats
import HealthModel

/// The ids that the mapping has now.
public struct MappedIDs: Sendable {
  private var links: [SalesforceID: AccountLinks] = [:]

  /// - Parameter accounts: Rows of the mapping; those without a Salesforce id link nothing.
  public init(_ accounts: [MappedAccount]) {
    for account in accounts {
      if let id = account.salesforceID { links[id] = account.links }
    }
  }

  /// Salesforce accounts that have a row.
  public var accounts: Set<SalesforceID> { Set(links.keys) }

  /// An account's id in a system; nil where it has none.
  public func id(_ account: SalesforceID, _ system: LinkedSystem) -> String? {
    guard let links = links[account] else { return nil }
    let cells = Dictionary(uniqueKeysWithValues: links.columns.map { ($0.name, $0.id ?? "") })
    return system.id(cells)
      ?? (system == .intercom ? links.intercomInternalID : nil)
  }

  /// All ids in a system that accounts are linked to.
  public func ids(_ system: LinkedSystem) -> Set<String> { Set(links.keys.compactMap { id($0, system) }) }
}
