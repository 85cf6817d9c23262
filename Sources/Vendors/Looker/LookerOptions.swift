import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let looker = SourceID("looker", title: "Looker")
}

/// `sources.yaml`, `looker`: what its client is told.
public struct LookerOptions: Sendable, Equatable {
  /// `row_limit`: rows asked for; -1 for all, where the default would be the Look's own (500).
  public var rowLimit: Int
  /// `rate_limit`.
  public var rateLimit: RateLimit

  public init(rowLimit: Int, rateLimit: RateLimit) {
    self.rowLimit = rowLimit
    self.rateLimit = rateLimit
  }

  /// - Parameter section: Of `sources.yaml`; jobs read keys of their own from it too.
  public init(section: ConfigurationSection) {
    self.init(
      rowLimit: section.required("row_limit").wholeNumber(in: -1...10_000_000),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}
