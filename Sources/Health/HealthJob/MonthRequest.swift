import Formats
import Runs
import Time

/// A month to score, with every default filled in and every rule about months kept.
public struct MonthRequest: Sendable, Equatable, Codable {
  public var period: Period
  /// The earlier of the period's end and the event's time.
  public var asOf: Timestamp
  public var isDryRun: Bool
  public var accounts: [SalesforceID]?
  /// The month is still running.
  public var isProvisional: Bool
  /// The month is the last closed one or still running. Only then may values of today stand for it.
  public var isCurrent: Bool

  /// - Throws: ``JobError`` of kind `invalidEvent`.
  public init(_ event: Event<HealthScoreKeys>, now: Timestamp) throws {
    let time = event.time ?? now
    guard (2000...2999).contains(time.date.components.year) else {
      throw JobError(.invalidEvent, "the event is refused: time: \(time) is not a time of this millennium")
    }
    // Clocks may differ a little. More than a day is an error, and could open a month too early.
    guard time <= now.advanced(byDays: 1) else {
      throw JobError(
        .invalidEvent,
        "the event is refused: time: \(time) lies more than a day ahead of the clock, which shows \(now); correct the event, or pass \"period\" directly"
      )
    }
    let running = Period(containing: time)
    let lastClosed = running.advanced(by: -1)
    let period = event.keys.period ?? lastClosed
    func invalid(_ message: String) -> JobError { JobError(.invalidEvent, "the event is refused: period: \(message)") }
    guard period <= running else {
      throw invalid("\(period) lies in the future; the last closed month is \(lastClosed)")
    }
    guard period < running || event.isDryRun else {
      throw invalid(#"\#(period) is still running; it can be scored with "dry_run": true only"#)
    }
    guard period >= lastClosed || event.isDryRun || event.keys.backfill else {
      throw invalid(
        #"\#(period) is before the last closed month \#(lastClosed); a live run would overwrite its record with what is still known of it: pass "backfill": true if that is meant, or "dry_run": true"#
      )
    }
    self.period = period
    asOf = min(period.end, time)
    isDryRun = event.isDryRun
    accounts = event.keys.accounts
    isProvisional = period == running
    isCurrent = period >= lastClosed
  }
}
