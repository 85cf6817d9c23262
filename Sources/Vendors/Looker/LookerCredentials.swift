import ConfigurationReading
import HTTPClient

/// The instance, and an API user's key; version 4.0 of the API is asked.
public struct LookerCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "LOOKER_"

  public var baseURL: String
  /// `LOOKER_CLIENT_ID`.
  public var clientID: String
  public var clientSecret: Secret

  public init(baseURL: String, clientID: String, clientSecret: Secret) {
    self.baseURL = baseURL
    self.clientID = clientID
    self.clientSecret = clientSecret
  }

  /// `LOOKER_BASE_URL`, with the API's path or without it, `LOOKER_CLIENT_ID` and `LOOKER_CLIENT_SECRET`; nil where one of
  /// them is not set.
  public init?(_ reader: inout VariableReader) {
    let names = ["LOOKER_BASE_URL", "LOOKER_CLIENT_ID", "LOOKER_CLIENT_SECRET"]
    guard let values = reader.all("Looker", names), let url = reader.url("LOOKER_BASE_URL") else { return nil }
    let base = url.hasSuffix("/api/4.0") ? String(url.dropLast(8)) : url
    self.init(baseURL: base, clientID: values[1], clientSecret: Secret(values[2]))
  }
}
