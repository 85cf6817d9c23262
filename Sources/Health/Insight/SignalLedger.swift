import HealthModel
import Scoring
import Time

/// One churn signal of an account: what it costs now, and until when.
public struct SignalEntry: Sendable, Equatable {
  public var accountID: String
  public var accountName: String
  public var signal: ChurnSignal
  /// The severity as which it counts now; nil where it does not count.
  public var countsAs: ChurnSignal.Severity?
  /// The last day on which it can count, by its own severity; nil where it does not lapse.
  public var lapses: CalendarDate?
  /// The final score without this signal, less the score now; before rounding. 0 for one that does not count, else nil
  /// without a score.
  public var cost: Double?
  /// The score shown on the day after ``lapses``, with every other signal judged by date. Nil where it does not count or
  /// does not lapse, or without a score.
  public var scoreWhenLapsed: Double?

  /// Days from the as-of day to the last day on which it counts; nil where it does not count or does not lapse.
  public var daysLeft: Int?
}

extension Scorer {
  /// Every signal of an account, closed ones too, in the snapshot's order. Empty where the signals are not known.
  public func ledger(of account: AccountSnapshot) -> [SignalEntry] {
    guard case .known(let signals) = account.signals, !signals.isEmpty else { return [] }
    let score = score(account)
    let today = account.day
    return signals.enumerated().map { position, signal in
      let countsAs = model.qualitative.countedSeverity(signal, asOf: today)
      let lapses = model.qualitative.lastDay(of: signal)
      var entry = SignalEntry(
        accountID: account.accountID, accountName: account.accountName, signal: signal, countsAs: countsAs,
        lapses: lapses, cost: nil, scoreWhenLapsed: nil, daysLeft: nil)
      if countsAs != nil { entry.daysLeft = lapses.map { $0.day - today.day } }
      guard countsAs != nil else {
        entry.cost = 0
        return entry
      }
      guard let unrounded = score.unrounded else { return entry }
      var others = signals
      others.remove(at: position)
      let without = model.qualitative.judge(.known(others), asOf: today)
      entry.cost = without.limit(unrounded.quantitative) - unrounded.health
      if let lapses {
        let then = model.qualitative.judge(.known(signals), asOf: lapses.advanced(byDays: 1))
        entry.scoreWhenLapsed = Shown.oneDecimal(then.limit(unrounded.quantitative))
      }
      return entry
    }
  }
}

extension AccountSnapshot {
  /// The day of the as-of instant. Without that no signal has a date, and the day does not matter.
  var day: CalendarDate { asOf?.date ?? CalendarDate(day: 0) }
}
