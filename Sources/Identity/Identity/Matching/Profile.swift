/// A row prepared for comparison.
struct Profile: Sendable {
  /// The readings of the name, the whole one first; empty where there is none.
  var names: [IndexedName] = []
  var form: NameForm
  var domains: [WebDomain]
  var phone: PhoneNumber?
  var address: StreetAddress?
  /// Whether other rows of the same file have it too.
  var sharesDomain = false
  var sharesPhone = false
  var sharesAddress = false
  /// By key, where the row's value is the only one in its file.
  var keys: [String: String]
  var readings: [NameForm]

  /// - Parameter country: An ISO 3166 code, for rows that name none.
  init(_ row: Organisation, keys: [String: String], country: String?) {
    readings = NameForm.readings(of: row.name).filter { !$0.words.isEmpty }
    form = readings.first ?? NameForm("")
    domains = []
    for text in [row.domain, row.website, row.email] {
      if let domain = WebDomain(text), !domains.contains(domain) { domains.append(domain) }
    }
    let home = CallingCodes.country(row.country) ?? country
    phone = PhoneNumber(row.phone, country: home)
    address = StreetAddress(street: row.street, postcode: row.postcode, city: row.city)
    self.keys = keys
  }

  /// An address as a key; nil where it has no number or no street.
  var addressKey: String? {
    guard let address, let number = address.number, !address.street.isEmpty else { return nil }
    let words = address.street.filter { !AddressWords.kinds.contains($0) }.sorted()
    return "\(number) \(words.isEmpty ? address.street.joined(separator: " ") : words.joined(separator: " "))"
  }
}

/// All rows of one side.
struct ProfileTable: Sendable {
  var rows: [Profile]

  init(_ organisations: [Organisation], keys: [[String: String]], country: String?) {
    rows = zip(organisations, keys).map { Profile($0, keys: $1, country: country) }
    let domains = Self.counts(rows.flatMap { Set($0.domains.map(\.text)) })
    let phones = Self.counts(rows.compactMap { $0.phone?.national })
    let addresses = Self.counts(
      rows.compactMap { row in row.addressKey.map { $0 + "|" + (row.address?.postcode ?? "") } })
    for index in rows.indices {
      rows[index].sharesDomain = rows[index].domains.contains { domains[$0.text, default: 0] > 1 }
      rows[index].sharesPhone = rows[index].phone.map { phones[$0.national, default: 0] > 1 } ?? false
      let row = rows[index]
      rows[index].sharesAddress =
        row.addressKey.map { addresses[$0 + "|" + (row.address?.postcode ?? ""), default: 0] > 1 } ?? false
    }
  }

  mutating func lookUp(_ vocabulary: Vocabulary) {
    for index in rows.indices { rows[index].names = rows[index].readings.map { IndexedName($0, vocabulary) } }
  }

  private static func counts(_ texts: [String]) -> [String: Int] {
    texts.reduce(into: [:]) { counts, text in counts[text, default: 0] += 1 }
  }
}
