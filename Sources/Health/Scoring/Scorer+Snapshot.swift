import HealthModel
import Time

extension Scorer {
  /// Scores an account from its snapshot. A run and its replay both use this method.
  public func score(_ snapshot: AccountSnapshot) -> HealthScore {
    // Without `asOf` no signal has a date, so the day does not matter.
    score(
      snapshot.observations, signals: snapshot.signals, segment: snapshot.segment,
      asOf: snapshot.asOf ?? Timestamp(milliseconds: 0))
  }
}
