import Formats
import HealthModel
import Insight
import Scoring
import TestSupport
import Testing
import Time

@Suite struct WhatIfTests {
  private let period = Period(year: 2026, month: 10)

  /// Equal to scoring every account with the other configuration.
  @Test(arguments: 0..<10) func equalsScoring(_ seed: Int) throws {
    var dice = Dice(seed)
    let random = try RandomBook()
    let accounts = (0..<200).map { random.account($0, &dice) }
    let model = random.model(&dice)
    let result = WhatIf(Book(period: period, accounts: accounts, model: random.shipped), under: model)
    let moves = Dictionary(uniqueKeysWithValues: result.accounts.map { ($0.accountID, $0) })
    var (up, down, near, unscored) = (0, 0, 0, 0)
    for account in accounts {
      var changed = account
      if account.mapping?.segment == nil, let arr = account.arr { changed.segment = arr >= 250_000 ? .paid : .standard }
      let before = Scorer(model: random.shipped).score(account)
      let after = Scorer(model: model).score(changed)
      let move = try #require(moves[account.accountID])
      #expect(move.scoreBefore == before.health && move.scoreAfter == after.health)
      #expect(move.standingBefore == Standing(before) && move.standingAfter == Standing(after))
      let ranks = [before, after].map { score in score.tier.flatMap { Tier.allCases.firstIndex(of: $0) } }
      if let old = ranks[0], let new = ranks[1] {
        if new < old { up += 1 }
        if new > old { down += 1 }
      }
      if ranks[0] != nil, ranks[1] == nil { unscored += 1 }
      if Standing(before) != Standing(after), (move.daysToRenewal ?? 999) <= 120 { near += 1 }
    }
    #expect(result.figures.movedUp == up && result.figures.movedDown == down)
    #expect(result.figures.newlyUnscored == unscored && result.figures.nearRenewal == near)
    let sizes = result.moves.map { $0.change?.magnitude ?? 0 }
    #expect(sizes == sizes.sorted(by: >))
    #expect(result.moves.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func theSameConfigurationMovesNobody() throws {
    var dice = Dice(3)
    let random = try RandomBook()
    var accounts = (0..<50).map { random.account($0, &dice) }
    for index in accounts.indices {
      let segment = accounts[index].segment
      accounts[index].mapping?.segment = segment
    }
    let result = WhatIf(Book(period: period, accounts: accounts, model: random.shipped), under: random.shipped)
    #expect(Array(result.moves).isEmpty && result.nearRenewal.isEmpty)
    #expect(result.figures.meanBefore == result.figures.meanAfter)
  }

  @Test(arguments: [
    ("moved_down_pct>10", true), ("moved_down_pct >= 20", true), ("moved_down_pct>20", false), ("moved_up==0", true),
    ("moved_up != 0", false), ("mean_after<50", false), ("accounts<=4", true),
  ]) func conditionsCompareFigures(_ text: String, _ holds: Bool) throws {
    var figures = WhatIf.Figures()
    figures.accounts = 4
    figures.movedDownPercent = 20
    #expect(try #require(Condition(text)).holds(for: figures) == holds)
  }

  @Test(arguments: ["", "moved_down_pct", "moved_down_pct>", "moved_down_pct>ten", "nonsense>1", "moved_up=1", ">1"])
  func whatIsNoConditionIsNone(_ text: String) { #expect(Condition(text) == nil) }
}
