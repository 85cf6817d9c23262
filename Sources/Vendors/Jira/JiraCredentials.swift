import ConfigurationReading
import HTTPClient

/// The site, path included where scoped tokens need one (`https://api.atlassian.com/ex/jira/{cloudId}`), and whose token it
/// is.
public struct JiraCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "JIRA_"

  public var baseURL: String
  /// `JIRA_EMAIL`. Empty for a personal access token of Server or Data Center, which is sent without a user. Printing shows nothing of it.
  public var email: Secret
  public var token: Secret

  var isPersonalAccessToken: Bool { email.text.isEmpty }

  public init(baseURL: String, email: Secret, token: Secret) {
    self.baseURL = baseURL
    self.email = email
    self.token = token
  }

  /// `JIRA_BASE_URL`, `JIRA_API_TOKEN` and, for Cloud, `JIRA_EMAIL`; nil where one of the first two is not set.
  public init?(_ reader: inout VariableReader) {
    guard let values = reader.all("Jira", ["JIRA_BASE_URL", "JIRA_API_TOKEN"], with: ["JIRA_EMAIL"]),
      let url = reader.url("JIRA_BASE_URL")
    else { return nil }
    self.init(baseURL: url, email: Secret(reader.environment["JIRA_EMAIL"] ?? ""), token: Secret(values[1]))
  }
}
