import Testing
import Time

@Suite struct Times {
  @Test(arguments: [
    ("2026-10-03T09:15:27.123+0000", "2026-10-03T09:15:27.123Z"), ("2026-10-03T09:15:27Z", "2026-10-03T09:15:27Z"),
    ("2026-10-03T23:30:00-02:00", "2026-10-04T01:30:00Z"), ("2026-10-03", "2026-10-03T00:00:00Z"),
    ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
  ])
  func readAndWrite(_ text: String, _ expected: String) { #expect(Timestamp(iso8601: text)?.description == expected) }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-10-03T09:15:27", "2026-10-03T25:00:00Z", "x", "", "2026-10-03Z "])
  func refuse(_ text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test func monthsClampTheDay() {
    #expect(CalendarDate(year: 2024, month: 2, day: 29)?.advanced(byMonths: -12).description == "2023-02-28")
    #expect(Period("2026-01")?.advanced(by: -1).description == "2025-12")
    #expect(Period("2026-12")?.end.description == "2027-01-01T00:00:00Z")
  }

  @Test(arguments: ["2026-13", "2026-00", "202610", "2026-1", "26-10", "2026-10 ", "1026-10", "２０２６-10"])
  func refusePeriods(_ text: String) { #expect(Period(text) == nil) }

  @Test func everyDayOfFourCenturies() {
    var date = CalendarDate(day: -150_000)
    for day in -150_000...150_000 {
      let (year, month, dayOfMonth) = date.components
      #expect(CalendarDate(year: year, month: month, day: dayOfMonth)?.day == day)
      date = date.advanced(byDays: 1)
    }
  }
}
