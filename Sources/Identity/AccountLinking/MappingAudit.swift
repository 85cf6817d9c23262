import Formats
import Identity

/// What identifiers each system has, and which way of linking they support.
public struct MappingAudit: Sendable {
  public struct Identifier: Sendable, Equatable {
    public var field: String
    /// Percent of the system's accounts that have a value.
    public var filledPercent: Double
    /// Percent of the values that no other account of the system has.
    public var uniquePercent: Double
    /// The system whose ids the values are, such as `intercom`; nil where they are none.
    public var looksLike: String?
  }

  public struct System: Sendable, Equatable {
    /// `salesforce`, `intercom`, `looker` or `jira`.
    public var name: String
    public var accounts: Int
    /// Different ids of the system that rows of the mapping name.
    public var mapped: Int
    public var identifiers: [Identifier]
  }

  /// One of the four ways in which accounts can be linked.
  public struct Strategy: Sendable, Equatable {
    public var name: String
    public var isSupported: Bool
    /// One sentence with the figures that decide.
    public var why: String
  }

  public var systems: [System] = []
  /// Salesforce accounts without a row.
  public var unmappedAccounts = 0
  /// Nil where it can't be told: the org has no field for it, an amount is no number, or none is filled in.
  public var unmappedARR: Double?
  public var strategies: [Strategy] = []

  /// From this percentage on enough accounts have an identifier.
  private static let enough = 50.0

  public init(_ rosters: Rosters, mapped: MappedIDs) {
    let ids =
      [("salesforce", rosters.salesforce.entries.map(\.id))]
      + LinkedSystem.allCases.compactMap { system in
        rosters.systems[system].map { (system.rawValue, $0.entries.map(\.id)) }
      }
    func system(_ name: String, _ roster: Roster, mapped: Int) -> System {
      System(
        name: name, accounts: roster.entries.count, mapped: mapped,
        identifiers: roster.fields.map { Self.identifier($0, roster, own: name, ids) })
    }
    systems = [system("salesforce", rosters.salesforce, mapped: mapped.accounts.count)]
    for linked in LinkedSystem.allCases {
      guard let roster = rosters.systems[linked] else { continue }
      systems.append(system(linked.rawValue, roster, mapped: mapped.ids(linked).count))
    }
    let open = rosters.salesforce.entries.filter { entry in
      SalesforceID(entry.id).map { !mapped.accounts.contains($0) } ?? true
    }
    unmappedAccounts = open.count
    let amounts = open.compactMap(\.arr)
    unmappedARR = rosters.hasARR && (open.isEmpty || !amounts.isEmpty) ? amounts.reduce(0, +) : nil
    strategies = strategies(rosters)
  }

  private static func identifier(
    _ field: String, _ roster: Roster, own: String, _ ids: [(system: String, ids: [String])]
  ) -> Identifier {
    let values = roster.values(field)
    let counts = values.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    let single = counts.values.count { $0 == 1 }
    let like = ids.filter { $0.system != own }.map { ($0.system, Matcher.sharedValues(of: values, with: $0.ids)) }
      .filter { $0.1 >= Suggestions.sameIDs }.max { $0.1 < $1.1 }
    // Ids of accounts that are gone, or that the user can't see, are still Salesforce's.
    let areSalesforce =
      own != "salesforce" && !values.isEmpty
      && values.count { SalesforceID($0) != nil && $0.hasPrefix("001") } * 10 >= values.count * 8
    return Identifier(
      field: field, filledPercent: percent(values.count, roster.entries.count),
      uniquePercent: percent(single, counts.count), looksLike: like?.0 ?? (areSalesforce ? "salesforce" : nil))
  }

  private static func percent(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : (1000 * Double(part) / Double(whole)).rounded() / 10
  }

  private func strategies(_ rosters: Rosters) -> [Strategy] {
    [pushedID, sharedID, fuzzy(rosters), table]
  }

  /// Where another system keeps Salesforce's id.
  private var pushedID: Strategy {
    let best = systems.dropFirst().flatMap { system in
      system.identifiers.filter { $0.looksLike == "salesforce" }.map { (system.name, $0) }
    }.max { $0.1.filledPercent < $1.1.filledPercent }
    guard let best else {
      return Strategy(
        name: "pushed Salesforce id", isSupported: false, why: "no field of another system holds Salesforce ids")
    }
    return Strategy(
      name: "pushed Salesforce id", isSupported: best.1.filledPercent >= Self.enough,
      why: "\(best.0) keeps Salesforce ids in \(best.1.field), of \(best.1.filledPercent) % of its accounts")
  }

  /// Where two systems name an account by one id.
  private var sharedID: Strategy {
    let found = systems.flatMap { system in
      system.identifiers.compactMap { identifier in
        identifier.looksLike.flatMap { $0 == "salesforce" ? nil : (system.name, identifier, $0) }
      }
    }.max { $0.1.filledPercent < $1.1.filledPercent }
    guard let found else {
      return Strategy(
        name: "shared company_id", isSupported: false, why: "no field of one system holds the ids of another one")
    }
    return Strategy(
      name: "shared company_id", isSupported: found.1.filledPercent >= Self.enough,
      why:
        "\(found.0) has ids of \(found.2) in \(found.1.field), of \(found.1.filledPercent) % of its accounts")
  }

  private func fuzzy(_ rosters: Rosters) -> Strategy {
    func share(_ roster: Roster, _ has: (Organisation) -> Bool) -> Double {
      Self.percent(roster.entries.count { has($0.organisation) }, roster.entries.count)
    }
    let named =
      [("salesforce", rosters.salesforce)]
      + LinkedSystem.allCases.compactMap { system in
        rosters.systems[system].map { (system.rawValue, $0) }
      }
    let names = named.map { "\($0.0) \(share($0.1) { !$0.name.isEmpty }) %" }
    let sites = named.map { share($0.1) { !$0.website.isEmpty } }
    let isSupported = named.count > 1 && named.allSatisfy { share($0.1) { !$0.name.isEmpty } >= Self.enough }
    return Strategy(
      name: "fuzzy with people", isSupported: isSupported,
      why:
        "accounts with a name: \(names.joined(separator: ", ")); with a website: \(zip(named, sites).map { "\($0.0) \($1) %" }.joined(separator: ", "))"
    )
  }

  private var table: Strategy {
    Strategy(
      name: "table", isSupported: true,
      why: "always possible: \(unmappedAccounts) accounts of Salesforce would need a row by hand")
  }
}
