import Formats
import HealthModel
import Scoring
import Time

/// A month's book under another configuration.
public struct WhatIf: Sendable {
  /// One account under both configurations.
  public struct Move: Sendable, Equatable {
    public var accountID: String
    public var accountName: String
    /// One decimal; nil without a score.
    public var scoreBefore: Double?
    public var scoreAfter: Double?
    public var standingBefore: Standing
    public var standingAfter: Standing
    /// Before rounding; nil where one side has no score.
    public var change: Double?
    /// In words; empty where the score is the same.
    public var reason: String
    public var arr: Double?
    public var renewalDate: CalendarDate?
    /// From the as-of day to the renewal; negative once that is overdue. Nil where either is not known.
    public var daysToRenewal: Int?
  }

  /// Numbers about the whole book, by the names that ``Condition`` compares.
  public struct Figures: Sendable, Equatable {
    public var accounts = 0
    public var scoredBefore = 0
    public var scoredAfter = 0
    /// Accounts in a better tier.
    public var movedUp = 0
    /// Accounts in a worse tier.
    public var movedDown = 0
    /// Percent of the accounts with a score under both configurations; 0 without any.
    public var movedUpPercent = 0.0
    public var movedDownPercent = 0.0
    public var movedDownARR = 0.0
    /// Accounts that lose their score.
    public var newlyUnscored = 0
    /// Entries of ``WhatIf/nearRenewal``.
    public var nearRenewal = 0
    /// Over the scored accounts, before rounding; nil without any.
    public var meanBefore: Double?
    public var meanAfter: Double?

    public init() {}

    /// By name, in the order in which they are shown.
    public var named: [(name: String, value: Double?)] {
      [
        ("accounts", Double(accounts)), ("scored_before", Double(scoredBefore)), ("scored_after", Double(scoredAfter)),
        ("moved_up", Double(movedUp)), ("moved_down", Double(movedDown)), ("moved_up_pct", movedUpPercent),
        ("moved_down_pct", movedDownPercent), ("moved_down_arr", movedDownARR),
        ("newly_unscored", Double(newlyUnscored)), ("near_renewal", Double(nearRenewal)), ("mean_before", meanBefore),
        ("mean_after", meanAfter),
      ]
    }
  }

  /// An account whose renewal is at most so many days after the as-of day is near it.
  public static let renewalDays = 120

  public let period: Period
  /// Every account of the book: the largest changes first, then in the book's order.
  public let accounts: [Move]
  public let figures: Figures
  public let migration: Migration

  /// Accounts whose score or tier is another one, the largest changes first.
  public var moves: some Sequence<Move> {
    accounts.lazy.filter { ($0.change ?? 0) != 0 || ($0.change != nil && $0.standingBefore != $0.standingAfter) }
  }

  /// Accounts in another tier that renew soon, or should have renewed already; the nearest renewal first.
  public let nearRenewal: [Move]

  /// Accounts in a tier or without a score, before or after.
  public func count(_ standing: Standing, isAfter: Bool) -> Int {
    migration.entries.reduce(0) { $0 + ((isAfter ? $1.to : $1.from) == standing ? $1.accounts : 0) }
  }

  /// - Parameter model: The other configuration. It also judges anew by ARR the segment of accounts whose mapping names
  ///   none.
  public init(_ book: Book, under model: ScoringModel) {
    let comparison = Comparison(before: book.scorer, after: Scorer(model: model))
    let accounts = book.accounts.map { comparison.move(of: $0) }
    var figures = Figures()
    var (sumBefore, sumAfter) = (0.0, 0.0)
    for (_, before, after) in accounts {
      figures.accounts += 1
      if let before {
        figures.scoredBefore += 1
        sumBefore += before
        if after == nil { figures.newlyUnscored += 1 }
      }
      if let after {
        figures.scoredAfter += 1
        sumAfter += after
      }
    }
    let moves = accounts.map(\.move)
    let migration = Migration(moves.map { ($0.standingBefore, $0.standingAfter, $0.arr) })
    let near = moves.filter { move in
      move.standingBefore != move.standingAfter && (move.daysToRenewal.map { $0 <= WhatIf.renewalDays } ?? false)
    }.sorted { ($0.daysToRenewal ?? 0, $0.accountID) < ($1.daysToRenewal ?? 0, $1.accountID) }
    let scoredTwice = moves.count { $0.change != nil }
    figures.movedUp = migration.accounts(movedUp: true)
    figures.movedDown = migration.accounts(movedUp: false)
    if scoredTwice > 0 {
      figures.movedUpPercent = 100 * Double(figures.movedUp) / Double(scoredTwice)
      figures.movedDownPercent = 100 * Double(figures.movedDown) / Double(scoredTwice)
    }
    figures.movedDownARR = migration.arr(movedUp: false)
    figures.nearRenewal = near.count
    if figures.scoredBefore > 0 { figures.meanBefore = sumBefore / Double(figures.scoredBefore) }
    if figures.scoredAfter > 0 { figures.meanAfter = sumAfter / Double(figures.scoredAfter) }

    self.figures = figures
    self.migration = migration
    period = book.period
    nearRenewal = near
    self.accounts = moves.enumerated().sorted { left, right in
      let sizes = (left.element.change?.magnitude ?? -1, right.element.change?.magnitude ?? -1)
      return sizes.0 != sizes.1 ? sizes.0 > sizes.1 : left.offset < right.offset
    }.map(\.element)
  }
}

/// Scores accounts under two configurations.
private struct Comparison {
  let before: Scorer
  let after: Scorer

  /// The move, and the two scores before rounding; nil without a score.
  func move(of account: AccountSnapshot) -> (move: WhatIf.Move, before: Double?, after: Double?) {
    var changed = account
    if let mapping = account.mapping, mapping.segment == nil, let arr = account.arr {
      changed.segment = after.model.segment(forARR: arr)
    }
    let (old, new) = (before.score(account), after.score(changed))
    let days = account.asOf.flatMap { asOf in account.renewalDate.map { $0.day - asOf.date.day } }
    let change = old.unrounded.flatMap { old in new.unrounded.map { $0.health - old.health } }
    let move = WhatIf.Move(
      accountID: account.accountID, accountName: account.accountName, scoreBefore: old.health, scoreAfter: new.health,
      standingBefore: Standing(old), standingAfter: Standing(new), change: change,
      reason: reason(account, old, changed, new), arr: account.arr, renewalDate: account.renewalDate,
      daysToRenewal: days)
    return (move, old.unrounded?.health, new.unrounded?.health)
  }

  /// What makes the largest difference, in words.
  private func reason(
    _ account: AccountSnapshot, _ old: HealthScore, _ changed: AccountSnapshot, _ new: HealthScore
  ) -> String {
    guard let was = old.unrounded, let now = new.unrounded else {
      switch (old.unscoredReason, new.unscoredReason) {
      case (nil, let reason?): return "no longer scored: \(reason)"
      case (_?, nil): return "now scored"
      default: return ""
      }
    }
    guard was != now || old.tier != new.tier else { return "" }
    var reasons: [String] = []
    if account.segment != changed.segment {
      reasons.append("segment \(changed.segment.rawValue) instead of \(account.segment.rawValue)")
    }
    let (capBefore, capAfter) = (was.quantitative - was.health, now.quantitative - now.health)
    if capBefore != capAfter {
      func words(_ score: HealthScore, _ cut: Double) -> String {
        cut > 0 ? score.qualitative.cap.map { "cap \(Driver.number($0))" } ?? "no cap" : "no cap"
      }
      reasons.append("\(words(new, capAfter)) instead of \(words(old, capBefore))")
    }
    let metrics = Metric.allCases.compactMap { metric -> (metric: Metric, points: Double)? in
      let points = new[metric].points - old[metric].points
      return points.magnitude > 1e-9 ? (metric, points) : nil
    }.sorted { $0.points.magnitude > $1.points.magnitude }
    for (metric, points) in metrics.prefix(2) where now.quantitative != was.quantitative {
      reasons.append("\(metric.label) (\(Driver.signed(points)))")
    }
    if reasons.isEmpty { reasons.append("the tiers' bounds") }
    return reasons.joined(separator: "; ")
  }
}
