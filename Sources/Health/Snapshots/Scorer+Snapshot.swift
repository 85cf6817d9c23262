import HealthModel
import Scoring
import Time

extension Scorer {
  /// Scores an account as a snapshot line has it; the replay of a run takes this very way.
  public func score(_ snapshot: AccountSnapshot) -> HealthScore {
    // Without an as-of instant no signal has a date, and the day does not matter.
    score(
      snapshot.observations, signals: snapshot.signals, segment: snapshot.segment,
      asOf: snapshot.asOf ?? Timestamp(milliseconds: 0))
  }
}
