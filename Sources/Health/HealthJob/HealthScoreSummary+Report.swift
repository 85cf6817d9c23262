import AWSClient
import HealthModel
import Runs

/// What the health score tells to those who count runs and hear of them.
extension HealthScoreSummary {
  public var logged: [String: String] {
    ["scored": "\(accounts.scored)", "unscored": "\(accounts.unscored)", "failed": "\(accounts.failed)"]
  }

  public var counters: [RunCounter] {
    var counters = [
      RunCounter("AccountsScored", accounts.scored, isGauge: true),
      RunCounter("AccountsUnscored", accounts.unscored, isGauge: true),
      RunCounter("AccountsFailed", accounts.failed, isGauge: true),
      RunCounter("TierDrops", tierDrops.count, isGauge: true),
    ]
    counters += Tier.allCases.map { tier in
      RunCounter("Tier\(tier.rawValue.filter { $0 != " " })", tiers[tier.rawValue] ?? 0, isGauge: true)
    }
    if let load {
      counters += [
        RunCounter("RecordsCreated", load.created), RunCounter("RecordsUpdated", load.updated),
        RunCounter("RecordsFailed", load.failed),
      ]
    }
    if let meanCoveragePercent {
      counters.append(RunCounter("CoverageMean", meanCoveragePercent, unit: .percent, isGauge: true))
    }
    return counters
  }

  public var attributes: DynamoDBItem {
    var item: DynamoDBItem = [
      "provisional": .bool(provisional),
      "accounts": .map([
        "total": .number(accounts.total), "scored": .number(accounts.scored), "unscored": .number(accounts.unscored),
        "failed": .number(accounts.failed),
      ]),
      "tiers": .map(tiers.mapValues { .number($0) }), "tier_drops": .number(tierDrops.count),
      "failures": .number(failuresTotal),
    ]
    if let meanCoveragePercent { item["coverage_mean_pct"] = .number(meanCoveragePercent) }
    if let load {
      item["load"] = .map([
        "created": .number(load.created), "updated": .number(load.updated), "failed": .number(load.failed),
      ])
    }
    return item
  }

  public var notices: [RunNotice] {
    let drops = tierDrops
    guard !drops.isEmpty else { return [] }
    let moves = Dictionary(grouping: drops) { "\($0.previousTier?.rawValue ?? "") → \($0.tier.rawValue)" }
    let numbers = moves.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map {
      "\($0.key): \($0.value.count)"
    }
    return [
      RunNotice(
        kind: "tier_drops", title: "\(drops.count == 1 ? "1 account" : "\(drops.count) accounts") dropped a tier",
        numbers: numbers.joined(separator: "\n"),
        entries: drops.map { drop in
          RunNotice.Entry(
            name: drop.accountName,
            text: "\(drop.previousTier?.rawValue ?? "") \(drop.previous) → *\(drop.tier.rawValue) \(drop.current)*")
        })
    ]
  }

  /// Accounts in a lower tier than in the month before, the largest loss of points first.
  private var tierDrops: [Mover] {
    movers.filter { mover in mover.previousTier.map { mover.tier.isBelow($0) } ?? false }
      .sorted { $0.change < $1.change }
  }
}

extension Tier {
  fileprivate func isBelow(_ other: Tier) -> Bool {
    (Tier.allCases.firstIndex(of: self) ?? 0) > (Tier.allCases.firstIndex(of: other) ?? 0)
  }
}
