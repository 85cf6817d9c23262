/// Minimal XML for answers with a known, simple structure: escapes text, and reads elements that contain only text.
public enum XMLText {
  /// With `&`, `<`, `>` and both kinds of quotes as entities, for text and attribute values.
  public static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&apos;")
  }

  /// The first element's text; nil where there is none.
  public static func first(_ element: String, in document: String) -> String? { all(element, in: document).first }

  /// The text of every element of that name, in order; empty for an empty element. Attributes and comments are skipped,
  /// entities and CDATA sections resolved.
  public static func all(_ element: String, in document: String) -> [String] {
    var texts: [String] = []
    var rest = document[...]
    while let start = rest.firstIndex(of: "<") {
      rest = rest[start...]
      if rest.hasPrefix("<!--") {
        rest = rest.firstRange(of: "-->").map { rest[$0.upperBound...] } ?? ""
        continue
      }
      rest.removeFirst()
      guard rest.hasPrefix(element), let end = tagEnd(rest.dropFirst(element.count)) else { continue }
      let isEmpty = rest[..<end].hasSuffix("/")
      rest = rest[rest.index(after: end)...]
      if isEmpty {
        texts.append("")
      } else {
        // Without an end to this one no later one has an end either.
        guard let close = rest.firstRange(of: "</\(element)") else { break }
        texts.append(text(rest[..<close.lowerBound]))
        rest = rest[close.upperBound...]
      }
    }
    return texts
  }

  /// The most characters that are looked through for a tag's end, so that a hostile answer costs no time.
  private static let longestTag = 4096

  /// Where a tag ends; nil where its name goes on, so that it is another one, or where it is too long.
  ///
  /// - Parameter rest: Behind the name.
  private static func tagEnd(_ rest: Substring) -> Substring.Index? {
    guard let first = rest.first, first == ">" || first == "/" || first.isWhitespace else { return nil }
    var quote: Character?
    for index in rest.prefix(longestTag).indices {
      switch (rest[index], quote) {
      case (">", nil): return index
      case ("\"", nil), ("'", nil): quote = rest[index]
      case (let character, let open?) where character == open: quote = nil
      default: break
      }
    }
    return nil
  }

  private static func text(_ content: Substring) -> String {
    var text = ""
    var rest = content
    while let start = rest.firstRange(of: "<![CDATA["), let end = rest[start.upperBound...].firstRange(of: "]]>") {
      text += String(rest[..<start.lowerBound]).resolvingHTMLEntities + rest[start.upperBound..<end.lowerBound]
      rest = rest[end.upperBound...]
    }
    return text + String(rest).resolvingHTMLEntities
  }
}
