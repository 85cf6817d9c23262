import RealModule

/// All words of the names in both lists, and how much each tells.
struct Vocabulary: Sendable {
  /// A word's place here.
  typealias Word = Int32

  struct Entry: Sendable {
    var bytes: [UInt8]
    /// 0 to 1: 1 for a word that stands once, less the more rows have it.
    var weight: Float
    var isNumber: Bool
    /// So few rows of both lists have it that two with it are hardly two by chance.
    var isRare = false
    /// The word that this one abbreviates; nil if it is none.
    var expansion: Word?
  }

  private(set) var entries: [Entry] = []
  private var words: [String: Word] = [:]
  private var counts: [Int] = []

  /// - Parameter lists: The words of each row's name. A word that stands twice in a row counts once.
  init(_ rows: [[String]]) {
    for row in rows {
      for word in Set(row.map { intern($0) }) { counts[Int(word)] += 1 }
    }
    let total = Double(max(rows.count, 1))
    for (short, long) in NameWords.abbreviations {
      guard let word = words[short] else { continue }
      entries[Int(word)].expansion = intern(long)
    }
    for index in entries.indices {
      let count = Double(max(counts[index], 1))
      var weight = Double.log(1 + total / count) / Double.log(1 + total)
      let isCommon =
        NameWords.common.contains(text(Word(index)))
        || entries[index].expansion.map { NameWords.common.contains(text($0)) } ?? false
      if isCommon { weight = min(weight, 0.4) }
      entries[index].isRare =
        counts[index] <= 3 && !isCommon && !entries[index].isNumber && entries[index].bytes.count >= 3
      entries[index].weight = Float(max(weight, 0.05))
    }
  }

  private mutating func intern(_ word: String) -> Word {
    if let known = words[word] { return known }
    let index = Word(entries.count)
    words[word] = index
    let bytes = Array(word.utf8)
    entries.append(
      Entry(bytes: bytes, weight: 1, isNumber: bytes.allSatisfy { $0 >= 48 && $0 <= 57 }, expansion: nil))
    counts.append(0)
    return index
  }

  /// A word of one of the rows.
  subscript(word: String) -> Word { words[word] ?? 0 }

  func text(_ word: Word) -> String { String(decoding: entries[Int(word)].bytes, as: UTF8.self) }
}
