import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let bill = SourceID("bill", title: "BILL")
}

/// An organisation in BILL, and who reads it: a user, or a sync token's name and value.
public struct BILLCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "BILLCOM_"

  /// Without `/v3`.
  public var baseURL: String
  public var developerKey: Secret
  public var organizationID: String
  public var username: Secret
  public var password: Secret

  public init(baseURL: String, developerKey: Secret, organizationID: String, username: Secret, password: Secret) {
    self.baseURL = baseURL
    self.developerKey = developerKey
    self.organizationID = organizationID
    self.username = username
    self.password = password
  }

  /// `BILLCOM_API_KEY`, `BILLCOM_ORG_ID`, `BILLCOM_USERNAME`, `BILLCOM_PASSWORD` and `BILLCOM_BASE_URL`; nil where one of the
  /// first four is not set.
  public init?(_ reader: inout VariableReader) {
    let names = ["BILLCOM_API_KEY", "BILLCOM_ORG_ID", "BILLCOM_USERNAME", "BILLCOM_PASSWORD"]
    guard let values = reader.all("BILL", names) else { return nil }
    let url = reader.url("BILLCOM_BASE_URL") ?? "https://gateway.prod.bill.com/connect"
    self.init(
      baseURL: url.hasSuffix("/v3") ? String(url.dropLast(3)) : url, developerKey: Secret(values[0]),
      organizationID: values[1], username: Secret(values[2]), password: Secret(values[3]))
  }
}

/// How often BILL may be asked.
public enum BILLOptions {
  /// 20,000 requests an hour of a developer key, and 3 at once.
  public static let rateLimit = RateLimit(requests: 20_000, window: .seconds(3600), maximumConcurrency: 3)
}
