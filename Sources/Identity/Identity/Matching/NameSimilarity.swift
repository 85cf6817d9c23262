/// One reading of a name, with its words looked up.
struct IndexedName: Sendable {
  var words: [Vocabulary.Word]
  /// The words' weights, and their sum.
  var weights: [Float]
  var total: Float
  var joined: [UInt8]
  var numbers: [String]
  /// The first letters of at least three words.
  var initials: [UInt8]?

  init(_ form: NameForm, _ vocabulary: Vocabulary) {
    words = form.words.map { vocabulary[$0] }
    weights = words.map { vocabulary.entries[Int($0)].weight }
    total = weights.reduce(0, +)
    joined = Array(form.joined.utf8)
    numbers = form.numbers
    initials = form.initials.map { Array($0.utf8) }
  }
}

/// How alike two names are.
struct NameSimilarity: Sendable {
  let vocabulary: Vocabulary

  /// 0 to 1, 1 for the same words in any order; and whether they share a word that hardly another row has.
  func score(_ a: IndexedName, _ b: IndexedName) -> (score: Float, sharesRareWord: Bool) {
    if a.words.isEmpty || b.words.isEmpty { return (0, false) }
    if a.joined == b.joined { return (1, true) }
    let (byWords, isRare) = aligned(a, b)
    guard byWords < 0.97 else { return (byWords, isRare) }
    return (max(byWords, byLetters(a, b)), isRare)
  }

  /// Words are paired, the best pairs first. What stays without a partner costs by its weight.
  private func aligned(_ a: IndexedName, _ b: IndexedName) -> (Float, Bool) {
    var isRare = false
    var matchedA: Float = 0
    var matchedB: Float = 0
    var usedB: UInt64 = 0
    var usedA: UInt64 = 0
    let countA = min(a.words.count, 64)
    let countB = min(b.words.count, 64)
    // Equal words first.
    for i in 0..<countA {
      for j in 0..<countB where a.words[i] == b.words[j] && usedB & (1 << j) == 0 {
        usedA |= 1 << i
        usedB |= 1 << j
        matchedA += a.weights[i]
        matchedB += b.weights[j]
        if vocabulary.entries[Int(a.words[i])].isRare { isRare = true }
        break
      }
    }
    for i in 0..<countA where usedA & (1 << i) == 0 {
      var best: (similarity: Float, index: Int)?
      for j in 0..<countB where usedB & (1 << j) == 0 {
        let similarity = similarity(a.words[i], b.words[j])
        if similarity > best?.similarity ?? 0 { best = (similarity, j) }
      }
      if let best {
        usedA |= 1 << i
        usedB |= 1 << best.index
        matchedA += a.weights[i] * best.similarity
        matchedB += b.weights[best.index] * best.similarity
        if best.similarity >= 0.8, vocabulary.entries[Int(a.words[i])].isRare,
          vocabulary.entries[Int(b.words[best.index])].isRare
        {
          isRare = true
        }
      } else if let pair = split(a.words[i], of: b, used: usedB, count: countB) {
        // `Facebook` beside `Face Book`.
        usedA |= 1 << i
        usedB |= 3 << pair
        isRare = isRare || vocabulary.entries[Int(a.words[i])].isRare
        matchedA += a.weights[i]
        matchedB += b.weights[pair] + b.weights[pair + 1]
      }
    }
    for j in 0..<countB where usedB & (1 << j) == 0 {
      guard let pair = split(b.words[j], of: a, used: usedA, count: countA) else { continue }
      usedB |= 1 << j
      usedA |= 3 << pair
      isRare = isRare || vocabulary.entries[Int(b.words[j])].isRare
      matchedB += b.weights[j]
      matchedA += a.weights[pair] + a.weights[pair + 1]
    }
    let dice = (matchedA + matchedB) / (a.total + b.total)
    let containment = max(matchedA / a.total, matchedB / b.total)
    return (0.72 * dice + 0.28 * containment * min(1, 2 * dice), isRare)
  }

  /// Where two neighbours of a name together make a word.
  private func split(_ word: Vocabulary.Word, of name: IndexedName, used: UInt64, count: Int) -> Int? {
    guard count >= 2 else { return nil }
    let bytes = vocabulary.entries[Int(word)].bytes
    return (0..<(count - 1)).first { index in
      guard used & (3 << index) == 0 else { return false }
      let first = vocabulary.entries[Int(name.words[index])].bytes
      let second = vocabulary.entries[Int(name.words[index + 1])].bytes
      return first.count + second.count == bytes.count && bytes.starts(with: first)
        && bytes.suffix(second.count).elementsEqual(second)
    }
  }

  /// Of two different words, 0 to 1; 0 where they are not the same word.
  private func similarity(_ a: Vocabulary.Word, _ b: Vocabulary.Word) -> Float {
    let (x, y) = (vocabulary.entries[Int(a)], vocabulary.entries[Int(b)])
    if x.isNumber || y.isNumber { return 0 }
    if x.expansion == b || y.expansion == a || (x.expansion != nil && x.expansion == y.expansion) { return 0.97 }
    let (short, long) = x.bytes.count <= y.bytes.count ? (x.bytes, y.bytes) : (y.bytes, x.bytes)
    if short.count >= 3, long.starts(with: short) {
      // `Tech` beside `Technologies`, a plural.
      return long.count - short.count <= 2
        ? 0.95 : max(0.6, Float(short.count) / Float(long.count) + 0.3).clamped(to: 0.9)
    }
    if short.count == 1 { return long.first == short.first ? 0.5 : 0 }
    guard short.count >= 4 else { return contraction(short, long) }
    let limit = long.count >= 8 ? 2 : 1
    let distance = EditDistance.between(short, long, limit: limit)
    guard distance <= limit else { return contraction(short, long) }
    return 1 - 1.2 * Float(distance) / Float(long.count)
  }

  /// `Intl` beside `International`: the same first letter, and the others in their order.
  private func contraction(_ short: [UInt8], _ long: [UInt8]) -> Float {
    guard short.count >= 3, short.count * 2 <= long.count + 2, long.count - short.count >= 3, short[0] == long[0] else {
      return 0
    }
    var rest = short[...]
    for byte in long where byte == rest.first { rest = rest.dropFirst() }
    guard rest.isEmpty else { return 0 }
    return short.last == long.last || short.count >= 4 ? 0.75 : 0.6
  }

  /// Of the names run together, for names that are split otherwise or have a typing error across words.
  private func byLetters(_ a: IndexedName, _ b: IndexedName) -> Float {
    let longer = max(a.joined.count, b.joined.count)
    guard a.numbers == b.numbers, longer >= 6 else { return 0 }
    let limit = max(1, longer / 6)
    let distance = EditDistance.between(a.joined, b.joined, limit: limit)
    return distance <= limit ? 1 - 1.3 * Float(distance) / Float(longer) : 0
  }

  /// Whether one name is the other's initials: `IBM` and `International Business Machines`.
  func isAcronym(_ a: IndexedName, _ b: IndexedName) -> Bool {
    func stands(_ short: IndexedName, for long: IndexedName) -> Bool {
      guard let initials = long.initials, short.words.count == 1, (3...8).contains(short.joined.count) else {
        return false
      }
      return short.joined == initials
    }
    return stands(a, for: b) || stands(b, for: a)
  }
}

extension Float {
  fileprivate func clamped(to limit: Float) -> Float { min(self, limit) }
}
