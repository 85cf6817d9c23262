import FoundationEssentials

/// Reads how long a server asks to wait.
enum RetryAfter {
  /// `Retry-After` in seconds or as an HTTP date, else `X-RateLimit-Reset` as epoch seconds or ISO 8601. Nil without
  /// either.
  ///
  /// `X-RateLimit-Reset` counts only on a 429, because vendors send it on normal answers too. A wait of zero counts
  /// only on a 429 as well: Jira Data Center sends `retry-after: 0` on every answer.
  static func delay(in headers: HTTPFields, status: Int, now: Duration) -> Duration? {
    guard let delay = delay(in: headers, now: now, readsReset: status == 429) else { return nil }
    return status == 429 || delay > .zero ? delay : nil
  }

  private static func delay(in headers: HTTPFields, now: Duration, readsReset: Bool) -> Duration? {
    if let text = headers["Retry-After"] {
      if let seconds = Double(text), seconds.isFinite { return .seconds(min(max(0, seconds), 1e6)) }
      if let date = HTTPDate.parse(text) { return max(.zero, date - now) }
    }
    guard readsReset, let text = headers["X-RateLimit-Reset"] else { return nil }
    if let seconds = Double(text), seconds.isFinite { return max(.zero, .seconds(min(max(0, seconds), 1e12)) - now) }
    // Jira leaves the seconds out: 2026-10-20T10:15Z.
    let full = text.utf8.count == 17 && text.hasSuffix("Z") ? text.dropLast() + ":00Z" : text[...]
    return (try? Date(String(full), strategy: .iso8601)).map { max(.zero, .seconds($0.timeIntervalSince1970) - now) }
  }
}
