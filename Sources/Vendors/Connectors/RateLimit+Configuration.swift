import ConfigurationReading
import HTTPClient

extension RateLimit {
  /// A vendor's `rate_limit` in `sources.yaml`: `requests` in `window_seconds`, `concurrency` at the same time.
  public init(section: ConfigurationSection) {
    self.init(
      requests: section.required("requests").wholeNumber(in: 1...1_000_000),
      window: section.required("window_seconds").seconds(in: 1...3600),
      maximumConcurrency: section.required("concurrency").wholeNumber(in: 1...500))
  }
}
