import HealthModel
import Scoring
import Snapshots
import Time

/// An account with what it was scored from.
struct ScoredAccount: Sendable {
  let account: MappedAccount
  let snapshot: AccountSnapshot
  let score: HealthScore
  let previousHealth: Double?
  let previousTier: Tier?

  var drivers: [String] { score.driverTexts }

  /// Sources that say nothing of this account, each with the most telling reason.
  var missingSources: [String: MissingReason] {
    var missing: [String: MissingReason] = [:]
    for source in SourceID.allCases {
      let reasons = source.metrics.compactMap { score[$0].observation.missingReason }
      guard reasons.count == source.metrics.count else { continue }
      // A metric that nobody configured says nothing of the source as a whole.
      missing[source.rawValue] = reasons.filter { $0 != .notConfigured }.min() ?? reasons.min()
    }
    return missing
  }

  var result: RunAnswer.Result {
    RunAnswer.Result(
      accountID: snapshot.accountID, accountName: snapshot.accountName, segment: snapshot.segment,
      healthScore: score.health, tier: score.tier, coveragePercent: Shown.oneDecimal(score.coveragePercent),
      coverage: score.coverage, qualitativeRule: score.qualitative.rule, drivers: drivers, missing: missingSources)
  }

  var mover: RunAnswer.Mover? {
    guard let previousHealth, let current = score.health, let tier = score.tier else { return nil }
    let change = Shown.oneDecimal(current - previousHealth)
    guard change != 0 else { return nil }
    return RunAnswer.Mover(
      accountID: snapshot.accountID, accountName: snapshot.accountName, previous: previousHealth, current: current,
      change: change, previousTier: previousTier, tier: tier)
  }
}

extension Scorer {
  /// Scores an account as a snapshot line has it; the replay of a run takes this very way.
  public func score(_ snapshot: AccountSnapshot) -> HealthScore {
    // Without an as-of instant no signal has a date, and the day does not matter.
    score(
      snapshot.observations, signals: snapshot.signals, segment: snapshot.segment,
      asOf: snapshot.asOf ?? Timestamp(milliseconds: 0))
  }
}
