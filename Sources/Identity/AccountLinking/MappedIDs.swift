import Formats
import HealthModel

/// The ids that the mapping has now.
public struct MappedIDs: Sendable {
  private var links: [SalesforceID: AccountLinks] = [:]
  /// Of rows without a Salesforce id.
  private var others: [AccountLinks] = []

  /// - Parameter accounts: Rows of the mapping.
  public init(_ accounts: [MappedAccount]) {
    for account in accounts {
      if let id = account.salesforceID { links[id] = account.links } else { others.append(account.links) }
    }
  }

  /// Salesforce accounts that have a row.
  public var accounts: Set<SalesforceID> { Set(links.keys) }

  /// An account's id in a system; nil where it has none.
  public func id(_ account: SalesforceID, _ system: LinkedSystem) -> String? {
    links[account].flatMap { Self.id($0, system) }
  }

  /// All ids in a system that rows name.
  public func ids(_ system: LinkedSystem) -> Set<String> {
    Set((links.values + others).compactMap { Self.id($0, system) })
  }

  /// An account's ids in a system as a run compares them: of Intercom up to two, each of which is enough.
  func keys(_ account: SalesforceID, _ system: LinkedSystem) -> [String] {
    links[account].map { Self.keys($0, system) } ?? []
  }

  /// As ``keys(_:_:)``, of all rows.
  func keys(_ system: LinkedSystem) -> Set<String> { Set((links.values + others).flatMap { Self.keys($0, system) }) }

  private static func keys(_ links: AccountLinks, _ system: LinkedSystem) -> [String] {
    [id(links, system), system == .intercom ? links.intercomInternalID : nil].compactMap { $0?.comparisonKey }
  }

  private static func id(_ links: AccountLinks, _ system: LinkedSystem) -> String? {
    let cells = Dictionary(uniqueKeysWithValues: links.columns.map { ($0.name, $0.id ?? "") })
    return system.id(cells) ?? (system == .intercom ? links.intercomInternalID : nil)
  }
}
