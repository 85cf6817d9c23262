/// A time zone's rule as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`, with RFC 9636's hours up to 167.
struct POSIXTimeZone: Equatable {
  /// A day of each year, and the time of that day at which clocks change.
  private enum Day: Equatable {
    /// Of a month: the fifth week is the last. Day 0 is Sunday.
    case week(month: Int, week: Int, day: Int)
    /// 1…365; 29 February does not count.
    case julian(Int)
    /// 0…365.
    case ordinal(Int)
  }

  private struct Change: Equatable {
    let day: Day
    /// Seconds after midnight; may be negative.
    let time: Int
  }

  private let standard: Int
  private let summer: (offset: Int, begin: Change, end: Change)?

  static func == (left: POSIXTimeZone, right: POSIXTimeZone) -> Bool {
    left.standard == right.standard && left.summer?.offset == right.summer?.offset
      && left.summer?.begin == right.summer?.begin && left.summer?.end == right.summer?.end
  }

  /// Nil where the text is no such rule.
  init?(_ text: String) {
    var scanner = RuleScanner(text)
    guard scanner.name(), let west = scanner.time() else { return nil }
    standard = -west
    guard !scanner.isAtEnd else {
      summer = nil
      return
    }
    guard scanner.name() else { return nil }
    var offset = standard + 3600
    if scanner.peek != UInt8(ascii: ",") {
      guard let west = scanner.time() else { return nil }
      offset = -west
    }
    guard let begin = Self.change(&scanner), let end = Self.change(&scanner), scanner.isAtEnd else { return nil }
    summer = (offset, begin, end)
  }

  private static func change(_ scanner: inout RuleScanner) -> Change? {
    guard scanner.skip(",") else { return nil }
    let day: Day
    if scanner.skip("M") {
      guard let month = scanner.number(), scanner.skip("."), let week = scanner.number(), scanner.skip("."),
        let weekday = scanner.number(), (1...12).contains(month), (1...5).contains(week), weekday <= 6
      else { return nil }
      day = .week(month: month, week: week, day: weekday)
    } else if scanner.skip("J") {
      guard let number = scanner.number(), (1...365).contains(number) else { return nil }
      day = .julian(number)
    } else {
      guard let number = scanner.number(), number <= 365 else { return nil }
      day = .ordinal(number)
    }
    guard scanner.skip("/") else { return Change(day: day, time: 7200) }
    return scanner.time().map { Change(day: day, time: $0) }
  }

  func offset(at instant: Int64) -> Int {
    guard let summer else { return standard }
    let date = Timestamp(milliseconds: (instant + Int64(standard)) * 1000).date
    let year = date.components.year
    // A summer that began in the year before may last into this one, as in the south.
    for year in [year - 1, year, year + 1] {
      let begin = Self.instant(of: summer.begin, in: year) - Int64(standard)
      var end = Self.instant(of: summer.end, in: year) - Int64(summer.offset)
      if end <= begin { end = Self.instant(of: summer.end, in: year + 1) - Int64(summer.offset) }
      if (begin..<end).contains(instant) { return summer.offset }
    }
    return standard
  }

  /// As if it were UTC.
  private static func instant(of change: Change, in year: Int) -> Int64 {
    let first = CalendarDate(year: year, month: 1, day: 1)?.day ?? 0
    let day: Int
    switch change.day {
    case .ordinal(let number): day = first + number
    case .julian(let number):
      let isLeap = CalendarDate(year: year, month: 2, day: 29) != nil
      day = first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
    case .week(let month, let week, let weekday):
      let start = CalendarDate(year: year, month: month, day: 1)?.day ?? first
      // 1970-01-01 was a Thursday.
      let wait = (weekday - (start + 4) % 7 + 7) % 7
      let candidate = start + wait + (week - 1) * 7
      day = candidate < start + CalendarDate.daysIn(month: month, of: year) ? candidate : candidate - 7
    }
    return Int64(day) * 86_400 + Int64(change.time)
  }
}

private struct RuleScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  var peek: UInt8? { rest.first }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  /// `CET` or `<+03>`.
  mutating func name() -> Bool {
    if skip("<") {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let name = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  mutating func number() -> Int? {
    let digits = rest.prefix { (48...57).contains($0) }
    guard (1...3).contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  /// `[+-]h[:mm[:ss]]` in seconds.
  mutating func time() -> Int? {
    let sign = skip("-") ? -1 : 1
    if sign == 1 { _ = skip("+") }
    guard let hours = number(), hours <= 167 else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where skip(":") {
      guard let value = number(), value < 60 else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }
}
