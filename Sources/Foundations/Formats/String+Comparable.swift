extension String {
  /// The form in which names and ids of vendors are compared: without HTML entities and white space at the ends, in
  /// lower case. Some vendors escape what people typed, others do not.
  public var comparisonKey: String { resolvingHTMLEntities.trimmed.lowercased() }

  /// With `&amp;`, `&#39;`, `&#x27;` and their like resolved, once; anything else that begins with `&` stays.
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
  ]

  private static func character(entity name: Substring) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return entities[String(name)] }
    let digits = name.dropFirst()
    let code =
      digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
    return code.flatMap { Unicode.Scalar($0) }
  }
}
