import ConfigurationReading
import HTTPClient

/// One of the two ways to log in to an org.
public enum SalesforceCredentials: Sendable, Equatable {
  /// OAuth client credentials. Only the org's own My Domain host accepts them.
  case clientCredentials(loginURL: String, clientID: String, clientSecret: Secret)
  /// SOAP `login()`, which Salesforce retires with Summer '27.
  case password(loginURL: String, username: Secret, password: Secret, securityToken: Secret)

  /// Of the variables that are read here.
  public static let variablePrefix = "SF_"

  /// `SF_CLIENT_ID` and `SF_CLIENT_SECRET`, else `SF_USERNAME`, `SF_PASSWORD` and `SF_SECURITY_TOKEN`; with `SF_LOGIN_URL` or
  /// `SF_DOMAIN`. Nil where neither pair is complete.
  public init?(_ reader: inout VariableReader) {
    let environment = reader.environment
    let loginURL =
      environment["SF_LOGIN_URL"] == nil
      ? "https://\(reader.name("SF_DOMAIN", default: "login")).salesforce.com" : reader.url("SF_LOGIN_URL") ?? ""
    if environment["SF_CLIENT_ID"] != nil {
      guard let values = reader.all("Salesforce", ["SF_CLIENT_ID", "SF_CLIENT_SECRET"]) else { return nil }
      self = .clientCredentials(loginURL: loginURL, clientID: values[0], clientSecret: Secret(values[1]))
    } else {
      guard let values = reader.all("Salesforce", ["SF_USERNAME", "SF_PASSWORD"]) else { return nil }
      self = .password(
        loginURL: loginURL, username: Secret(values[0]), password: Secret(values[1]),
        securityToken: Secret(environment["SF_SECURITY_TOKEN"] ?? ""))
    }
  }
}
