import Foundation
import Testing
import Time

/// Offsets of real zones, from the system's own files.
@Suite struct CivilTimeZoneTests {
  private func zone(_ name: String) throws -> CivilTimeZone {
    let file = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
    return try #require(CivilTimeZone(name: name, file: Array(file)))
  }

  private func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

  @Test(arguments: [
    // An instant, and the day that it lies in.
    ("America/New_York", "2026-11-27T04:59:59Z", "2026-11-26"),
    ("America/New_York", "2026-11-27T05:00:00Z", "2026-11-27"),
    ("America/New_York", "2026-07-01T03:59:59Z", "2026-06-30"),
    ("America/New_York", "2026-07-01T04:00:00Z", "2026-07-01"),
    ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29"), ("Europe/Berlin", "2026-07-01T22:00:00Z", "2026-07-02"),
    ("Asia/Kolkata", "2026-01-01T18:30:00Z", "2026-01-02"), ("Pacific/Auckland", "2026-01-01T11:00:00Z", "2026-01-02"),
    ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"), ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
    // Long after the last transition of any table: the rule counts.
    ("Europe/Berlin", "2093-07-01T22:00:00Z", "2093-07-02"), ("Europe/Berlin", "2093-01-01T22:59:59Z", "2093-01-01"),
    ("Australia/Sydney", "2093-01-01T13:00:00Z", "2093-01-02"),
    ("Australia/Sydney", "2093-07-01T13:30:00Z", "2093-07-01"),
    ("America/Sao_Paulo", "1880-01-01T00:00:00Z", "1879-12-31"), ("UTC", "2026-01-01T00:00:00Z", "2026-01-01"),
  ])
  func anInstantLiesInItsDay(_ name: String, _ text: String, _ day: String) throws {
    #expect("\(try zone(name).date(of: instant(text)))" == day)
  }

  @Test(arguments: [
    ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z"),
    ("America/New_York", "2026-11-02", "2026-11-02T05:00:00Z"),
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"), ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"),
    // Clocks jumped over midnight there: the day began at one.
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"), ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"),
  ])
  func aDayBeginsThere(_ name: String, _ day: String, _ text: String) throws {
    let date = try #require(Timestamp(iso8601: day)?.date)
    #expect("\(try zone(name).start(of: date))" == text)
  }

  /// Every day of 40 years: days follow each other without a gap, as Foundation has it.
  @Test(arguments: ["America/New_York", "Europe/Berlin", "Australia/Sydney", "Africa/Casablanca", "Asia/Tehran"])
  func daysFollowEachOther(_ name: String) throws {
    let zone = try zone(name)
    let foundation = try #require(TimeZone(identifier: name))
    for day in stride(from: 10_000, to: 25_000, by: 1) {
      let start = zone.start(of: CalendarDate(day: day))
      #expect(zone.date(of: start) == CalendarDate(day: day))
      #expect(zone.date(of: Timestamp(milliseconds: start.milliseconds - 1)) == CalendarDate(day: day - 1))
      let offset = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(start.seconds)))
      #expect((start.seconds + Int64(offset)) / 86_400 == Int64(day))
    }
  }

  @Test func whatIsNoZoneIsRefused() {
    #expect(CivilTimeZone(name: "x", file: []) == nil)
    #expect(CivilTimeZone(name: "x", file: Array("TZif2".utf8)) == nil)
    var bytes = Array((try? Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin"))) ?? Data())
    for length in stride(from: 0, to: bytes.count - 1, by: 13) {
      #expect(CivilTimeZone(name: "x", file: Array(bytes.prefix(length))) == nil)
    }
    // Wrong counts must not be believed.
    for index in 20..<44 where bytes.count > 44 {
      bytes[index] = 0xFF
      #expect(CivilTimeZone(name: "x", file: bytes) == nil)
    }
  }
}
