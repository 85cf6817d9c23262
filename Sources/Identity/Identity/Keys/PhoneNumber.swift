/// A telephone number as digits.
struct PhoneNumber: Sendable, Hashable {
  /// Without the country's code and trunk prefix.
  let national: String
  /// Nil where neither the number nor the row tells.
  let countryCode: String?

  /// - Parameter country: An ISO 3166 code, for numbers without a country code.
  init?(_ text: String, country: String?) {
    let folded = FoldedText.fold(text)
    // Without an extension: `x12`, `ext. 12`, `#12`.
    let number = folded.drop { $0 != "+" && !($0.isASCII && $0.isNumber) }
    let main = number.prefix { $0 != "x" && $0 != "#" && $0 != "e" && $0 != ";" }
    var digits = String(main.filter { $0.isASCII && $0.isNumber })
    var isInternational = main.contains("+")
    if digits.hasPrefix("00") {
      digits.removeFirst(2)
      isInternational = true
    }
    let known = country.flatMap { CallingCodes.byCountry[$0] }
    if isInternational {
      guard let code = PhoneNumber.code(of: digits) else { return nil }
      digits.removeFirst(code.count)
      // `+44 (0)20`: the trunk prefix is written, but not dialled.
      if digits.hasPrefix("0"), !["39"].contains(code) { digits.removeFirst() }
      countryCode = code
    } else {
      if let known, !known.trunk.isEmpty, digits.hasPrefix(known.trunk), digits.count > 7 {
        digits.removeFirst(known.trunk.count)
      } else if digits.count == 11, digits.hasPrefix("1") {
        digits.removeFirst()  // North America, with its trunk prefix.
      } else if known == nil, digits.hasPrefix("0") {
        digits.removeFirst()
      }
      countryCode = known?.code
    }
    guard (7...14).contains(digits.count), Set(digits).count > 2 else { return nil }
    national = digits
  }

  /// Whether both are the same line. A number without country code is compared by its national digits.
  func isSame(as other: PhoneNumber) -> Bool {
    guard national == other.national else { return false }
    guard let countryCode, let code = other.countryCode else { return true }
    return countryCode == code
  }

  /// Whether they may be two extensions of one switchboard: the same but for the last two digits.
  func isNear(_ other: PhoneNumber) -> Bool {
    national.count == other.national.count && national.count >= 8 && national.dropLast(2) == other.national.dropLast(2)
  }

  private static let codes = Set(CallingCodes.byCountry.values.map(\.code))

  private static func code(of digits: String) -> String? {
    (1...3).lazy.map { String(digits.prefix($0)) }.first { codes.contains($0) }
  }
}
