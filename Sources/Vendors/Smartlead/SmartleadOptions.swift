import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let smartlead = SourceID("smartlead", title: "Smartlead")
}

/// Where Smartlead is, and the account's key.
public struct SmartleadCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "SMARTLEAD_"

  public var baseURL: String
  public var key: Secret

  public init(baseURL: String, key: Secret) {
    self.baseURL = baseURL
    self.key = key
  }

  /// `SMARTLEAD_API_KEY` and `SMARTLEAD_BASE_URL`; nil without a key.
  public init?(_ reader: inout VariableReader) {
    guard let key = reader.environment["SMARTLEAD_API_KEY"] else { return nil }
    self.init(
      baseURL: reader.url("SMARTLEAD_BASE_URL") ?? "https://server.smartlead.ai/api/v1", key: Secret(key))
  }
}

/// How often Smartlead may be asked.
public enum SmartleadOptions {
  /// The smallest plan's: 60 a minute, 1,000 an hour, 10 a second, for all calls together.
  public static let rateLimit = RateLimit(
    [
      .init(requests: 60, length: .seconds(60)), .init(requests: 1000, length: .seconds(3600)),
      .init(requests: 10, length: .seconds(1)),
    ], maximumConcurrency: 8)
}
