/// How far two rows agree in one respect. Levels are what the Fellegi–Sunter model counts.
protocol Level: CaseIterable, RawRepresentable, Sendable where RawValue == UInt8 {
  /// The level of a respect that one of the rows does not have. It speaks neither for nor against.
  static var missing: Self { get }
}

enum NameLevel: UInt8, Level {
  /// The same after normalising; legal forms agree, or only one row has one.
  case equal
  /// The same but for the legal form.
  case otherForm
  case nearlyEqual
  // How alike, and then whether they have a word in common that hardly another row has.
  case veryAlike, alike, similar, somewhat, little
  case veryAlikeByRareWord, alikeByRareWord, similarByRareWord, somewhatByRareWord, littleByRareWord
  /// One is the other's initials.
  case acronym
  case different
  /// Other numbers: `Hotel 2` and `Hotel 3`.
  case numbersDiffer
  /// Only one has a number.
  case numberMissing
  case missing

  /// Whether the names are so little alike that two other keys don't make up for it: two firms in one house.
  var isDoubtful: Bool { [.somewhat, .little, .littleByRareWord, .different, .numberMissing].contains(self) }

  /// Whether a person has to look before a name alone decides.
  var isClose: Bool {
    rawValue <= NameLevel.alike.rawValue || self == .numbersDiffer || self == .numberMissing
      || [.veryAlikeByRareWord, .alikeByRareWord, .similarByRareWord].contains(self)
  }

  /// Whether a person might take one for the other.
  var isAgreement: Bool { rawValue <= NameLevel.veryAlike.rawValue || self == .veryAlikeByRareWord }
}

enum DomainLevel: UInt8, Level {
  case equal
  /// The same, but other rows of the file have it too.
  case shared
  /// `example.com` and `example.de`.
  case sameLabel
  case different, missing
}

enum PhoneLevel: UInt8, Level {
  case equal, shared
  /// The same but for the last two digits.
  case near
  case different, missing
}

enum AddressLevel: UInt8, Level {
  /// Number, street and place.
  case equal
  /// Number and street; the place is unknown.
  case sameStreet
  /// An address that other rows of the file have too, or number and street in another place.
  case shared
  /// The street, but another number, or none.
  case otherNumber
  /// The same postcode, of two rows without streets.
  case samePlace
  case samePostcode, sameCity, different, missing
}

enum KeyLevel: UInt8, Level {
  case equal, different, missing
}

/// One pair's levels.
struct Levels: Sendable, Hashable {
  var name: NameLevel = .missing
  var domain: DomainLevel = .missing
  var phone: PhoneLevel = .missing
  var address: AddressLevel = .missing
  var key: KeyLevel = .missing

  static let fields = [
    NameLevel.allCases.count, DomainLevel.allCases.count, PhoneLevel.allCases.count, AddressLevel.allCases.count,
    KeyLevel.allCases.count,
  ]
  static let missing = [
    NameLevel.missing.rawValue, DomainLevel.missing.rawValue, PhoneLevel.missing.rawValue,
    AddressLevel.missing.rawValue, KeyLevel.missing.rawValue,
  ].map(Int.init)

  /// A level for each field, in the order of ``fields``.
  subscript(field: Int) -> Int {
    switch field {
    case 0: Int(name.rawValue)
    case 1: Int(domain.rawValue)
    case 2: Int(phone.rawValue)
    case 3: Int(address.rawValue)
    default: Int(key.rawValue)
    }
  }

  /// The independent keys that agree: domain, phone, address, name.
  var agreements: Int {
    (name.isAgreement ? 1 : 0) + (domain == .equal ? 1 : 0) + (phone == .equal ? 1 : 0)
      + (address == .equal || address == .sameStreet ? 1 : 0)
  }

  /// Whether a key says that these are two organisations.
  var contradicts: Bool {
    if name == .numbersDiffer || domain == .different || phone == .different || key == .different { return true }
    return switch address {
    case .otherNumber, .samePostcode, .sameCity, .different: true
    default: false
    }
  }
}
