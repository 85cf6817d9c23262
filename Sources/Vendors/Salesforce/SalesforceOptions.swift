import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let salesforce = SourceID("salesforce", title: "Salesforce")
}

/// `sources.yaml`, `salesforce`: what its client is told.
public struct SalesforceOptions: Sendable, Equatable {
  /// `api_version`, such as `64.0`.
  public var apiVersion: String
  /// `soap_api_version`, for the SOAP login only: `login()` does not exist above 64.0.
  public var soapVersion: String
  /// `rate_limit`.
  public var rateLimit: RateLimit

  public init(apiVersion: String, soapVersion: String, rateLimit: RateLimit) {
    self.apiVersion = apiVersion
    self.soapVersion = soapVersion
    self.rateLimit = rateLimit
  }

  /// - Parameter section: Of `sources.yaml`; jobs read keys of their own from it too.
  public init(section: ConfigurationSection) {
    self.init(
      apiVersion: section.required("api_version").identifier(),
      soapVersion: section.required("soap_api_version").identifier(),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}
