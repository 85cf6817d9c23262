import Formats

/// An invented organisation that the mapping does not name yet, as each system knows it.
public struct UnmappedOrganisation: Sendable {
  /// As a system shows it: its id there, its name, and what else it says.
  public struct Appearance: Sendable {
    public var id: String
    public var name: String
    public var website: String
  }

  public let salesforceID: SalesforceID
  public let accountName: String
  public let website: String
  public let phone: String
  public let city: String
  public let arr: Double
  /// What a field of the org says of the brand's id in Looker; empty where nobody filled it in.
  public let brandReference: String
  /// Nil where the system does not know it.
  public let company: Appearance?
  /// The Salesforce id that the company carries as an attribute, as an integration pushed it; empty where it did not.
  public let pushedID: String
  public let brand: Appearance?
  /// Its id is `PROJECT/component`.
  public let component: Appearance?
}

/// Organisations under names that differ from system to system, the way people and integrations leave them, and strangers that
/// stand in one system only.
public struct IdentityMess: Sendable {
  public let organisations: [UnmappedOrganisation]
  /// Companies of Intercom that no account stands for.
  public let strangers: [UnmappedOrganisation.Appearance]

  /// - Parameter count: How many accounts; a tenth as many strangers come on top.
  public init(count: Int, seed: String) {
    organisations = (0..<count).map { Self.organisation($0, seed) }
    strangers = (0..<(count / 10)).map { index in
      var random = SandboxRandom(seed, "stranger", "\(index)")
      let name = "\(Self.word(4000 + index)) \(random.pick(["Trading", "Consulting", "Partners"]))"
      return .init(id: "guest-\(padded(index + 1, to: 3))", name: name, website: "")
    }
  }

  private static let towns = ["Port Ellery", "Nordhavn", "Castra", "Ville-Basse", "Oakmere", "Sankt Orlin"]
  private static let trades = [
    "Hotels", "Resorts", "Hospitality", "Collection", "Retreats", "Lodging", "Stays", "Inns",
  ]
  private static let forms = ["Inc.", "GmbH", "Ltd", "S.A.", "LLC", "B.V.", "", ""]

  /// A made-up word for a number.
  private static func word(_ number: Int) -> String {
    var random = SandboxRandom("word", "\(number)")
    let head = random.pick([
      "Ab", "Cor", "Del", "Es", "Fal", "Gor", "Hav", "Il", "Jor", "Kel", "Lor", "Mon", "Nar", "Or",
    ])
    let middle = random.pick(["a", "e", "i", "o", "u", "ae", "ia", "ou", "y", "ei", "au"])
    let link = random.pick(["l", "nt", "rs", "v", "d", "k", "mb", "st", "ck", "zz", "ph", "gn"])
    let tail = random.pick(["ambra", "estow", "ulund", "iquist", "andria", "ovost", "umark", "erion", "ithal", "owyn"])
    return head + middle + link + tail
  }

  private static func organisation(_ index: Int, _ seed: String) -> UnmappedOrganisation {
    var random = SandboxRandom(seed, "unmapped", "\(index)")
    let number = padded(index + 1, to: 4)
    // Every sixteenth begins a brand with three more properties.
    let family = index % 16 < 4 ? index / 16 * 16 : index
    let isProperty = index % 16 < 4
    let town = towns[index % towns.count]
    let brand = "\(word(family)) \(trades[family % trades.count])"
    let name = isProperty ? "\(brand) \(town)" : brand
    let host = word(family).lowercased() + "\(family % 7 == 3 ? "-group" : "").example"
    let form = forms[index % forms.count]
    let hasSite = !random.isTrue(0.1)
    let website = hasSite ? (index % 3 == 0 ? "https://www.\(host)/" : host) : ""
    let salesforceID = SalesforceID("001SBy" + padded(index + 1, to: 9))
    guard let salesforceID else { preconditionFailure("15 letters and digits are an id") }
    let isPushed = index % 4 == 1 || isProperty
    let knows = (
      company: !random.isTrue(0.06), brand: !random.isTrue(0.12), component: !random.isTrue(0.2)
    )
    return UnmappedOrganisation(
      salesforceID: salesforceID, accountName: form.isEmpty ? name : "\(name) \(form)", website: website,
      phone: random.isTrue(0.5)
        ? "+1 555 \(padded(index % 900 + 100, to: 3)) \(padded(index * 37 % 10_000, to: 4))" : "",
      city: town, arr: (random.number(12_000...300_000) / 100).rounded() * 100,
      brandReference: isProperty || index % 3 == 0 ? "brand:\(70_000 + index)" : "",
      company: knows.company
        ? .init(
          id: "org_\(number)", name: companyName(name, index, &random), website: hasSite && index % 5 != 4 ? host : "")
        : nil,
      pushedID: isPushed ? "crm-" + String(salesforceID.description.prefix(index % 2 == 0 ? 15 : 18)) : "",
      brand: knows.brand ? .init(id: "\(70_000 + index)", name: brandName(name, index, &random), website: "") : nil,
      component: knows.component
        ? .init(
          id: "\(SandboxWorld.projects[index % 4])/\(componentName(name, index))", name: componentName(name, index),
          website: "") : nil)
  }

  /// What somebody typed into the support tool.
  private static func companyName(_ name: String, _ index: Int, _ random: inout SandboxRandom) -> String {
    switch index % 11 {
    case 0: name.uppercased()
    case 1: name.lowercased()
    case 2: "The \(name)"
    case 3: mistyped(name, &random)
    case 4: "\(name) (trial)"
    case 5: "\(name), Inc"
    case 6: name.replacing(" ", with: "-")
    default: name
    }
  }

  /// What the warehouse took from a booking system.
  private static func brandName(_ name: String, _ index: Int, _ random: inout SandboxRandom) -> String {
    switch index % 9 {
    case 0: name.uppercased()
    case 1: name.replacing("o", with: "\u{F6}")
    case 2: index % 2 == 0 ? mistyped(name, &random) : name
    default: name
    }
  }

  /// What engineers named it.
  private static func componentName(_ name: String, _ index: Int) -> String {
    index % 8 == 5 ? name.replacing(" ", with: "_") : name
  }

  /// With one letter left out, not the first one.
  private static func mistyped(_ name: String, _ random: inout SandboxRandom) -> String {
    var letters = Array(name)
    letters.remove(at: random.whole(2...max(2, letters.count / 2)))
    return String(letters)
  }
}

extension SandboxWorld {
  /// The true links of all accounts, whatever the mapping says: `sf_account_id,system,candidate_id`.
  public var links: String {
    var text = CSV.line(["sf_account_id", "system", "candidate_id"])
    func add(_ account: SalesforceID, _ links: [(String, String?)]) {
      for case (let system, let id?) in links { text += CSV.line([account.description, system, id]) }
    }
    for account in accounts {
      let isInLooker = ![.justSigned, .unknownBrand].contains(account.peculiarity)
      let isInJira = account.peculiarity != .unknownComponent
      add(
        account.salesforceID,
        [
          ("intercom", FakeConversation.companyID(account, self)), ("looker", isInLooker ? account.brandID : nil),
          ("jira", isInJira ? "\(account.project)/\(account.component)" : nil),
        ])
    }
    for organisation in unmapped.organisations {
      add(
        organisation.salesforceID,
        [
          ("intercom", organisation.company?.id), ("looker", organisation.brand?.id),
          ("jira", organisation.component?.id),
        ])
    }
    return text
  }
}
