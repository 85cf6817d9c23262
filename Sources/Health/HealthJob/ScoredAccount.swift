import HealthModel
import HealthSources
import Scoring
import Snapshots

/// An account, what it was scored from, its score, and the score of the month before.
struct ScoredAccount: Sendable {
  let account: MappedAccount
  let snapshot: AccountSnapshot
  let score: HealthScore
  let previousHealth: Double?
  let previousTier: Tier?
  /// Why the score moved since the month before, in one line; nil where that is not known.
  var changeSummary: String?

  var drivers: [String] { score.driverTexts }

  /// Sources that have no value at all for this account, each with the reason that ranks first.
  var missingSources: [String: MissingReason] {
    var missing: [String: MissingReason] = [:]
    for source in SourceRegistry.all {
      let reasons = source.metrics.compactMap { score[$0].observation.missingReason }
      guard reasons.count == source.metrics.count else { continue }
      // One metric that is not configured says nothing about the whole source.
      missing[source.id.name] = reasons.filter { $0 != .notConfigured }.min() ?? reasons.min()
    }
    return missing
  }

  var result: HealthScoreSummary.Result {
    HealthScoreSummary.Result(
      accountID: snapshot.accountID, accountName: snapshot.accountName, segment: snapshot.segment,
      healthScore: score.health, tier: score.tier, coveragePercent: Shown.oneDecimal(score.coveragePercent),
      coverage: score.coverage, qualitativeRule: score.qualitative.rule, drivers: drivers, missing: missingSources)
  }

  var mover: HealthScoreSummary.Mover? {
    guard let previousHealth, let current = score.health, let tier = score.tier else { return nil }
    let change = Shown.oneDecimal(current - previousHealth)
    guard change != 0 else { return nil }
    return HealthScoreSummary.Mover(
      accountID: snapshot.accountID, accountName: snapshot.accountName, previous: previousHealth, current: current,
      change: change, previousTier: previousTier, tier: tier)
  }
}
