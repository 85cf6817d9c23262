/// A day of the proleptic Gregorian calendar, without a time zone.
public struct CalendarDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public var day: Int

  public init(day: Int) { self.day = day }

  /// Nil where the month has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), (1...CalendarDate.daysIn(month: month, of: year)).contains(day) else { return nil }
    // The algorithm "days from civil": its year begins in March, so that the leap day comes last.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.day = era * 146_097 + dayOfEra - 719_468
  }

  /// The inverse of ``init(year:month:day:)``; `month` is 1…12, `day` 1…31.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// Midnight UTC at the beginning of the day.
  public var start: Timestamp { Timestamp(milliseconds: Int64(day) * 86_400_000) }

  /// The same day in another month; that month's last day where it has no such day.
  public func advanced(byMonths months: Int) -> CalendarDate {
    let (year, month, day) = components
    let target = Period(year: year, month: month).advanced(by: months)
    let last = CalendarDate.daysIn(month: target.month, of: target.year)
    return target.firstDate.advanced(byDays: min(day, last) - 1)
  }

  /// Negative goes back.
  public func advanced(byDays days: Int) -> CalendarDate { CalendarDate(day: day + days) }

  public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.day < right.day }

  static func daysIn(month: Int, of year: Int) -> Int {
    switch month {
    case 2: return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }
}

extension CalendarDate: CustomStringConvertible {
  /// `2026-10-31`.
  public var description: String {
    let (year, month, day) = components
    return "\(padded(year, to: 4))-\(padded(month))-\(padded(day))"
  }
}

extension CalendarDate: Codable {
  /// As text, such as 2026-10-31.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleValueContainer().decode(Timestamp.self).date
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
