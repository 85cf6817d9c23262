import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let hubSpot = SourceID("hubspot", title: "HubSpot")
}

/// Where HubSpot is, and the token of a service key or private app.
public struct HubSpotCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "HUBSPOT_"

  public var baseURL: String
  public var token: Secret

  public init(baseURL: String, token: Secret) {
    self.baseURL = baseURL
    self.token = token
  }

  /// `HUBSPOT_ACCESS_TOKEN` and `HUBSPOT_BASE_URL`; nil without a token.
  public init?(_ reader: inout VariableReader) {
    guard let token = reader.environment["HUBSPOT_ACCESS_TOKEN"] else { return nil }
    self.init(baseURL: reader.url("HUBSPOT_BASE_URL") ?? "https://api.hubapi.com", token: Secret(token))
  }
}

/// What the client of HubSpot is told.
public struct HubSpotOptions: Sendable, Equatable {
  /// In the paths: `2026-09`, or the older `v3`.
  public var version: String

  public init(version: String) { self.version = version }

  /// The smallest plan's, for all calls together.
  public static let rateLimit = RateLimit(requests: 100, window: .seconds(10), maximumConcurrency: 6)

  /// Searches alone, of the whole account: in any second, so without a burst.
  public static let searchWindow = RateLimit.Window(requests: 5, length: .seconds(1))

  public static let policy = RetryPolicy(
    baseDelay: .milliseconds(500), retryableStatuses: [408, 423, 425, 429, 477, 500, 502, 503, 504, 524])
}
