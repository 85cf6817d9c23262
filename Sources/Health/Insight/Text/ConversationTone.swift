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

  /// Longer messages are read up to here: what a customer wants stands at the beginning.
  private static let longest = 4000

  init(_ text: String) {
    let text = text.prefix(MessageWords.longest)
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
    for (ending, more) in [
      ("n't", "not"), ("'ve", "have"), ("'re", "are"), ("'ll", "will"), ("'m", "am"), ("'d", "would"),
    ]
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
