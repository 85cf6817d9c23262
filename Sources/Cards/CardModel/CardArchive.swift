import Formats
import Time

/// What earlier runs stored, by day.
public struct CardArchive: Sendable {
  /// The newest record of each card and day. A run that was asked for some cards stores the others as they were, so a
  /// record may be older than its day.
  private let days: [CalendarDate: [CardID: CardRecord]]
  private let zone: CivilTimeZone

  public init(_ days: [CalendarDate: [CardRecord]], zone: CivilTimeZone) {
    self.days = days.mapValues { records in
      Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
    }
    self.zone = zone
  }

  /// A day's record that was computed on that day.
  private func goodRecord(_ card: CardID, on date: CalendarDate) -> CardRecord? {
    guard let record = days[date]?[card], record.state.isGood, record.value != nil, let fetched = record.fetchedAt,
      zone.date(of: fetched) == date
    else { return nil }
    return record
  }

  /// Values of the days before `today`, the oldest first.
  func history(_ card: CardID, before today: CalendarDate, days count: Int) -> [CardRecord.Day] {
    (1...max(1, count)).reversed().compactMap { back in
      let date = today.advanced(byDays: -back)
      return goodRecord(card, on: date)?.value.map { CardRecord.Day(date: date, value: $0) }
    }
  }

  /// The newest record of any state, up to and including a day.
  public func latest(_ card: CardID, upTo date: CalendarDate) -> CardRecord? {
    dates(upTo: date).lazy.compactMap { days[$0]?[card] }.first
  }

  /// The newest record that has a value: a good one, or a stale one, which carries the last good value.
  public func latestValue(_ card: CardID, upTo date: CalendarDate) -> CardRecord? {
    dates(upTo: date).lazy.compactMap { days[$0]?[card] }.first { $0.value != nil }
  }

  /// Whether the target was missed when it was last met or missed.
  func wasMissed(_ card: CardID, upTo date: CalendarDate) -> Bool {
    dates(upTo: date).lazy.compactMap { days[$0]?[card]?.targetStatus }.first { $0 == .met || $0 == .missed }
      == .missed
  }

  private func dates(upTo date: CalendarDate) -> [CalendarDate] { days.keys.filter { $0 <= date }.sorted(by: >) }
}
