import Formats

/// An instant in UTC with millisecond precision.
///
/// An integer, so that sums, comparisons and merges of partial observations are exact and need no Foundation.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
  /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Since 1970. Nil where the value does not fit, since vendors do send absurd numbers.
  public init?(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return nil }
    milliseconds = product
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds.flooredDivision(by: 1000) }

  /// The UTC calendar day that this instant lies in.
  public var date: CalendarDate { CalendarDate(day: Int(milliseconds.flooredDivision(by: 86_400_000))) }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// Negative goes back.
  public func advanced(bySeconds seconds: Int64) -> Timestamp {
    Timestamp(milliseconds: milliseconds + seconds * 1000)
  }

  /// Days of 24 hours. Negative goes back.
  public func advanced(byDays days: Int) -> Timestamp { advanced(bySeconds: Int64(days) * 86_400) }

  /// The same day and time in another month; that month's last day where it has no such day.
  public func advanced(byMonths months: Int) -> Timestamp {
    let timeOfDay = milliseconds - date.start.milliseconds
    return Timestamp(milliseconds: date.advanced(byMonths: months).start.milliseconds + timeOfDay)
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Timestamp(iso8601: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a date or date and time in ISO 8601 form"))
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Timestamp: CustomStringConvertible {
  /// `2026-11-01T06:00:00Z`, with milliseconds only where there are any.
  public var description: String {
    let time = milliseconds - date.start.milliseconds
    let fraction = time % 1000
    let second = time / 1000
    let clock = "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
    return "\(date)T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, to: 3))Z"
  }

  /// Reads `2026-10-03`, `2026-10-03T09:15Z`, `2026-10-03T09:15:27.123+0000` and `…+02:00`. A date alone is its
  /// midnight in UTC.
  ///
  /// Nil for everything else, also for a date and time without an offset: a guessed time zone could move a record to
  /// another month.
  public init?(iso8601 text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
      scanner.skip("-"), let day = scanner.number(digits: 2),
      let date = CalendarDate(year: year, month: month, day: day)
    else { return nil }
    if scanner.isAtEnd {
      self = date.start
      return
    }
    guard scanner.skip("T") || scanner.skip(" "), let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
      let minute = scanner.number(digits: 2), minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if scanner.skip(":") {
      guard let value = scanner.number(digits: 2), value <= 60 else { return nil }
      second = value
      if scanner.skip(".") {
        guard let value = scanner.fraction() else { return nil }
        fraction = value
      }
    }
    guard let offset = scanner.offsetMinutes(), scanner.isAtEnd else { return nil }
    let minutes = hour * 60 + minute - offset
    milliseconds = date.start.milliseconds + Int64(minutes * 60 + second) * 1000 + Int64(fraction)
    // The offset can move the date out of the years 0…9999, which have four digits.
    guard (0...9999).contains(self.date.components.year) else { return nil }
  }
}

private struct DigitScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func digit() -> Int? {
    guard let byte = rest.first, byte.isASCIIDigit else { return nil }
    rest.removeFirst()
    return Int(byte) - 48
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }

  /// The fraction's first three digits; more are dropped.
  mutating func fraction() -> Int? {
    var value = 0
    var count = 0
    while let next = digit() {
      if count < 3 { value = value * 10 + next }
      count += 1
    }
    guard count > 0 else { return nil }
    for _ in count..<max(count, 3) { value *= 10 }
    return value
  }

  mutating func offsetMinutes() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), hours < 24 else { return nil }
    _ = skip(":")
    if isAtEnd { return sign * hours * 60 }
    guard let minutes = number(digits: 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }
}

extension Int64 {
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

func padded(_ value: some BinaryInteger, to width: Int = 2) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
