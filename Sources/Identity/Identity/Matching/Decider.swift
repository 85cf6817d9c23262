/// Turns probabilities into decisions. Precision comes first: a wrong link scores one customer with another's data.
struct Decider: Sendable {
  let options: Matcher.Options
  let book: Book
  let model: FellegiSunter

  private struct Ranked {
    var pair: ComparedPair
    var probability: Double
  }

  func result(_ pairs: [ComparedPair]) -> Matcher.Result {
    var byLeft = Array(repeating: [Ranked](), count: book.left.rows.count)
    var byRight = Array(repeating: [Ranked](), count: book.right.rows.count)
    for pair in pairs {
      let ranked = Ranked(pair: pair, probability: model.probability(pair.levels))
      byLeft[Int(pair.left)].append(ranked)
      byRight[Int(pair.right)].append(ranked)
    }
    for index in byLeft.indices { byLeft[index].sort { Self.isBefore($0, $1, \.right) } }
    for index in byRight.indices { byRight[index].sort { Self.isBefore($0, $1, \.left) } }

    var decisions: [Match.Decision] = byLeft.map { list in
      guard let best = list.first else { return .none }
      return isAuto(best, rivals: rivals(of: best, byLeft, byRight)) ? .auto : decision(list)
    }
    if !options.allowsMany { keepOneLeft(for: byLeft, &decisions) }

    // A right row that is taken is no candidate for another left row.
    var takenBy: [Int32: Int] = [:]
    if !options.allowsMany {
      for (left, decision) in decisions.enumerated() where decision == .auto {
        takenBy[byLeft[left][0].pair.right] = left
      }
    }
    var result = Matcher.Result()
    for (left, list) in byLeft.enumerated() {
      var list = list
      if decisions[left] != .auto {
        list = list.filter { takenBy[$0.pair.right] == nil }
        decisions[left] = decision(list)
      }
      append(left, list, decisions[left], &result, byLeft, byRight)
    }
    result.findings = book.keys.findings
    result.comparedPairs = pairs.count
    result.allPairs = book.left.rows.count * book.right.rows.count
    return result
  }

  private func append(
    _ left: Int, _ list: [Ranked], _ decision: Match.Decision, _ result: inout Matcher.Result, _ byLeft: [[Ranked]],
    _ byRight: [[Ranked]]
  ) {
    let leftID = book.leftRows[left].id
    guard decision != .none, let best = list.first else {
      result.matches.append(
        Match(leftID: leftID, rightID: nil, decision: .none, probability: 0, margin: 0, evidence: ""))
      return
    }
    let count = decision == .review ? options.top : 1
    for (index, ranked) in list.prefix(count).enumerated() where index == 0 || ranked.probability >= 1e-4 {
      result.matches.append(
        Match(
          leftID: leftID, rightID: book.rightRows[Int(ranked.pair.right)].id, decision: decision,
          probability: ranked.probability, margin: index == 0 ? margin(best, rivals(of: best, byLeft, byRight)) : 0,
          evidence: Evidence(book).text(ranked.pair)))
    }
  }

  /// Review, where the best is likely enough and the right one is likely among the first three: one of many that are all
  /// alike is no help to a person.
  private func decision(_ list: [Ranked]) -> Match.Decision {
    guard let best = list.first, best.probability >= options.reviewAt else { return .none }
    // What contradicts needs something that agrees, and so does another name.
    let levels = best.pair.levels
    if levels.contradicts, levels.agreements == 0, levels.key != .equal { return .none }
    if levels.name == .different, levels.contradicts, levels.phone != .equal, levels.agreements < 2,
      levels.key != .equal
    {
      return .none
    }
    func odds(_ list: some Sequence<Ranked>) -> Double { list.reduce(0) { $0 + model.odds($1.pair.levels) } }
    return odds(list.prefix(3)) / (1 - model.matchedRows + odds(list)) >= options.reviewAt ? .review : .none
  }

  /// How much more likely the best is than the next one, where one of them can be right at most.
  private func margin(_ best: Ranked, _ rivals: [Ranked]) -> Double {
    let odds = model.odds(best.pair.levels)
    let next = rivals.first.map { model.odds($0.pair.levels) } ?? 0
    return max(0, (odds - next) / (odds + next + 1 - model.matchedRows))
  }

  /// The other candidates of both rows, the best first.
  private func rivals(of best: Ranked, _ byLeft: [[Ranked]], _ byRight: [[Ranked]]) -> [Ranked] {
    var rivals = byLeft[Int(best.pair.left)].filter { $0.pair.right != best.pair.right }
    if !options.allowsMany { rivals += byRight[Int(best.pair.right)].filter { $0.pair.left != best.pair.left } }
    return rivals.sorted { model.odds($0.pair.levels) > model.odds($1.pair.levels) }
  }

  private func isAuto(_ best: Ranked, rivals: [Ranked]) -> Bool {
    let levels = best.pair.levels
    guard !levels.contradicts, best.probability >= options.autoAt else { return false }
    if levels.key == .equal { return !rivals.contains { $0.pair.levels.key == .equal } }
    guard margin(best, rivals) >= options.margin else { return false }
    if levels.agreements >= 2, !levels.name.isDoubtful { return true }
    // A name alone: equal, and nothing like it on either side.
    return levels.name == .equal && levels.agreements == 1 && levels.domain == .missing && levels.phone == .missing
      && levels.address == .missing && book.left.rows[Int(best.pair.left)].form.joined.count >= 4
      && !rivals.contains { $0.pair.levels.name.isClose }
  }

  /// One right row is decided for one left row only.
  private func keepOneLeft(for byLeft: [[Ranked]], _ decisions: inout [Match.Decision]) {
    var claims: [Int32: [Int]] = [:]
    for (left, decision) in decisions.enumerated() where decision == .auto {
      claims[byLeft[left][0].pair.right, default: []].append(left)
    }
    for lefts in claims.values where lefts.count > 1 {
      let keyed = lefts.filter { byLeft[$0][0].pair.levels.key == .equal }
      for left in lefts where keyed != [left] { decisions[left] = .review }
    }
  }

  private static func isBefore(_ a: Ranked, _ b: Ranked, _ other: KeyPath<ComparedPair, Int32>) -> Bool {
    if a.probability != b.probability { return a.probability > b.probability }
    if a.pair.name != b.pair.name { return a.pair.name > b.pair.name }
    return a.pair[keyPath: other] < b.pair[keyPath: other]
  }
}
