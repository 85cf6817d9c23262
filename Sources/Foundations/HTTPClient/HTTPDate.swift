#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The date of an HTTP header.
public enum HTTPDate {
  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` as time since 1970. Nil for anything else: RFC 9110 requires this form.
  public static func parse(_ text: String) -> Duration? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3])
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int32($0) }
    guard clock.count == 3 else { return nil }
    var fields = tm()
    fields.tm_year = year &- 1900
    fields.tm_mon = Int32(month)
    fields.tm_mday = day
    (fields.tm_hour, fields.tm_min, fields.tm_sec) = (clock[0], clock[1], clock[2])
    return .seconds(timegm(&fields))
  }
}
