extension String {
  /// The form in which vendors' names and ids are compared: HTML entities resolved, white space at the ends removed, in
  /// lower case. Some vendors return typed text with entities, others without.
  public var comparisonKey: String { resolvingHTMLEntities.trimmed.lowercased() }

  /// With HTML entities such as `&amp;`, `&#39;` and `&#x27;` resolved once. Unknown entities stay as they are.
  public var resolvingHTMLEntities: String {
    guard utf8.contains(UInt8(ascii: "&")) else { return self }
    var text = ""
    var rest = self[...]
    while let start = rest.firstIndex(of: "&") {
      text += rest[..<start]
      rest = rest[start...]
      guard let end = rest.prefix(12).firstIndex(of: ";"),
        let character = String.character(entity: rest[rest.index(after: start)..<end])
      else {
        text.append(rest.removeFirst())
        continue
      }
      text.unicodeScalars.append(character)
      rest = rest[rest.index(after: end)...]
    }
    return text + rest
  }

  private static let entities: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
    "rsquo": "\u{2019}", "lsquo": "\u{2018}", "rdquo": "\u{201D}", "ldquo": "\u{201C}", "ndash": "\u{2013}",
    "mdash": "\u{2014}", "hellip": "\u{2026}", "shy": "\u{AD}", "ensp": "\u{2002}", "emsp": "\u{2003}",
    "thinsp": "\u{2009}",
  ]

  private static func character(entity name: Substring) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return entities[String(name)] }
    let digits = name.dropFirst()
    let code =
      digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
    return code.flatMap { Unicode.Scalar($0) }
  }
}
