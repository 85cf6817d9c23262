import ConfigurationReading
import HTTPClient

/// Where the workspace is and its access token; regions have hosts of their own.
public struct IntercomCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "INTERCOM_"

  public var baseURL: String
  public var token: Secret

  public init(baseURL: String, token: Secret) {
    self.baseURL = baseURL
    self.token = token
  }

  /// `INTERCOM_API_TOKEN` (or `INTERCOM_API_KEY`) and `INTERCOM_BASE_URL`; nil without a token.
  public init?(_ reader: inout VariableReader) {
    guard let token = reader.environment["INTERCOM_API_TOKEN"] ?? reader.environment["INTERCOM_API_KEY"] else {
      return nil
    }
    self.init(baseURL: reader.url("INTERCOM_BASE_URL") ?? "https://api.intercom.io", token: Secret(token))
  }
}
