import HealthModel
import HealthSources
import Insight
import Scoring
import TestSupport
import Testing
import Time

@Suite struct ChangesTests {
  private static let months = (Period(year: 2026, month: 9), Period(year: 2026, month: 10))

  private func changes(
    _ old: [AccountSnapshot], _ new: [AccountSnapshot], from: ScoringModel, to: ScoringModel
  ) -> Changes {
    Changes(
      from: Book(period: Self.months.0, accounts: old, model: from),
      to: Book(period: Self.months.1, accounts: new, model: to), sources: SourceRegistry.metricSources)
  }

  /// For random pairs of snapshots and configurations: the parts add up, and each stage equals rescoring.
  @Test(arguments: 0..<40) func partsAddUpAndStagesEqualRescoring(_ seed: Int) throws {
    var dice = Dice(seed)
    let random = try RandomBook()
    let (before, after) = (random.model(&dice), random.model(&dice))
    let old = (0..<250).map { random.account($0, &dice) }
    let new = old.map { random.later($0, &dice) }
    let result = changes(old, new, from: before, to: after)
    var splits = 0
    for (index, account) in result.accounts.enumerated() {
      let start = Scorer(model: before).score(old[index]).unrounded
      let end = Scorer(model: after).score(new[index]).unrounded
      guard let start, let end else {
        #expect(account.change == nil && account.parts.isEmpty && account.cause?.isEmpty == false)
        continue
      }
      splits += 1
      let sum = account.parts.reduce(0) { $0 + $1.points }
      #expect((sum - (end.health - start.health)).magnitude < 1e-9)
      try expectRescoring(account, old[index], new[index], start, after)
    }
    #expect(splits > 30)
    for stage in AccountChange.Stage.allCases {
      let sum = result.accounts.reduce(0) { $0 + $1.points(stage) }
      #expect((result.book.points(stage) - sum).magnitude < 1e-9)
    }
  }

  private func expectRescoring(
    _ account: AccountChange, _ old: AccountSnapshot, _ new: AccountSnapshot, _ start: HealthScore.Unrounded,
    _ model: ScoringModel
  ) throws {
    let scorer = Scorer(model: model)
    var state = old
    var known = start
    for part in account.parts {
      switch part.stage {
      case .configuration: break
      case .identity:
        state.segment = new.segment
        for change in part.metrics { state.observations[change.metric] = change.to }
      case .availability:
        for change in part.metrics {
          #expect(change.from.missingReason != change.to.missingReason)
          state.observations[change.metric] = new.observations[change.metric]
        }
      case .data:
        for metric in Metric.allCases { state.observations[metric] = new.observations[metric] }
        let points = part.metrics.reduce(0) { $0 + ($1.points ?? 0) }
        #expect((points - part.points).magnitude < 1e-9)
      case .signals: state = new
      }
      let score = scorer.score(state).unrounded
      let expected = score ?? known
      #expect((part.quantitative - expected.quantitative).magnitude < 1e-9, "\(part.stage)")
      switch part.stage {
      case .configuration: #expect((part.points - (expected.health - start.health)).magnitude < 1e-9)
      case .signals: break
      default: #expect((part.points - (expected.quantitative - known.quantitative)).magnitude < 1e-9)
      }
      known = expected
    }
  }

  @Test func anUnchangedAccountHasNoPart() throws {
    var dice = Dice(7)
    let random = try RandomBook()
    let accounts = (0..<50).map { random.account($0, &dice) }
    let result = changes(accounts, accounts, from: random.shipped, to: random.shipped)
    #expect(result.accounts.allSatisfy { $0.parts.isEmpty && $0.change ?? 0 == 0 })
    #expect(result.book.change == 0 && result.book.movedARR.up == 0 && result.book.accounts == 50)
    #expect(result.book.migration.entries.allSatisfy { $0.from == $0.to })
  }

  /// A complete account: every weighed metric between red and green.
  private func complete(_ random: RandomBook) -> AccountSnapshot {
    var observations = Observations()
    for entry in random.shipped.dimensions.flatMap(\.metrics) {
      observations[entry.metric] = .value((entry.paid.green + entry.paid.yellow) / 2)
    }
    return AccountSnapshot(
      accountID: "a", accountName: "Sample", segment: .paid, asOf: Period(year: 2026, month: 10).end,
      observations: observations, signals: .known([]), arr: 300_000, mapping: AccountLinks(intercomCompanyID: "c"))
  }

  @Test func equalCausesGetEqualPoints() throws {
    let random = try RandomBook()
    let old = complete(random)
    var new = old
    // Both weigh 0.13 of their dimension and fall from green's middle to yellow.
    new.observations[.medianFirstResponse] = .value(7200)
    new.observations[.medianResolution] = .value(43200)
    let account = changes([old], [new], from: random.shipped, to: random.shipped).accounts[0]
    let data = try #require(account.parts.first { $0.stage == .data })
    #expect(data.metrics.count == 2 && data.metrics[0].points == data.metrics[1].points)
    #expect(account.parts.map(\.stage) == [.configuration, .identity, .data, .signals])
    #expect(account.summary(since: "2026-09")?.contains("Median first response 1 h 30 min \u{2192} 2 h") == true)
  }

  @Test func eachCauseIsCountedWhereItBelongs() throws {
    let random = try RandomBook()
    let old = complete(random)
    var moved = old
    moved.mapping?.intercomCompanyID = "other"
    moved.observations[.csatScore] = .value(3)
    moved.observations[.openBugs] = .missing(.unavailable)
    moved.observations[.daysToRenewal] = .missing(.noData)
    moved.observations[.platformScore] = .value(30)
    moved.signals = .known([ChurnSignal(severity: .critical, confidence: nil, status: "Active", observed: nil)])
    let account = changes([old], [moved], from: random.shipped, to: random.shipped).accounts[0]
    func part(_ stage: AccountChange.Stage, _ source: String? = nil) throws -> AccountChange.Part {
      try #require(account.parts.first { $0.stage == stage && $0.source == source })
    }
    #expect(try part(.identity).metrics.map(\.metric) == [.csatScore])
    #expect(try part(.availability, "jira").metrics.map(\.metric) == [.openBugs])
    #expect(try part(.availability, "salesforce").metrics.map(\.metric) == [.daysToRenewal])
    #expect(try part(.data).metrics.map(\.metric) == [.platformScore])
    #expect(try part(.signals).points < 0)
    #expect(account.parts.filter { $0.stage == .availability }.map(\.source) == ["jira", "salesforce"])
    #expect(account.to.score == 65)
  }

  /// Missing on both sides for another reason costs nothing, and is still told.
  @Test func anotherReasonIsAvailability() throws {
    let random = try RandomBook()
    var old = complete(random)
    old.observations[.csatScore] = .missing(.noData)
    var new = old
    new.observations[.csatScore] = .missing(.unavailable)
    let account = changes([old], [new], from: random.shipped, to: random.shipped).accounts[0]
    let part = try #require(account.parts.first { $0.stage == .availability })
    #expect(part.source == "intercom" && part.points == 0 && part.metrics.map(\.metric) == [.csatScore])
  }

  @Test func whoCameOrLeftOrLostItsScoreHasACause() throws {
    let random = try RandomBook()
    let account = complete(random)
    var empty = account
    empty.observations = Observations()
    let came = changes([], [account], from: random.shipped, to: random.shipped)
    #expect(came.accounts[0].from.standing == .absent && came.accounts[0].cause == "not in the book of 2026-09")
    let left = changes([account], [], from: random.shipped, to: random.shipped)
    #expect(left.accounts[0].to.standing == .absent && left.accounts[0].arr == 300_000)
    let lost = changes([account], [empty], from: random.shipped, to: random.shipped)
    #expect(lost.accounts[0].to.standing == .unscored && lost.accounts[0].change == nil)
    #expect(lost.accounts[0].cause?.hasPrefix("not scored in 2026-10: coverage 0.0%") == true)
    #expect(lost.book.migration.entries.map(\.to.name) == ["Unscored"])
  }
}
