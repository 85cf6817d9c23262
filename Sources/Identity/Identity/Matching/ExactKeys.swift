import Formats

/// Identifiers that both files carry, such as a Salesforce id that another system keeps.
struct ExactKeys: Sendable {
  /// What was taken off a whole column before it was compared, in words.
  private(set) var findings: [String] = []
  private(set) var left: [[String: String]]
  private(set) var right: [[String: String]]

  /// Values as they are compared. A value that several rows of one file have is no key and is left out.
  init(left: [Organisation], right: [Organisation]) {
    self.left = Array(repeating: [:], count: left.count)
    self.right = Array(repeating: [:], count: right.count)
    let names = Set(left.flatMap { $0.keys.keys }).intersection(right.flatMap { $0.keys.keys }).sorted()
    for name in names {
      var a = left.map { $0.keys[name]?.trimmed }
      var b = right.map { $0.keys[name]?.trimmed }
      // Case counts until the affixes are off: an id of 15 letters is another one in lower case.
      if let affix = Affix.best(a.compactMap { $0 }, b.compactMap { $0 }) {
        a = a.map { $0.map { affix.left.removed(from: $0) } }
        b = b.map { $0.map { affix.right.removed(from: $0) } }
        findings += affix.left.description(of: name, side: "left") + affix.right.description(of: name, side: "right")
      }
      a = a.map { $0.flatMap(Self.canonical) }
      b = b.map { $0.flatMap(Self.canonical) }
      guard !Set(a.compactMap(\.self)).isDisjoint(with: b.compactMap(\.self)) else {
        findings.append("key:\(name): the files have no value in common; it is not used")
        continue
      }
      Self.fill(&self.left, name, a)
      Self.fill(&self.right, name, b)
    }
  }

  private static func fill(_ rows: inout [[String: String]], _ name: String, _ values: [String?]) {
    let counts = values.compactMap { $0 }.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    for (index, value) in values.enumerated() {
      if let value, counts[value] == 1 { rows[index][name] = value }
    }
  }

  /// Both forms of a Salesforce id are one; other values are compared without regard to case. Nil where there is none.
  fileprivate static func canonical(_ text: String) -> String? {
    guard !text.isEmpty else { return nil }
    // An id of 15 letters without a digit is more likely a word.
    if text.utf8.contains(where: \.isASCIIDigit), let id = SalesforceID(text) { return id.description.lowercased() }
    return text.lowercased()
  }
}

extension Matcher {
  /// How many of a column's values stand in another column too, with both forms of a Salesforce id taken for one and
  /// beginnings and ends that a whole column has left out: 0 to 1 of the different values, 0 for an empty column.
  public static func sharedValues(of column: [String], with other: [String]) -> Double {
    let rows = [column, other].map { $0.map { Organisation(id: "", keys: ["key": $0]) } }
    let keys = ExactKeys(left: rows[0], right: rows[1])
    let (a, b) = (Set(keys.left.compactMap { $0["key"] }), Set(keys.right.compactMap { $0["key"] }))
    return a.isEmpty ? 0 : Double(a.intersection(b).count) / Double(a.count)
  }
}

/// What stands before and behind every value of a column.
private struct Affix {
  struct Side {
    var prefix = ""
    var suffix = ""

    var length: Int { prefix.count + suffix.count }

    func removed(from value: String) -> String {
      var value = value[...]
      if value.hasPrefix(prefix) { value = value.dropFirst(prefix.count) }
      if value.hasSuffix(suffix) { value = value.dropLast(suffix.count) }
      return String(value)
    }

    func description(of name: String, side: String) -> [String] {
      var parts: [String] = []
      if !prefix.isEmpty { parts.append("the prefix \"\(prefix)\"") }
      if !suffix.isEmpty { parts.append("the suffix \"\(suffix)\"") }
      return parts.isEmpty ? [] : ["key:\(name): \(parts.joined(separator: " and ")) of the \(side) file was left out"]
    }
  }

  var left: Side
  var right: Side

  /// So many values of the left column tell which affixes fit.
  private static let sample = 1000

  /// The affixes with which most values agree; nil where taking nothing off does as well.
  static func best(_ left: [String], _ right: [String]) -> Affix? {
    guard left.count >= 2, right.count >= 2 else { return nil }
    let some = stride(from: 0, to: left.count, by: (left.count - 1) / sample + 1).map { left[$0] }
    func ids(_ values: [String], _ side: Side) -> Set<String> {
      Set(values.compactMap { ExactKeys.canonical(side.removed(from: $0)) })
    }
    let lefts = sides(left).map { ($0, ids(some, $0)) }
    let rights = sides(right).map { ($0, ids(right, $0)) }
    var best: (count: Int, length: Int, affix: Affix)?
    for (a, few) in lefts {
      for (b, all) in rights {
        let count = few.count(where: all.contains)
        let length = a.length + b.length
        if count > best?.count ?? 0 || (count == best?.count && length < best?.length ?? 0) {
          best = (count, length, Affix(left: a, right: b))
        }
      }
    }
    // A few agreements may be chance.
    guard let best, best.length > 0, best.count >= 2, best.count * 10 >= min(some.count, right.count) else {
      return nil
    }
    return best.affix
  }

  /// Nothing, and each common beginning and end of a column's values that ends where an id can begin.
  private static func sides(_ values: [String]) -> [Side] {
    let prefixes = [""] + boundaries(common(values))
    let suffixes = [""] + boundaries(String(common(values.map { String($0.reversed()) }))).map { String($0.reversed()) }
    return prefixes.flatMap { prefix in suffixes.map { Side(prefix: prefix, suffix: $0) } }
  }

  private static func common(_ values: [String]) -> String {
    guard var prefix = values.first else { return "" }
    for value in values.dropFirst() where !value.hasPrefix(prefix) {
      prefix = String(zip(prefix, value).prefix { $0 == $1 }.map(\.0))
      if prefix.isEmpty { break }
    }
    return prefix
  }

  /// The beginnings of a text that end with a sign, or with the last letter before a digit.
  private static func boundaries(_ text: String) -> [String] {
    let characters = Array(text)
    return characters.indices.compactMap { index in
      let character = characters[index]
      let isSign = !character.isLetter && !character.isNumber
      let isLastLetter = character.isLetter && (index + 1 == characters.count || characters[index + 1].isNumber)
      guard isSign || isLastLetter, characters[...index].contains(where: { !$0.isNumber }) else { return nil }
      return String(characters[...index])
    }
  }
}
