/// The probability that two rows are the same organisation (Fellegi and Sunter, 1969).
///
/// Each level has two probabilities: `m` among pairs that match, and `u` among pairs that don't. How much more often a level
/// comes among matches is what it says for one; the levels of a pair are taken together as if they were independent.
struct FellegiSunter: Sendable {
  /// By field and level.
  var m: [[Double]]
  var u: [[Double]]
  /// The share of all pairs that match.
  var share: Double

  /// The share of left rows that have a match, at most 0.98: no file is so complete that nobody can be missing.
  var matchedRows: Double

  /// How much more often a left row's match looks like this than one of its other pairs does, times the chance that a pair
  /// matches.
  func odds(_ levels: Levels) -> Double {
    var odds = share
    for field in 0..<Levels.fields.count where levels[field] != Levels.missing[field] {
      odds *= m[field][levels[field]] / u[field][levels[field]]
    }
    return min(odds, 1e12)
  }

  /// The probability of a match, 0 to 1, for a left row that has no other candidate.
  func probability(_ levels: Levels) -> Double {
    let odds = odds(levels)
    return odds / (1 - matchedRows + odds)
  }

  // Starting points, and what decides where the files are too small to tell. Shares of levels as public lists of
  // organisations show them; the last level, `missing`, says nothing.
  static let priorM: [[Double]] = [
    [0.45, 0.06, 0.08, 0.04, 0.03, 0.03, 0.02, 0.02, 0.06, 0.06, 0.04, 0.03, 0.02, 0.02, 0.035, 0.005, 0.015, 1],
    [0.8, 0.08, 0.05, 0.07, 1],
    [0.75, 0.1, 0.04, 0.11, 1],
    [0.55, 0.1, 0.08, 0.06, 0.05, 0.05, 0.06, 0.05, 1],
    [0.98, 0.02, 1],
  ]
  static let priorU: [[Double]] = [
    [2e-7, 5e-7, 1e-6, 8e-6, 3e-5, 1e-4, 4e-4, 2e-3, 1e-7, 5e-7, 2e-6, 4e-6, 1e-5, 1e-5, 0.99, 1e-3, 1e-3, 1],
    [2e-7, 1e-3, 1e-5, 0.999, 1],
    [2e-7, 1e-4, 1e-5, 0.9999, 1],
    [2e-7, 1e-6, 1e-4, 1e-5, 1e-4, 5e-3, 0.05, 0.94, 1],
    [1e-8, 1, 1],
  ]

  /// How many pairs each level has in a sample.
  typealias Counts = [[Double]]

  static var noCounts: Counts { Levels.fields.map { Array(repeating: 0, count: $0) } }

  static func count(_ counts: inout Counts, _ levels: Levels, _ weight: Double = 1) {
    for field in 0..<Levels.fields.count { counts[field][levels[field]] += weight }
  }

  /// Shares of levels from counts, where `strength` pairs that are distributed like `prior` are counted in.
  static func shares(_ counts: Counts, prior: [[Double]], strength: Double) -> [[Double]] {
    zip(counts, prior).map { counts, prior in
      let known = counts.dropLast().reduce(0, +)
      return zip(counts, prior).enumerated().map { index, pair in
        index == counts.count - 1 ? 1 : (pair.0 + pair.1 * strength) / (known + strength)
      }
    }
  }

  /// Finds `m` and the share of matches by expectation–maximisation, without labels. `u` stays: it was counted among pairs
  /// of rows of the same file, which are different organisations.
  ///
  /// A left row has one match at most, so its candidates share one probability.
  ///
  /// - Parameters:
  ///   - pairs: The candidates, row by row.
  ///   - rows: How many rows the left list has, and the right one.
  ///   - allowsMany: Whether several left rows may be one right row.
  static func fitted(_ pairs: [ComparedPair], u: [[Double]], rows: (left: Int, right: Int), allowsMany: Bool) -> Self {
    let (left, right) = (Double(max(rows.left, 1)), Double(max(rows.right, 1)))
    let most = allowsMany ? left : min(left, right)
    var model = FellegiSunter(m: priorM, u: u, share: 0, matchedRows: 0)
    model.setMatches(most * 0.5, left, right)
    // Few different patterns of levels stand for many pairs.
    var patterns: [Levels] = []
    var numbers: [Levels: Int] = [:]
    let pattern = pairs.map { pair in
      if let number = numbers[pair.levels] { return number }
      numbers[pair.levels] = patterns.count
      patterns.append(pair.levels)
      return patterns.count - 1
    }
    for _ in 0..<60 {
      let odds = patterns.map(model.odds)
      var weights = Array(repeating: 0.0, count: patterns.count)
      var start = 0
      while start < pairs.count {
        let end = pairs[start...].firstIndex { $0.left != pairs[start].left } ?? pairs.count
        let sum = (start..<end).reduce(1 - model.matchedRows) { $0 + odds[pattern[$1]] }
        for index in start..<end { weights[pattern[index]] += odds[pattern[index]] / sum }
        start = end
      }
      var counts = noCounts
      for (levels, weight) in zip(patterns, weights) { count(&counts, levels, weight) }
      let before = model.share
      model.m = shares(counts, prior: priorM, strength: 20)
      model.setMatches(min(max(weights.reduce(0, +), 0.02 * most), most), left, right)
      if abs(model.share - before) < 1e-9 * before { break }
    }
    return model
  }

  private mutating func setMatches(_ matches: Double, _ left: Double, _ right: Double) {
    matchedRows = min(matches / left, 0.98)
    share = matchedRows / right
  }
}
