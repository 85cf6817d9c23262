/// A sequence of words to look for: `cancel* ~3 contract|subscription`.
///
/// `a|b` is either word, `fail*` every word that begins so, and `~3` up to three words in between, within a clause.
struct Phrase: Sendable {
  fileprivate struct Word: Sendable {
    let text: String
    let isPrefix: Bool

    func fits(_ token: String) -> Bool { isPrefix ? token.hasPrefix(text) : token == text }
  }

  private enum Part: Sendable {
    case words([Word])
    case gap(Int)
  }

  private let parts: [Part]

  init(_ text: String) {
    parts = text.split(separator: " ").map { part in
      if part.hasPrefix("~"), let count = Int(part.dropFirst()) { return .gap(count) }
      return .words(
        part.split(separator: "|").map { word in
          word.hasSuffix("*")
            ? Word(text: String(word.dropLast()), isPrefix: true) : Word(text: String(word), isPrefix: false)
        })
    }
  }

  /// The words that it can begin with.
  fileprivate var beginnings: [Word] {
    if case .words(let words)? = parts.first { words } else { [] }
  }

  /// Where it ends, if it begins here.
  func end(from start: Int, in tokens: [String]) -> Int? { end(from: start, 0, tokens) }

  private func end(from position: Int, _ part: Int, _ tokens: [String]) -> Int? {
    guard part < parts.count else { return position }
    switch parts[part] {
    case .words(let words):
      guard position < tokens.count, words.contains(where: { $0.fits(tokens[position]) }) else { return nil }
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

/// Many phrases, each with what it means, found in one pass over a message.
struct PhraseIndex<Meaning: Sendable>: Sendable {
  struct Match {
    let meaning: Meaning
    let range: Range<Int>
  }

  /// How many letters of a `fail*` are looked up.
  private static var prefixLength: Int { 3 }

  private let phrases: [(phrase: Phrase, meaning: Meaning)]
  /// By the word that a phrase begins with.
  private var byWord: [String: [Int]] = [:]
  /// By the first letters of the words that a phrase begins with.
  private var byPrefix: [String: [Int]] = [:]

  init(_ phrases: [(phrase: Phrase, meaning: Meaning)]) {
    self.phrases = phrases
    for (index, entry) in phrases.enumerated() {
      for word in entry.phrase.beginnings {
        if word.isPrefix {
          byPrefix[String(word.text.prefix(Self.prefixLength)), default: []].append(index)
        } else {
          byWord[word.text, default: []].append(index)
        }
      }
    }
  }

  init(_ phrases: [(String, Meaning)]) { self.init(phrases.map { (phrase: Phrase($0.0), meaning: $0.1) }) }

  /// In the order of the message.
  func matches(in tokens: [String]) -> [Match] {
    var matches: [Match] = []
    for (start, token) in tokens.enumerated() {
      for index in (byWord[token] ?? []) + (byPrefix[String(token.prefix(Self.prefixLength))] ?? []) {
        guard let end = phrases[index].phrase.end(from: start, in: tokens) else { continue }
        matches.append(Match(meaning: phrases[index].meaning, range: start..<end))
      }
    }
    return matches
  }

  func isMatched(in tokens: [String]) -> Bool { !matches(in: tokens).isEmpty }
}
