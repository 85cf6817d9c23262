import Formats

/// A calendar month in UTC, the unit that is scored.
public struct Period: Hashable, Comparable, Sendable {
  public let year: Int
  /// 1…12.
  public let month: Int

  public init(year: Int, month: Int) {
    self.year = year
    self.month = month
  }

  /// Reads `YYYY-MM`, years 2000…2999; nil for everything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-"),
      bytes.enumerated().allSatisfy({ $0.offset == 4 || $0.element.isASCIIDigit }),
      let year = Int(text.prefix(4)), (2000...2999).contains(year),
      let month = Int(text.suffix(2)), (1...12).contains(month)
    else { return nil }
    self.init(year: year, month: month)
  }

  /// The month that contains an instant.
  public init(containing instant: Timestamp) {
    let components = instant.date.components
    self.init(year: components.year, month: components.month)
  }

  /// Negative goes back.
  public func advanced(by months: Int) -> Period {
    let index = year * 12 + month - 1 + months
    let year = Int(Int64(index).flooredDivision(by: 12))
    return Period(year: year, month: index - year * 12 + 1)
  }

  /// The first of the month. It always exists, so the fallback is never used.
  public var firstDate: CalendarDate {
    CalendarDate(year: year, month: month, day: 1) ?? CalendarDate(day: 0)
  }

  /// The 28th to 31st.
  public var lastDate: CalendarDate { advanced(by: 1).firstDate.advanced(byDays: -1) }

  /// First instant of the month.
  public var start: Timestamp { firstDate.start }

  /// First instant of the next month; not part of this one.
  public var end: Timestamp { advanced(by: 1).start }

  public static func < (left: Period, right: Period) -> Bool {
    (left.year, left.month) < (right.year, right.month)
  }
}

extension Period: CustomStringConvertible {
  public var description: String { "\(padded(year, to: 4))-\(padded(month))" }
}

extension Period: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let period = Period(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "expected YYYY-MM"))
    }
    self = period
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
