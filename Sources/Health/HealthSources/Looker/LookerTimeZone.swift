import Formats
import Time

/// The time zone in which an instance's month ends. A Look with the filter "last month" uses it.
///
/// Not every machine has time zone data, so the zones behind UTC are listed here with their winter hours. A zone is
/// never further behind UTC than in winter, so an hour that a warning names is right all year.
struct LookerTimeZone {
  /// As in the IANA database.
  let name: String

  /// Whole hours behind UTC, from 0 (UTC and all zones east of it) to 12; nil where the zone may be behind UTC and is
  /// not listed.
  var hoursBehind: Int? {
    let key = name.trimmed.lowercased()
    if let hours = Self.listed[key] { return hours }
    if let hours = key.hasPrefix("etc/gmt+") ? Int(key.dropFirst(8)) : nil, (0...12).contains(hours) { return hours }
    let areas = ["america/", "us/", "canada/", "mexico/", "brazil/", "chile/", "atlantic/", "pacific/"]
    return areas.contains { key.hasPrefix($0) } || !key.contains("/") && !["utc", "gmt", "z"].contains(key) ? nil : 0
  }

  private static let listed: [String: Int] = {
    let zones: [Int: String] = [
      0:
        "Atlantic/Reykjavik Atlantic/Canary Atlantic/Madeira Atlantic/Faroe Pacific/Auckland Pacific/Fiji Pacific/Guam",
      1: "Atlantic/Azores Atlantic/Cape_Verde",
      2: "America/Nuuk America/Godthab America/Noronha Atlantic/South_Georgia",
      3: """
      America/Sao_Paulo Brazil/East America/Bahia America/Fortaleza America/Argentina/Buenos_Aires America/Buenos_Aires
      America/Montevideo America/Cayenne
      """,
      4: """
      America/St_Johns Canada/Newfoundland America/Halifax Canada/Atlantic Atlantic/Bermuda America/Caracas America/La_Paz
      America/Santiago America/Puerto_Rico America/Manaus America/Santo_Domingo America/Asuncion America/Barbados
      """,
      5: """
      America/New_York US/Eastern EST5EDT EST America/Toronto Canada/Eastern America/Detroit America/Indiana/Indianapolis
      America/Bogota America/Lima America/Panama America/Jamaica America/Guayaquil America/Havana America/Cancun
      """,
      6: """
      America/Chicago US/Central CST6CDT America/Winnipeg Canada/Central America/Regina America/Mexico_City Mexico/General
      America/Monterrey America/Chihuahua America/Costa_Rica America/Guatemala America/El_Salvador America/Tegucigalpa
      America/Managua Pacific/Galapagos
      """,
      7: """
      America/Denver US/Mountain MST7MDT MST America/Phoenix US/Arizona America/Boise America/Edmonton Canada/Mountain
      America/Hermosillo America/Mazatlan
      """,
      8: """
      America/Los_Angeles US/Pacific PST8PDT America/Vancouver Canada/Pacific America/Tijuana
      """,
      9: "America/Anchorage US/Alaska America/Juneau",
      10: "Pacific/Honolulu US/Hawaii HST America/Adak Pacific/Tahiti",
      11: "Pacific/Pago_Pago Pacific/Midway US/Samoa",
    ]
    let pairs = zones.flatMap { hours, names in
      names.split(whereSeparator: \.isWhitespace).map { ($0.lowercased(), hours) }
    }
    return Dictionary(pairs) { first, _ in first }
  }()

  /// The hours of the zone in which a month ends last (UTC-12).
  static let mostHoursBehind = 12

  /// A warning where a Look may show the wrong month; nil where the scored month is over in that zone too.
  ///
  /// - Parameter name: Nil where the instance does not tell.
  static func warning(zone name: String?, period: Period, readAt now: Timestamp) -> String? {
    let zone = name.map { LookerTimeZone(name: $0) }
    let hours = zone.map(\.hoursBehind) ?? nil
    let hour = hours ?? mostHoursBehind
    guard isAtRisk(period: period, readAt: now), now < period.end.advanced(bySeconds: Int64(hour) * 3600) else {
      return nil
    }
    let place =
      switch (zone, hours) {
      case (let zone?, _?): "its time zone \(zone.name.prefix(64)) is still in \(period)"
      case (let zone?, nil): "its time zone \(zone.name.prefix(64)) may still be in \(period)"
      case (nil, _):
        "it does not tell its time zone, which may still be in \(period); set looker.time_zone in sources.yaml"
      }
    return
      "\(place): Looks filtered by \"last month\" may show the month before; read at \(hour < 10 ? "0" : "")\(hour):00 UTC or later (the stack's MonthlySchedule=cron(0 \(hour) 1 * ? *))"
  }

  /// Whether the month is over in UTC, but perhaps not yet in the instance's time zone.
  static func isAtRisk(period: Period, readAt now: Timestamp) -> Bool {
    let end = period.end
    return end <= now && now < end.advanced(bySeconds: Int64(mostHoursBehind) * 3600)
  }
}
