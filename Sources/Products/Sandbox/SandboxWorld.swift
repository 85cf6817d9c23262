import Formats
import HealthModel
import Time

/// An invented customer of the sandbox, and its ids at each vendor.
public struct SandboxAccount: Sendable {
  /// Position in the world's accounts, from 0.
  public let index: Int
  /// Clearly invented, such as `Zorvalle Hotel (sample 0001)`.
  public let name: String
  /// Begins with `001`, Salesforce's prefix for accounts.
  public let salesforceID: SalesforceID
  /// The workspace's own company id, such as `sample-0001`.
  public let intercomCompanyID: String
  /// Intercom's company id: 24 hexadecimal digits.
  public let intercomInternalID: String
  /// Looker's id, a number from 9000 on as text.
  public let brandID: String
  /// Key of its Jira project. Accounts share four projects.
  public let project: String
  /// Name of the Jira component that its bugs carry.
  public let component: String
  /// The mapping leaves out every 25th account's segment, so that the ARR decides.
  public let segment: Segment
  /// Annual recurring revenue, a multiple of 100: from 250,000 for paid, up to 240,000 for standard accounts.
  public let arr: Double
  /// From 0 (about to leave) to 1 (very satisfied).
  let quality: Double
  let peculiarity: Peculiarity

  /// A special case of the account. Together they cause every kind of result.
  enum Peculiarity: Sendable {
    case none
    /// Nobody wrote in the whole month.
    case silent
    /// The mapping names an Intercom company that does not exist.
    case unknownCompany
    /// The mapping has no Jira component.
    case noJira
    /// The mapping names a component that does not exist.
    case unknownComponent
    /// The mapping has no Looker id.
    case noLooker
    /// The mapping names a brand that Looker does not know.
    case unknownBrand
    /// Brand-new: little is known anywhere.
    case justSigned
    case confirmedCritical, suspectedCritical, twoCritical, moderate, watch, monitoring
  }
}

/// A clearly invented set of accounts, made from a seed. The data of all months is alike, so that any month can be
/// scored.
public struct SandboxWorld: Sendable {
  /// In the order of their index.
  public let accounts: [SandboxAccount]
  /// The month that contracts and signals are arranged around.
  public let period: Period
  /// The same seed gives the same world on every machine.
  public let seed: String
  /// Number of conversations per account and month; nil for realistic numbers that differ.
  public let conversationsPerAccount: Int?
  /// How this world's vendors differ from most; empty for the usual ones.
  public let varieties: Set<SandboxVariety>
  /// Organisations that the mapping does not name.
  public let unmapped: IdentityMess

  public init(
    accounts count: Int = 120, period: Period, seed: String = "sandbox", conversationsPerAccount: Int? = nil,
    varieties: Set<SandboxVariety> = [], unmapped: Int = 0
  ) {
    self.unmapped = IdentityMess(count: unmapped, seed: seed)
    self.period = period
    self.seed = seed
    self.conversationsPerAccount = conversationsPerAccount
    self.varieties = varieties
    accounts = (0..<count).map { SandboxWorld.account($0, seed: seed) }
  }

  static let projects = ["STAY", "DESK", "KEYS", "DATA"]

  func has(_ variety: SandboxVariety) -> Bool { varieties.contains(variety) }

  private static func account(_ index: Int, seed: String) -> SandboxAccount {
    var random = SandboxRandom(seed, "account", "\(index)")
    let quality = min(1, max(0, quality(index, &random)))
    let segment: Segment = random.isTrue(0.4) ? .paid : .standard
    let arr = segment == .paid ? random.number(250_000...900_000) : random.number(30_000...240_000)
    let number = padded(index + 1, to: 4)
    let name = "\(name(index)) (sample \(number))"
    // 001 is Salesforce's prefix for accounts.
    guard let salesforceID = SalesforceID("001SBx" + padded(index + 1, to: 9)) else {
      preconditionFailure("15 letters and digits are an id")
    }
    return SandboxAccount(
      index: index, name: name, salesforceID: salesforceID,
      intercomCompanyID: "sample-\(number)", intercomInternalID: "65a0" + hex(UInt64(index + 1), digits: 20),
      brandID: "\(9000 + index)", project: projects[index % projects.count], component: "Sample \(number)",
      segment: segment, arr: (arr / 100).rounded() * 100, quality: quality, peculiarity: peculiarity(index))
  }

  private static func quality(_ index: Int, _ random: inout SandboxRandom) -> Double {
    switch index % 20 {
    case 0..<5: random.number(0.88...1)
    case 5..<12: random.number(0.6...0.85)
    case 12..<17: random.number(0.3...0.55)
    default: random.number(0...0.25)
    }
  }

  private static func peculiarity(_ index: Int) -> SandboxAccount.Peculiarity {
    switch index % 60 {
    case 3: .silent
    case 7: .unknownCompany
    case 11, 41: .noJira
    case 13: .unknownComponent
    case 17: .noLooker
    case 19: .unknownBrand
    case 23: .justSigned
    case 2: .confirmedCritical
    case 8: .suspectedCritical
    case 22: .twoCritical
    case 5, 31: .moderate
    case 28: .watch
    case 34: .monitoring
    default: .none
    }
  }

  /// Made of syllables that mean nothing.
  private static func name(_ index: Int) -> String {
    let beginnings = ["Zor", "Quil", "Brin", "Vex", "Lum", "Tarn", "Ostra", "Myr", "Fen", "Drao", "Ulth", "Plim"]
    let ends = ["valle", "lowmere", "dlefax", "andra", "borrow", "wickle", "quay", "oria", "thorpen", "dune"]
    let kinds = ["Hotel", "Resort", "Suites", "Lodge", "Inn", "Residences"]
    return
      "\(beginnings[index % beginnings.count])\(ends[(index / beginnings.count + index) % ends.count]) \(kinds[index % 7 % kinds.count])"
  }

  /// `account_mapping.csv` for this world.
  public var mapping: String {
    var text = CSV.line([
      "sf_account_id", "intercom_company_id", "looker_customer_id", "account_name", "segment", "jira_project_key",
      "jira_component",
    ])
    for account in accounts {
      let odd = account.peculiarity
      let company = odd == .unknownCompany ? "sample-unknown-\(account.index)" : account.intercomCompanyID
      let brand = odd == .noLooker ? "" : odd == .unknownBrand ? "unknown-\(account.index)" : account.brandID
      let component = odd == .unknownComponent ? "No such component \(account.index)" : account.component
      // In some rows the segment is empty, so that the ARR decides.
      let segment = account.index % 25 == 24 ? "" : account.segment.rawValue
      let isUnmapped = odd == .noJira || odd == .justSigned
      text += CSV.line([
        account.salesforceID.description, odd == .justSigned ? "" : company, odd == .justSigned ? "" : brand,
        account.name, segment, isUnmapped ? "" : account.project, isUnmapped ? "" : component,
      ])
    }
    return text
  }
}

func padded(_ value: Int, to width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

func hex(_ value: UInt64, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
