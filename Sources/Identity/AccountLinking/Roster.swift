import Formats
import Identity

/// All accounts of one system, mapped or not.
public struct Roster: Sendable {
  public struct Entry: Sendable {
    /// What the mapping would name it.
    public var id: String
    /// What the mapping may name it too: Intercom's own id of a company. Nil where there is none.
    public var otherID: String?
    /// What there is to compare it by.
    public var organisation: Organisation
    /// Fields that may hold other systems' ids: name → value, without empty ones.
    public var identifiers: [String: String]
    /// Of a Salesforce account; nil where it is not known.
    public var arr: Double?

    public init(
      id: String, otherID: String? = nil, organisation: Organisation, identifiers: [String: String] = [:],
      arr: Double? = nil
    ) {
      self.id = id
      self.otherID = otherID
      self.organisation = organisation
      self.identifiers = identifiers
      self.arr = arr
    }

    /// Its ids as a run compares them: without regard to case.
    var keys: [String] { [id, otherID].compactMap { $0?.comparisonKey } }
  }

  public var entries: [Entry]
  /// The fields of ``Entry/identifiers``, in the system's order.
  public var fields: [String]

  public init(entries: [Entry] = [], fields: [String] = []) {
    self.entries = entries
    self.fields = fields
  }

  func values(_ field: String) -> [String] { entries.compactMap { $0.identifiers[field] } }
}

/// The rosters of all systems that have credentials.
public struct Rosters: Sendable {
  public var salesforce: Roster
  /// Systems without credentials, or that could not be read, are missing.
  public var systems: [LinkedSystem: Roster]
  /// Whether the org has the field for the annual recurring revenue, and it holds numbers.
  public var hasARR: Bool
  /// One line each: systems that are inactive, and why others could not be read.
  public var warnings: [String]
  /// Requests that were sent.
  public var requests: Int

  public init(
    salesforce: Roster, systems: [LinkedSystem: Roster], hasARR: Bool = true, warnings: [String] = [], requests: Int = 0
  ) {
    self.salesforce = salesforce
    self.systems = systems
    self.hasARR = hasARR
    self.warnings = warnings
    self.requests = requests
  }
}
