extension String {
  /// The text that a person reads of a piece of HTML: without tags and comments, with entities resolved. Tags that begin a
  /// line or a cell become a space; others, such as `<b>`, vanish, since they may stand inside a word.
  ///
  /// Not a parser of HTML: a tag ends at the first `>` outside of quotes, and `<` that begins no tag stays.
  public var textOfHTML: String {
    guard utf8.contains(UInt8(ascii: "<")) else { return resolvingHTMLEntities }
    var text = ""
    var rest = unicodeScalars[...]
    while let start = rest.firstIndex(of: "<") {
      text.unicodeScalars += rest[..<start]
      rest = rest[start...]
      guard let end = Self.endOfTag(rest) else {
        text.unicodeScalars.append(rest.removeFirst())
        continue
      }
      let name = rest.dropFirst().drop { $0 == "/" }.prefix { $0.properties.isAlphabetic || ("0"..."9").contains($0) }
      if !Self.inlineTags.contains(String(String.UnicodeScalarView(name)).lowercased()),
        !rest.starts(with: "<!--".unicodeScalars)
      {
        text += " "
      }
      rest = rest[end...]
    }
    text.unicodeScalars += rest
    return text.resolvingHTMLEntities
  }

  private static let inlineTags: Set<String> = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
  ]

  /// Where the text goes on after a tag or comment; nil where none begins.
  private static func endOfTag(_ text: Substring.UnicodeScalarView) -> String.Index? {
    if text.starts(with: "<!--".unicodeScalars) {
      var rest = text.dropFirst(4)
      while !rest.isEmpty {
        if rest.starts(with: "-->".unicodeScalars) { return rest.dropFirst(3).startIndex }
        rest.removeFirst()
      }
      return text.endIndex
    }
    var rest = text.dropFirst()
    if rest.first == "/" { rest.removeFirst() }
    guard let first = rest.first, first.isASCII, first.properties.isAlphabetic || first == "!" || first == "?" else {
      return nil
    }
    var quote: Unicode.Scalar?
    var length = 0
    while let scalar = rest.popFirst() {
      length += 1
      // No tag is longer; a body of nothing but `<a` must not cost its length squared.
      guard length <= 8192 else { return nil }
      if let open = quote {
        if scalar == open { quote = nil }
      } else if scalar == ">" {
        return rest.startIndex
      } else if scalar == "\"" || scalar == "'" {
        quote = scalar
      }
    }
    return nil
  }
}
