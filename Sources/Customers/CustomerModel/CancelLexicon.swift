import Formats

/// The words and phrases that tell of a customer who may leave. They count as whole words in any case; between the words of
/// a phrase stands any white space, and typographic apostrophes equal plain ones.
public struct CancelLexicon: Sendable {
  private let phrases: [[Unicode.Scalar]]

  public init(_ phrases: [String]) {
    self.phrases = phrases.map { Array(Self.normalized($0).unicodeScalars) }.filter { !$0.isEmpty }
  }

  /// - Parameter html: A message's body, with tags and entities.
  public func isMentioned(in html: String) -> Bool {
    let text = Array(Self.normalized(html.textOfHTML).unicodeScalars)
    return phrases.contains { Self.contains(text, $0) }
  }

  private static func contains(_ text: [Unicode.Scalar], _ phrase: [Unicode.Scalar]) -> Bool {
    guard text.count >= phrase.count else { return false }
    for start in 0...(text.count - phrase.count) where text[start] == phrase[0] {
      let end = start + phrase.count
      guard start == 0 || !isWord(text[start - 1]), end == text.count || !isWord(text[end]),
        text[start..<end].elementsEqual(phrase)
      else { continue }
      return true
    }
    return false
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation:
      true
    default: false
    }
  }

  /// In lower case, with plain apostrophes, one space for any white space, and without invisible characters.
  private static func normalized(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.lowercased().unicodeScalars {
      if scalar.properties.isWhitespace {
        if let last = result.last, last != " " { result.append(" ") }
      } else if "\u{2018}\u{2019}\u{201B}\u{2032}\u{FF07}\u{02BC}".unicodeScalars.contains(scalar) {
        result.append("'")
      } else if scalar.properties.generalCategory != .format {
        result.append(scalar)
      }
    }
    if result.last == " " { result.removeLast() }
    return String(result)
  }
}
