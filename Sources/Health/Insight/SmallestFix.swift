import HealthModel
import Scoring
import Time

/// The smallest improvement that lifts an account to the next tier.
public struct SmallestFix: Sendable, Equatable {
  public enum Status: String, Sendable {
    /// ``changes`` reach ``target``.
    case fix
    /// The account is in the best tier.
    case top
    /// A cap stands in the way; ``changes`` are what is needed besides, once today's signals are gone.
    case capped
    /// No change of the metrics that can be moved reaches ``target``.
    case outOfReach = "out_of_reach"
    case unscored
  }

  /// A metric and how far it has to move.
  public struct Change: Sendable, Equatable {
    public var metric: Metric
    /// Raw values in the metric's unit.
    public var from: Double
    public var to: Double
  }

  /// The rule that keeps the score below the target, and the signals behind it.
  public struct Cap: Sendable, Equatable {
    public var rule: String
    public var limit: Double
    /// The last day on which any rule still stands in the way; nil for one that people must close.
    public var until: CalendarDate?
    /// Signals that count now as a severity that stands in the way, with the last day of each; nil: it does not lapse.
    public var signals: [(signal: ChurnSignal, lapses: CalendarDate?)]

    public static func == (left: Cap, right: Cap) -> Bool {
      left.rule == right.rule && left.limit == right.limit && left.until == right.until
        && left.signals.elementsEqual(right.signals) { $0.signal == $1.signal && $0.lapses == $1.lapses }
    }
  }

  public var status: Status
  /// The next better tier; nil for ``Status/top`` and ``Status/unscored``.
  public var target: Tier?
  /// Nil where no cap stands in the way.
  public var cap: Cap?
  /// In configuration order.
  public var changes: [Change]
}

extension Scorer {
  /// The fewest metrics that lift the final score to the next tier and, among those sets, the one whose largest change as
  /// a share of its red–green span is smallest; ties in configuration order. Counts and yes/no move by whole units.
  ///
  /// Missing metrics and those with `movable: false` in `thresholds.yaml` are not proposed. No part of the result
  /// reaches the tier, nor one unit (counts) or 1 % (others) less of any change.
  ///
  /// - Parameter score: Of this account by this model.
  public func smallestFix(of account: AccountSnapshot, _ score: HealthScore) -> SmallestFix {
    guard let tier = score.tier, let unrounded = score.unrounded else {
      return SmallestFix(status: .unscored, target: nil, cap: nil, changes: [])
    }
    guard let position = Tier.allCases.firstIndex(of: tier), position > 0 else {
      return SmallestFix(status: .top, target: nil, cap: nil, changes: [])
    }
    let target = Tier.allCases[position - 1]
    let bound = model.lowerBound(of: target)
    let cap = cap(below: bound, account, score)
    // The score is shown with one decimal, half of one rounded up.
    let needed = (Shown.snapped(bound * 10)).rounded(.up) / 10 - 0.05
    let search = FixSearch(
      candidates: candidates(account, score), missing: needed - unrounded.quantitative)
    guard let changes = search.changes else {
      return SmallestFix(status: .outOfReach, target: target, cap: cap, changes: [])
    }
    return SmallestFix(status: cap == nil ? .fix : .capped, target: target, cap: cap, changes: changes)
  }

  private func candidates(_ account: AccountSnapshot, _ score: HealthScore) -> [FixCandidate] {
    model.dimensions.flatMap(\.metrics).compactMap { entry in
      let part = score[entry.metric]
      guard entry.isMovable, part.weight > 0, let raw = part.observation.value, let normalised = part.score,
        normalised < 100
      else { return nil }
      return FixCandidate(entry, raw: raw, normalised: normalised, weight: part.weight, segment: account.segment)
    }
  }

  /// The rule that matches now, where it allows less than the tier needs.
  private func cap(below bound: Double, _ account: AccountSnapshot, _ score: HealthScore) -> SmallestFix.Cap? {
    func isInTheWay(_ cap: Double?) -> Bool { cap.map { Shown.oneDecimal($0) < bound } ?? false }
    guard case .known(let signals) = account.signals, let limit = score.qualitative.cap, isInTheWay(limit) else {
      return nil
    }
    let rules = model.qualitative
    let severities = Set(rules.rules.filter { isInTheWay($0.cap) }.map(\.severity))
    let counting = signals.filter { signal in
      rules.countedSeverity(signal, asOf: account.day).map(severities.contains) ?? false
    }
    func isBlocked(on day: CalendarDate) -> Bool { isInTheWay(rules.judge(account.signals, asOf: day).cap) }
    // What counts changes only on the day after a signal's last one, and on the day of an observation.
    let lastDays = Set(
      signals.compactMap { rules.lastDay(of: $0) } + signals.compactMap { $0.observed?.advanced(byDays: -1) }
    ).filter { $0 >= account.day }.sorted()
    let end = (lastDays.last ?? account.day).advanced(byDays: 1)
    let until = isBlocked(on: end) ? nil : lastDays.last(where: isBlocked)
    return SmallestFix.Cap(
      rule: score.qualitative.rule, limit: limit, until: until,
      signals: counting.map { ($0, rules.lastDay(of: $0)) })
  }
}
