/// Finds which rows of two lists are the same organisation.
///
/// The same lists and options give the same result, whatever the number of cores.
public struct Matcher: Sendable {
  public struct Options: Sendable, Equatable {
    /// From this probability on a pair can be decided without a person.
    public var autoAt = 0.99
    /// From this probability on a pair is shown to a person.
    public var reviewAt = 0.5
    /// How far the next best candidate has to be behind, as ``Match/margin`` counts it.
    public var margin = 0.98
    /// Whether several left rows may be one right row, such as the properties of a brand.
    public var allowsMany = false
    /// How many candidates of a row to review are listed.
    public var top = 1
    /// The country of rows that name none, as an ISO 3166 code, for their phone numbers.
    public var country: String?

    public init() {}
  }

  /// Pairs, and what was learnt on the way.
  public struct Result: Sendable {
    /// One for each left row, in the order of the list; below it more candidates where they are asked for.
    public var matches: [Match] = []
    /// What was left out of columns of keys, in words.
    public var findings: [String] = []
    /// How many pairs were compared.
    public var comparedPairs = 0
    /// How many pairs there are.
    public var allPairs = 0
  }

  /// A decided pair: rows by their place in the lists.
  public struct Label: Sendable, Equatable {
    public var left: Int
    public var right: Int
    public var isMatch: Bool

    public init(left: Int, right: Int, isMatch: Bool) {
      self.left = left
      self.right = right
      self.isMatch = isMatch
    }
  }

  public let options: Options

  public init(options: Options = Options()) { self.options = options }

  /// - Parameters:
  ///   - labels: Pairs that people decided. With any, the model is taken from them, else from the lists alone.
  ///   - refused: Pairs that are no candidates, because somebody said no: ids of the left row and of the right one.
  public func match(
    left: [Organisation], right: [Organisation], labels: [Label] = [], refused: Set<[String]> = []
  ) async -> Result {
    let book = Book(left: left, right: right, options: options)
    var pairs = await book.comparedPairs()
    if !refused.isEmpty { pairs.removeAll { refused.contains([left[Int($0.left)].id, right[Int($0.right)].id]) } }
    let model = await labels.isEmpty ? book.fittedModel(pairs) : book.model(labels, pairs)
    return Decider(options: options, book: book, model: model).result(pairs)
  }
}

/// A left and a right row with their levels.
struct ComparedPair: Sendable {
  var left: Int32
  var right: Int32
  var levels: Levels
  var name: Float
}

/// Two lists prepared for comparison.
struct Book: Sendable {
  let leftRows: [Organisation]
  let rightRows: [Organisation]
  let left: ProfileTable
  let right: ProfileTable
  let comparison: Comparison
  let keys: ExactKeys
  let allowsMany: Bool

  init(left: [Organisation], right: [Organisation], options: Matcher.Options) {
    allowsMany = options.allowsMany
    keys = ExactKeys(left: left, right: right)
    leftRows = left
    rightRows = right
    var a = ProfileTable(left, keys: keys.left, country: options.country)
    var b = ProfileTable(right, keys: keys.right, country: options.country)
    let vocabulary = Vocabulary((a.rows + b.rows).map { $0.readings.flatMap(\.words) })
    a.lookUp(vocabulary)
    b.lookUp(vocabulary)
    self.left = a
    self.right = b
    comparison = Comparison(names: NameSimilarity(vocabulary: vocabulary))
  }

  /// The candidates of all left rows, in the order of the lists.
  func comparedPairs() async -> [ComparedPair] { await pairs(of: left, with: right, isSameTable: false) }

  /// Compares each row with its candidates. Within one table each pair once.
  private func pairs(of table: ProfileTable, with other: ProfileTable, isSameTable: Bool) async -> [ComparedPair] {
    let index = CandidateIndex(other)
    let size = 512
    let chunks = stride(from: 0, to: table.rows.count, by: size).map { $0..<min($0 + size, table.rows.count) }
    return await withTaskGroup(of: (Int, [ComparedPair]).self) { group in
      for (number, chunk) in chunks.enumerated() {
        group.addTask {
          var scratch = index.scratch
          var found: [ComparedPair] = []
          for row in chunk {
            for candidate in index.candidates(for: table.rows[row], &scratch)
            where !isSameTable || Int(candidate) > row {
              let (levels, name) = comparison.levels(table.rows[row], other.rows[Int(candidate)])
              found.append(ComparedPair(left: Int32(row), right: candidate, levels: levels, name: name))
            }
          }
          return (number, found)
        }
      }
      var parts = Array(repeating: [ComparedPair](), count: chunks.count)
      for await (number, found) in group { parts[number] = found }
      return parts.flatMap { $0 }
    }
  }

  /// The model from the lists alone.
  func fittedModel(_ pairs: [ComparedPair]) async -> FellegiSunter {
    let u = await chanceAgreement()
    return .fitted(pairs, u: u, rows: (left.rows.count, right.rows.count), allowsMany: allowsMany)
  }

  /// How often rows that are not the same agree: counted among pairs of rows of the same list.
  func chanceAgreement() async -> [[Double]] {
    var counts = FellegiSunter.noCounts
    // Several left rows may be one organisation where several of them may be one right row.
    for table in allowsMany ? [right] : [left, right] {
      let count = Double(table.rows.count)
      let all = count * (count - 1) / 2
      guard all > 0 else { continue }
      let compared = await pairs(of: table, with: table, isSameTable: true)
      var seen: Set<Int> = []
      for pair in compared {
        seen.insert(Int(pair.left) * table.rows.count + Int(pair.right))
        // The same organisation twice in one list.
        let isDouble =
          !pair.levels.contradicts && ([.equal, .otherForm].contains(pair.levels.name) || pair.levels.agreements >= 2)
        if !isDouble { FellegiSunter.count(&counts, pair.levels) }
      }
      // The rest is too many to compare: a sample stands for it.
      let rest = all - Double(compared.count)
      let sample = Self.sample(table.rows.count).filter { !seen.contains($0.0 * table.rows.count + $0.1) }
      guard !sample.isEmpty, rest > 0 else { continue }
      let weight = rest / Double(sample.count)
      for (row, other) in sample {
        FellegiSunter.count(&counts, comparison.levels(table.rows[row], table.rows[other]).levels, weight)
      }
    }
    return FellegiSunter.shares(counts, prior: FellegiSunter.priorU, strength: 1e6)
  }

  /// Pairs of different rows, spread over the list; the same ones every time.
  private static func sample(_ count: Int) -> [(Int, Int)] {
    guard count > 1 else { return [] }
    let steps = [1, 7, 31, 127, 509].filter { $0 < count }
    let rows = stride(from: 0, to: count, by: max(1, count / 4000))
    return rows.flatMap { row in
      steps.map { step in
        let other = (row + step) % count
        return (min(row, other), max(row, other))
      }
    }
  }
}

extension Matcher.Options {
  /// Whether a country's code is known, for phone numbers.
  public static func knows(country: String) -> Bool { CallingCodes.byCountry[country.uppercased()] != nil }
}
