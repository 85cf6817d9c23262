import CardModel
import Formats
import Testing
import Time

@Suite struct CardModelTests {
  private static let day = CalendarDate(day: 20_784)
  private static let now = day.start.advanced(bySeconds: 18_000)

  private func board(
    _ targets: CardTargets = CardTargets(), _ days: [CalendarDate: [CardRecord]] = [:], today: CalendarDate = day,
    settings: CardSettings = CardSettings()
  ) -> CardBoard {
    CardBoard(
      settings: settings, targets: targets, archive: CardArchive(days, zone: .utc), today: today,
      now: today.start.advanced(bySeconds: 18_000))
  }

  private func number(_ text: String) throws -> Rational { try #require(Rational(decimal: text)) }

  @Test(arguments: [
    (CardTarget.Operator.greater, "500000", "500000", TargetStatus.near), (.greater, "500000", "500000.01", .met),
    (.greater, "500000", "475000", .near), (.greater, "500000", "474999.99", .missed), (.atLeast, "30", "30", .met),
    (.atLeast, "30", "28.5", .near), (.atMost, "16", "16.8", .near), (.atMost, "16", "16.81", .missed),
    (.less, "16", "15.99", .met), (.equal, "0", "0", .met), (.equal, "0", "1", .missed), (.equal, "100", "104", .near),
    (.less, "-10", "-9.6", .near), (.less, "-10", "-9", .missed),
  ])
  func aTargetIsMetMissedOrNear(_ sign: CardTarget.Operator, _ goal: String, _ value: String, _ status: TargetStatus)
    throws
  {
    let target = try #require(CardTarget(sign, goal))
    let record = try board(CardTargets([.cashPosition: target])).record(
      .cashPosition, .read(CardReading(number(value))))
    #expect(record.targetStatus == status)
  }

  @Test func withoutAValueATargetIsUnknown() throws {
    let targets = CardTargets([.openTickets: try #require(CardTarget(.atMost, "5"))])
    for outcome in [CardOutcome.failed("down"), .read(.noData("none")), .read(.undefined("0")), .read(.blocked("x"))] {
      #expect(try board(targets).record(.openTickets, outcome).targetStatus == .unknown)
      #expect(try board().record(.openTickets, outcome).targetStatus == .none)
    }
  }

  @Test(arguments: [
    (CardUnit.money, "512340.55", "512340.55", "$512.3K"), (.money, "5", "5.00", "$5.00"),
    (.money, "-1234567.5", "-1234567.50", "-$1.23M"), (.money, "0.1234567", "0.1234567", "$0.12"),
    (.days, "41.66666", "41.6667", "41.7 days"), (.days, "90", "90.00", "90 days"),
    (.days, "90.5", "90.50", "90+ days"),
    (.hours, "16", "16.00", "16 h"), (.percent, "12.345", "12.34", "12.3%"), (.percent, "0", "0.00", "0%"),
    (.count, "1204", "1204", "1,204"), (.count, "0.5", "0.5", "0.5"), (.count, "-1204567", "-1204567", "-1,204,567"),
  ])
  func aNumberIsWrittenTwice(_ unit: CardUnit, _ number: String, _ value: String, _ display: String) throws {
    let text = CardText(unit, baseCurrency: "USD")
    #expect(try text.value(self.number(number)) == value)
    #expect(text.display(try self.number(number)) == display)
  }

  @Test(arguments: [
    ([3], "3", "3", "3"), ([1, 2], "1.5", "1.5", "2"), ([5, 1, 3], "3", "3", "5"),
    (Array(1...10), "5.5", "5.5", "9"), (Array(1...11), "6", "6", "10"), (Array(1...20), "10.5", "10.5", "18"),
  ])
  func figuresOfAList(_ numbers: [Int], _ mean: String, _ median: String, _ p90: String) throws {
    let summary = try #require(try NumberSummary(numbers.map { Rational($0) }))
    #expect(summary.mean.decimalText == mean && summary.median.decimalText == median && summary.p90.decimalText == p90)
    #expect(try NumberSummary([]) == nil)
  }

  @Test func aDeltaIsAgainstTheNewestDayOfAWeek() throws {
    func stored(_ value: String, _ back: Int) throws -> (CalendarDate, [CardRecord]) {
      let date = Self.day.advanced(byDays: -back)
      return (date, [try board(today: date).record(.openTickets, .read(CardReading(number(value))))])
    }
    let days = Dictionary(uniqueKeysWithValues: [try stored("40", 8), try stored("50", 5), try stored("20", 31)])
    let record = try board(CardTargets(), days).record(.openTickets, .read(CardReading(Rational(60))))
    #expect(record.delta?.versus == Self.day.advanced(byDays: -5))
    #expect(record.delta?.absolute == "10" && record.delta?.percent == "20.00")
    #expect(record.history.map(\.value) == ["40", "50"])
    #expect(record.lastGood?.value == "50")
    let old = try board(CardTargets(), days.filter { $0.key < Self.day.advanced(byDays: -7) })
      .record(.openTickets, .read(CardReading(Rational(60))))
    #expect(old.delta == nil && old.lastGood?.value == "40")
    let zero = try board(CardTargets(), Dictionary(uniqueKeysWithValues: [try stored("0", 1)]))
      .record(.openTickets, .read(CardReading(Rational(60))))
    #expect(zero.delta?.absolute == "60" && zero.delta?.percent == nil)
  }

  @Test func aStaleValueIsCarriedOn() throws {
    var days: [CalendarDate: [CardRecord]] = [:]
    let first = Self.day.advanced(byDays: -3)
    days[first] = [try board(today: first).record(.openTickets, .read(CardReading(Rational(7))))]
    for back in [2, 1, 0] {
      let date = Self.day.advanced(byDays: -back)
      let record = try board(CardTargets(), days, today: date).record(.openTickets, .failed("down"))
      #expect(record.state == .stale && record.value == "7" && record.asOf == days[first]?.first?.asOf)
      #expect(record.history.map(\.value) == (back == 0 || back == 1 || back == 2 ? ["7"] : []))
      days[date] = [record]
    }
    // The same day's good value is the last one when the next run of that day fails.
    let today = try board(CardTargets(), days).record(.openTickets, .read(CardReading(Rational(9))))
    days[Self.day] = [today]
    #expect(try board(CardTargets(), days).record(.openTickets, .failed("down")).value == "9")
    #expect(today.lastGood?.value == "7")
  }

  @Test(arguments: ["1e16", "1.0000000000001", "abc", "", "--1", "1,000"]) func anAmountFromOutsideIsBounded(
    _ text: String
  ) {
    #expect(Rational(amount: text) == nil)
  }

  @Test func numbersThatDoNotFitAreAnError() throws {
    #expect(throws: NumberTooLarge.self) { _ = try Rational(1).over(.zero) }
  }
}
