import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let intercom = SourceID("intercom", title: "Intercom")
}

/// `sources.yaml`, `intercom`: what its client is told.
public struct IntercomOptions: Sendable, Equatable {
  /// `api_version`, always sent: priorities and resolution states differ between versions, and without the header the app's
  /// own setting counts.
  public var apiVersion: String
  /// `rate_limit`. Intercom documents 10,000 requests a minute for an app, counted in windows of 10 s.
  public var rateLimit: RateLimit

  public init(apiVersion: String, rateLimit: RateLimit) {
    self.apiVersion = apiVersion
    self.rateLimit = rateLimit
  }

  /// - Parameter section: Of `sources.yaml`; jobs read keys of their own from it too.
  public init(section: ConfigurationSection) {
    self.init(
      apiVersion: section.required("api_version").identifier(),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}
