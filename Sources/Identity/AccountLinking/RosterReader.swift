import Connectors
import Formats
import HTTPClient
import HealthSources
import Identity
import Intercom
import Jira
import Looker
import Salesforce

/// Reads every system's accounts, within the vendors' limits and read only.
public struct RosterReader: Sendable {
  private let rules: SourceRules
  private let credentials: SourceCredentials
  private let connection: SourceConnection

  public init(rules: SourceRules, credentials: SourceCredentials, connection: SourceConnection) {
    self.rules = rules
    self.credentials = credentials
    self.connection = connection
  }

  /// What Salesforce says of an account that the matcher compares.
  private static let accountFields = [
    "Name", "Website", "Phone", "BillingStreet", "BillingPostalCode", "BillingCity", "BillingState", "BillingCountry",
  ]

  /// - Throws: What Salesforce's client throws: without its accounts there is nothing to link. Another system that can't be
  ///   read is a warning.
  public func read() async throws -> Rosters {
    guard let credentials = credentials[SalesforceSource.self] else {
      throw SourceError(
        .notConfigured,
        "Salesforce has no credentials; set SF_CLIENT_ID and SF_CLIENT_SECRET: links begin with its accounts")
    }
    let (client, api) = SalesforceSource.client(credentials, rules[SalesforceSource.self], by: connection)
    let accounts = try await AccountRoster.reading(
      client, fields: Self.accountFields, withIdentifiers: true, arr: rules[SalesforceSource.self].account.arr)
    var rosters = Rosters(
      salesforce: Self.roster(accounts), systems: [:],
      hasARR: accounts.hasARR && !accounts.accounts.contains(where: \.hasUnreadableARR), requests: api.usage.requests)
    for system in LinkedSystem.allCases {
      do {
        guard let (roster, requests) = try await roster(of: system, &rosters.warnings) else {
          rosters.warnings.append("\(system.source.title) is inactive: no credentials are set")
          continue
        }
        rosters.systems[system] = roster
        rosters.requests += requests
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        rosters.warnings.append("\(system.source.title) could not be read: \(system.source.message(for: error))")
      }
    }
    return rosters
  }

  private static func roster(_ accounts: AccountRoster) -> Roster {
    let entries = accounts.accounts.map { account in
      func text(_ field: String) -> String { account.values[field] ?? "" }
      return Roster.Entry(
        id: account.id.description,
        organisation: Organisation(
          id: account.id.description, name: text("Name"), website: text("Website"), phone: text("Phone"),
          street: text("BillingStreet"), postcode: text("BillingPostalCode"), city: text("BillingCity"),
          state: text("BillingState"), country: text("BillingCountry")),
        identifiers: account.values, arr: account.arr)
    }
    return Roster(entries: entries, fields: ["Name", "Website", "Phone"] + accounts.identifiers)
  }

  /// Nil where the system has no credentials.
  ///
  /// - Parameter warnings: Gets what is configured and matches nothing, and what may not be seen.
  private func roster(
    of system: LinkedSystem, _ warnings: inout [String]
  ) async throws -> (Roster, requests: Int)? {
    switch system {
    case .intercom:
      guard let credentials = credentials[IntercomSource.self] else { return nil }
      let (client, api) = IntercomSource.client(credentials, rules[IntercomSource.self], by: connection)
      return (Self.roster(try await client.companyProfiles()), api.usage.requests)
    case .looker:
      guard let credentials = credentials[LookerSource.self] else { return nil }
      let rules = rules[LookerSource.self]
      let (client, api) = LookerSource.client(credentials, rules, by: connection)
      return (try await brands(client, rules, &warnings), api.usage.requests)
    case .jira:
      guard let credentials = credentials[JiraSource.self] else { return nil }
      let (client, api) = JiraSource.client(credentials, rules[JiraSource.self], by: connection)
      return (try await components(client, &warnings), api.usage.requests)
    }
  }

  private static func roster(_ companies: [CompanyProfile]) -> Roster {
    var fields: Set<String> = []
    let entries = companies.compactMap { company -> Roster.Entry? in
      guard let id = company.companyID ?? company.id else { return nil }
      fields.formUnion(company.attributes.keys)
      return Roster.Entry(
        id: id, otherID: company.id,
        organisation: Organisation(id: id, name: company.name ?? "", website: company.website ?? ""),
        identifiers: company.attributes.merging(
          ["company_id": id, "name": company.name, "website": company.website].compactMapValues {
            $0.flatMap { $0.isEmpty ? nil : $0 }
          }
        ) { $1 })
    }
    let own = ["company_id", "name", "website"]
    return Roster(entries: entries.unique, fields: own + fields.subtracting(own).sorted())
  }

  /// The Looks that name their brands; the one about bookings where none does.
  private func brands(
    _ client: LookerClient, _ rules: LookerRules, _ warnings: inout [String]
  ) async throws -> Roster {
    let named = rules.looks.filter { $0.brandName != nil }
    if named.isEmpty {
      warnings.append(
        "no Look names its brands, so they are linked by ids only; set brand_name of a Look in sources.yaml")
    }
    var names: [String: String] = [:]
    var ids: [String] = []
    for look in named.isEmpty ? [rules.bookings.look] : named {
      let columns = [look.brand] + [look.brandName].compactMap(\.self)
      let table = try await client.run(
        look: look.lookID, columns: columns, limit: rules.client.rowLimit, timeout: look.timeout)
      if let name = look.brandName, !table.rows.isEmpty, table.rows.allSatisfy({ $0[1]?.id == nil }) {
        warnings.append(
          "Look \(look.lookID) has no \(name), or it is empty in every row: its brands have no names; correct brand_name in sources.yaml"
        )
      }
      for row in table.rows {
        guard let id = row[0]?.id else { continue }
        if names[id] == nil { ids.append(id) }
        let name = row.count > 1 ? row[1]?.id ?? "" : ""
        names[id] = names[id].flatMap { $0.isEmpty ? nil : $0 } ?? name
      }
    }
    let entries = ids.map { id -> Roster.Entry in
      let name = names[id] ?? ""
      return Roster.Entry(
        id: id, organisation: Organisation(id: id, name: name),
        identifiers: ["brand_id": id].merging(name.isEmpty ? [:] : ["brand_name": name]) { $1 })
    }
    return Roster(entries: entries.unique, fields: ["brand_id", "brand_name"])
  }

  private func components(_ client: JiraClient, _ warnings: inout [String]) async throws -> Roster {
    let flavour = try await client.flavour()
    var entries: [Roster.Entry] = []
    for project in try await client.projects(flavour) {
      guard let components = try await client.componentList(ofProject: project.key, flavour) else {
        warnings.append(
          "Jira: the user may not see the components of \(project.key), so nothing is proposed from it")
        continue
      }
      for component in components {
        let id = "\(project.key)/\(component.name)"
        var identifiers = ["component": component.name]
        if let text = component.description?.trimmed, !text.isEmpty { identifiers["description"] = text }
        entries.append(
          Roster.Entry(id: id, organisation: Organisation(id: id, name: component.name), identifiers: identifiers))
      }
    }
    return Roster(entries: entries.unique, fields: ["component", "description"])
  }
}

extension LinkedSystem {
  /// The vendor.
  var source: SourceID {
    switch self {
    case .intercom: .intercom
    case .looker: .looker
    case .jira: .jira
    }
  }
}

extension [Roster.Entry] {
  /// Each id once.
  fileprivate var unique: [Roster.Entry] {
    var seen: Set<String> = []
    return filter { seen.insert($0.id).inserted }
  }
}
