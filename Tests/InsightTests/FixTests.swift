import HealthModel
import Insight
import Scoring
import TestSupport
import Testing
import Time

@Suite struct FixTests {
  private func apply(_ changes: [SmallestFix.Change], to account: AccountSnapshot) -> AccountSnapshot {
    var account = account
    for change in changes { account.observations[change.metric] = .value(change.to) }
    return account
  }

  /// The fix reaches the tier; no part of it does, nor one unit or 1 % less of any change.
  @Test(arguments: 0..<20) func reachesTheTierWithNothingToSpare(_ seed: Int) throws {
    var dice = Dice(seed &+ 1000)
    let random = try RandomBook()
    let model = random.model(&dice)
    let scorer = Scorer(model: model)
    var statuses: [SmallestFix.Status: Int] = [:]
    var sizes: Set<Int> = []
    for index in 0..<100 {
      var account = random.account(index, &dice)
      let score = scorer.score(account)
      let fix = scorer.smallestFix(of: account, score)
      statuses[fix.status, default: 0] += 1
      if fix.status == .fix { sizes.insert(fix.changes.count) }
      if fix.status == .outOfReach, let target = fix.target {
        // Even everything that can be moved at its best is not enough.
        var best = account
        best.signals = .known([])
        for entry in model.dimensions.flatMap(\.metrics)
        where entry.isMovable && account.observations[entry.metric].value != nil {
          best.observations[entry.metric] = .value(entry.thresholds(for: account.segment).green)
        }
        #expect((scorer.score(best).health ?? 0) < model.lowerBound(of: target))
      }
      guard fix.status == .fix || fix.status == .capped, let target = fix.target else { continue }
      if fix.status == .capped { account.signals = .known([]) }
      func reaches(_ changes: [SmallestFix.Change]) -> Bool {
        (scorer.score(apply(changes, to: account)).health ?? 0) >= model.lowerBound(of: target)
      }
      #expect(reaches(fix.changes), "\(fix)")
      for position in fix.changes.indices {
        var fewer = fix.changes
        fewer.remove(at: position)
        #expect(!reaches(fewer), "a part of \(fix.changes) is enough")
        var less = fix.changes
        let move = less[position].to - less[position].from
        let isWhole = [.count, .flag].contains(less[position].metric.unit)
        less[position].to -= isWhole ? (move < 0 ? -1 : 1) : move * 0.01
        #expect(!reaches(less), "less of \(fix.changes[position]) is enough")
        if isWhole { #expect(move == move.rounded()) }
        #expect(!model.dimensions.flatMap(\.metrics).contains { $0.metric == less[position].metric && !$0.isMovable })
      }
    }
    #expect(statuses[.fix, default: 0] > 5, "\(statuses)")
    #expect(sizes.contains { $0 >= 3 }, "\(sizes)")
  }

  /// By trying everything: no smaller set exists, and no set of that size gets by with a smaller largest share.
  @Test func nothingSmallerExists() throws {
    let random = try RandomBook()
    var dice = Dice(5)
    var compared = 0
    for index in 0..<400 where compared < 12 {
      let account = random.account(index, &dice)
      let scorer = Scorer(model: random.shipped)
      let score = scorer.score(account)
      let fix = scorer.smallestFix(of: account, score)
      guard fix.status == .fix, fix.changes.count == 2, let target = fix.target else { continue }
      compared += 1
      let entries = random.shipped.dimensions.flatMap(\.metrics).filter {
        $0.isMovable && (score[$0.metric].score ?? 100) < 100 && score[$0.metric].weight > 0
      }
      func share(_ change: SmallestFix.Change) -> Double {
        guard let marks = entries.first(where: { $0.metric == change.metric })?.thresholds(for: account.segment) else {
          return .infinity
        }
        return (change.to - change.from).magnitude / (marks.green - marks.red).magnitude
      }
      func moved(_ entry: ScoringModel.WeightedMetric, _ share: Double) -> Double? {
        guard let raw = account.observations[entry.metric].value else { return nil }
        let marks = entry.thresholds(for: account.segment)
        var move = min(share * (marks.green - marks.red).magnitude, (marks.green - raw).magnitude)
        if [.count, .flag].contains(entry.metric.unit) { move = move.rounded(.down) }
        return entry.isLowerBetter ? raw - move : raw + move
      }
      let largest = fix.changes.map(share).max() ?? 0
      for (position, first) in entries.enumerated() {
        for second in entries[position...] {
          // A single metric all the way, or two metrics by a little less than the fix's largest share.
          let allowed = first.metric == second.metric ? Double.infinity : largest * 0.999
          var other = account
          for entry in [first, second] {
            other.observations[entry.metric] = moved(entry, allowed).map { .value($0) } ?? .missing(.noData)
          }
          #expect(
            (scorer.score(other).health ?? 0) < random.shipped.lowerBound(of: target),
            "\(first.metric) \(second.metric)")
        }
      }
    }
    #expect(compared == 12)
  }

  private func account(_ value: (ScoringModel.Thresholds) -> Double, _ signals: [ChurnSignal]) throws -> AccountSnapshot
  {
    var observations = Observations()
    for entry in try RandomBook().shipped.dimensions.flatMap(\.metrics) {
      observations[entry.metric] = .value(value(entry.paid))
    }
    return AccountSnapshot(
      accountID: "a", accountName: "Sample", segment: .paid, asOf: Timestamp(iso8601: "2026-10-31"),
      observations: observations, signals: .known(signals))
  }

  private func day(_ text: String) -> CalendarDate? { Timestamp(iso8601: text)?.date }

  /// All green and a signal: no improvement shows until it has lapsed.
  @Test func aCapIsNamedWithItsLastDay() throws {
    let scorer = Scorer(model: try RandomBook().shipped)
    let signals = [
      ChurnSignal(severity: .moderate, confidence: nil, status: "Active", observed: day("2026-10-03")),
      ChurnSignal(severity: .watch, confidence: nil, status: "Active", observed: day("2026-10-30")),
    ]
    let account = try account(\.green, signals)
    let fix = scorer.smallestFix(of: account, scorer.score(account))
    let cap = try #require(fix.cap)
    #expect(fix.status == .capped && fix.target == .healthy && fix.changes.isEmpty)
    #expect(cap.rule == "moderate_1plus" && cap.limit == 75 && cap.until == day("2027-01-01"))
    #expect(cap.signals.map(\.signal.severity) == [.moderate])
    #expect(fix.texts.first?.contains("2027-01-01") == true)
    let ledger = scorer.ledger(of: account)
    #expect(ledger.map(\.cost) == [25, 0] && ledger.map(\.scoreWhenLapsed) == [100, 75])
    #expect(ledger.map(\.countsAs) == [.moderate, .watch] && ledger.map(\.daysLeft) == [62, 59])
  }

  @Test func aCriticalSignalEndsOnlyByHand() throws {
    let scorer = Scorer(model: try RandomBook().shipped)
    let signals = [
      ChurnSignal(severity: .critical, confidence: "Confirmed", status: "Active", observed: day("2026-10-03")),
      ChurnSignal(severity: .moderate, confidence: nil, status: "Closed", observed: day("2026-10-03")),
      ChurnSignal(severity: .watch, confidence: nil, status: "Monitoring", observed: day("2026-10-03")),
    ]
    let account = try account(\.yellow, signals)
    let fix = scorer.smallestFix(of: account, scorer.score(account))
    #expect(fix.cap?.until == nil && fix.cap?.rule == "critical_confirmed" && fix.target == .atRisk)
    let ledger = scorer.ledger(of: account)
    #expect(ledger.map(\.countsAs) == [.critical, nil, nil] && ledger.map(\.lapses)[0] == nil)
    #expect(ledger.map(\.scoreWhenLapsed) == [nil, nil, nil] && ledger[1].cost == 0)
    let top = try self.account(\.green, [])
    #expect(scorer.smallestFix(of: top, scorer.score(top)).status == .top)
    var empty = top
    empty.observations = Observations()
    #expect(scorer.smallestFix(of: empty, scorer.score(empty)).status == .unscored)
    var fixed = top
    // Only what nobody can move is missing to the best tier.
    for metric in Metric.allCases where metric != .daysToRenewal {
      fixed.observations[metric] = .missing(.notConfigured)
    }
    fixed.observations[.daysToRenewal] = .value(20)
    #expect(scorer.smallestFix(of: fixed, scorer.score(fixed)).status == .unscored)
  }
}
