import Formats
import HealthModel

/// What a customer's message means for the account: its tone, and a churn signal that it suggests.
///
/// A lexicon decides: words, negation, intensity, and phrases for each category of signals. It reads English. It is no
/// substitute for a person: irony without any of the lists' marks passes, and so does a threat in words of its own.
public struct ConversationTone: Sendable, Equatable {
  /// Whether the customer is clearly dissatisfied.
  public let isNegative: Bool
  /// A signal for a person to accept; nil where nothing hints at one.
  public let suggestion: Suggestion?

  public struct Suggestion: Sendable, Equatable {
    public var category: SuggestedSignal.Category
    public var severity: ChurnSignal.Severity
  }

  /// - Parameter html: The message; nothing of it is kept.
  public init(html: String) { self.init(text: html.textOfHTML) }

  /// - Parameter text: Without markup.
  public init(text: String) {
    let words = MessageWords(text)
    isNegative = ToneLexicon.shipped.isNegative(words)
    suggestion = RiskLexicon.shipped.suggestion(words)
  }
}

/// A message as words in lower case, with marks of punctuation that end a clause.
struct MessageWords: Sendable {
  /// Words, and the ends of clauses as ``end``.
  let tokens: [String]
  /// Exclamation marks and words in capitals.
  let emphasis: Int

  static let end = "."

  init(_ text: String) {
    var tokens: [String] = []
    var word = ""
    var emphasis = 0
    func flush() {
      guard !word.isEmpty else { return }
      if word.count > 2, word == word.uppercased(), word != word.lowercased() { emphasis += 1 }
      tokens += MessageWords.parts(of: word.lowercased())
      word = ""
    }
    for character in text {
      switch character {
      case "\u{2019}", "'": if !word.isEmpty { word.append("'") }
      case ".", "!", "?", ";", ":", "\n", "\u{2013}", "\u{2014}":
        // A point within a number or a name ends nothing, but splitting there does no harm.
        flush()
        if character == "!" { emphasis += 1 }
        if tokens.last != MessageWords.end { tokens.append(MessageWords.end) }
      case ",":
        flush()
        tokens.append(",")
      case _ where character.isLetter || character.isNumber || character == "%": word.append(character)
      default: flush()
      }
    }
    flush()
    self.tokens = tokens
    self.emphasis = emphasis
  }

  /// `isn't` as `is not`, `we've` as `we have`, `it's` as `it is`.
  private static func parts(of word: String) -> [String] {
    switch word {
    case "can't", "cannot": return ["can", "not"]
    case "won't": return ["will", "not"]
    case "dont": return ["do", "not"]
    default: break
    }
    for (ending, more) in [("n't", "not"), ("'ve", "have"), ("'re", "are"), ("'ll", "will"), ("'m", "am"), ("'d", "would")]
    where word.hasSuffix(ending) && word.count > ending.count {
      return [String(word.dropLast(ending.count)), more]
    }
    if word.hasSuffix("'s") { return [String(word.dropLast(2)), "is"] }
    return [word.trimmingApostrophes]
  }
}

extension String {
  fileprivate var trimmingApostrophes: String {
    var text = Substring(self)
    while text.hasSuffix("'") { text.removeLast() }
    return String(text)
  }
}

/// A sequence of words to look for: `cancel* ~3 contract|subscription`.
///
/// `a|b` is either word, `fail*` every word that begins so, and `~3` up to three words in between, within a clause.
struct Phrase: Sendable {
  private enum Part: Sendable {
    case words([(text: String, isPrefix: Bool)])
    case gap(Int)
  }

  private let parts: [Part]

  init(_ text: String) {
    parts = text.split(separator: " ").map { part in
      if part.hasPrefix("~"), let count = Int(part.dropFirst()) { return .gap(count) }
      return .words(
        part.split(separator: "|").map { word in
          word.hasSuffix("*") ? (String(word.dropLast()), true) : (String(word), false)
        })
    }
  }

  /// Where it begins and ends, for each place.
  func matches(in tokens: [String]) -> [Range<Int>] {
    tokens.indices.compactMap { start in end(from: start, 0, tokens).map { start..<$0 } }
  }

  private func end(from position: Int, _ part: Int, _ tokens: [String]) -> Int? {
    guard part < parts.count else { return position }
    switch parts[part] {
    case .words(let words):
      guard position < tokens.count else { return nil }
      let token = tokens[position]
      guard words.contains(where: { $0.isPrefix ? token.hasPrefix($0.text) : token == $0.text }) else { return nil }
      return end(from: position + 1, part + 1, tokens)
    case .gap(let count):
      for skipped in 0...count {
        if let end = end(from: position + skipped, part + 1, tokens) { return end }
        guard position + skipped < tokens.count, tokens[position + skipped] != MessageWords.end else { return nil }
      }
      return nil
    }
  }
}
