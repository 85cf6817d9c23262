/// An address, taken apart for comparison.
struct StreetAddress: Sendable, Equatable {
  /// The number of the house; nil where the street has none.
  var number: String?
  /// The street's words in one spelling, without number and parts of the building.
  var street: [String]
  /// Without spaces; of American ones the first five digits.
  var postcode: String
  var city: String

  /// Nil where there is neither street nor postcode nor city.
  init?(street: String, postcode: String, city: String) {
    self.postcode = StreetAddress.postcode(postcode)
    self.city = FoldedText.words(city).joined(separator: " ")
    let words = FoldedText.words(street.replacing("#", with: " unit "))
    var kept: [String] = []
    var isUnit = false
    for word in words {
      if AddressWords.units.contains(word), !kept.isEmpty {
        isUnit = true
        continue
      }
      if isUnit {
        // The number of the unit.
        isUnit = false
        if word.contains(where: \.isNumber) || word.count == 1 { continue }
      }
      kept.append(StreetAddress.spelling(word))
    }
    let first = kept.first { $0.first?.isNumber == true && !StreetAddress.isOrdinal($0, in: words) }
    number = first.map { String($0.prefix { $0.isNumber }) }
    if let first, let index = kept.firstIndex(of: first) { kept.remove(at: index) }
    self.street = kept
    if kept.isEmpty, self.postcode.isEmpty, self.city.isEmpty { return nil }
  }

  private static func spelling(_ word: String) -> String {
    if let canonical = AddressWords.canonical[word] { return canonical }
    // `Hauptstr.`, `Hauptstrasse`
    for ending in ["strasse", "str"] where word.count > ending.count + 2 && word.hasSuffix(ending) {
      return word.dropLast(ending.count) + "strasse"
    }
    // `55th` is the same as `55`.
    for ending in ["th", "st", "nd", "rd"]
    where word.hasSuffix(ending) && word.dropLast(2).allSatisfy(\.isNumber) && word.count > 2 {
      return String(word.dropLast(2))
    }
    return word
  }

  /// Whether the number is the name of a street: `5th Ave`.
  private static func isOrdinal(_ word: String, in words: [String]) -> Bool {
    words.first { spelling($0) == word } != word
  }

  private static func postcode(_ text: String) -> String {
    let code = FoldedText.fold(text).filter { $0.isLetter || $0.isNumber }
    return code.count == 9 && code.allSatisfy(\.isNumber) ? String(code.prefix(5)) : code
  }

  /// How much two streets' words agree, 0 to 1. Kinds of streets count little.
  static func similarity(_ a: [String], _ b: [String]) -> Double {
    if a == b { return 1 }
    if a.isEmpty || b.isEmpty { return 0 }
    func weight(_ word: String) -> Double { AddressWords.kinds.contains(word) ? 0.2 : 1 }
    func matched(_ a: [String], _ b: [String]) -> Double {
      a.reduce(0) { sum, word in
        let best = b.contains(word) ? 1 : b.map { typo(word, $0) }.max() ?? 0
        return sum + weight(word) * best
      }
    }
    let total = a.reduce(0) { $0 + weight($1) } + b.reduce(0) { $0 + weight($1) }
    let dice = (matched(a, b) + matched(b, a)) / total
    return a.joined() == b.joined() ? 1 : dice
  }

  private static func typo(_ a: String, _ b: String) -> Double {
    guard a.utf8.count >= 4, b.utf8.count >= 4, a.contains(where: \.isLetter) else { return 0 }
    let longer = max(a.utf8.count, b.utf8.count)
    let distance = EditDistance.between(Array(a.utf8), Array(b.utf8), limit: longer / 4)
    return distance <= longer / 4 ? 1 - Double(distance) / Double(longer) : 0
  }
}
