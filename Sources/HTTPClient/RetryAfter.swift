import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads how long a server asks to wait.
enum RetryAfter {
  /// `Retry-After` in seconds or as an HTTP date, else `X-RateLimit-Reset` as epoch seconds or ISO 8601; nil without either.
  ///
  /// The reset only counts on a 429, since it stands on normal answers too, and a wait of nothing only there: Jira Data
  /// Center sends `retry-after: 0` on every answer.
  static func delay(in headers: HTTPFields, status: Int, now: Duration) -> Duration? {
    guard let delay = delay(in: headers, now: now, readsReset: status == 429) else { return nil }
    return status == 429 || delay > .zero ? delay : nil
  }

  private static func delay(in headers: HTTPFields, now: Duration, readsReset: Bool) -> Duration? {
    if let text = headers["Retry-After"] {
      if let seconds = Double(text), seconds.isFinite { return .seconds(min(max(0, seconds), 1e6)) }
      if let date = httpDate(text) { return max(.zero, date - now) }
    }
    guard readsReset, let text = headers["X-RateLimit-Reset"] else { return nil }
    if let seconds = Double(text), seconds.isFinite { return max(.zero, .seconds(min(max(0, seconds), 1e12)) - now) }
    // Jira leaves the seconds out: 2026-10-20T10:15Z.
    let full = text.utf8.count == 17 && text.hasSuffix("Z") ? text.dropLast() + ":00Z" : text[...]
    return (try? Date(String(full), strategy: .iso8601)).map { max(.zero, .seconds($0.timeIntervalSince1970) - now) }
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, since 1970; nil for anything else (RFC 9110 has senders use this form only).
  private static func httpDate(_ text: String) -> Duration? {
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
