import ConfigurationReading
import HTTPClient
import Intercom
import Jira
import Looker
import Runs
import Salesforce
import Testing

/// Credentials of every vendor, and what contains them: whichever way a value is printed, its secrets are not.
@Suite struct SecretTests {
  private static let planted = "planted-7f3a"

  private static let variables = [
    "INTERCOM_API_TOKEN": planted, "JIRA_BASE_URL": "https://jira.example", "JIRA_EMAIL": "\(planted)@jira.example",
    "JIRA_API_TOKEN": planted, "LOOKER_BASE_URL": "https://looker.example", "LOOKER_CLIENT_ID": "id",
    "LOOKER_CLIENT_SECRET": planted, "SF_CLIENT_ID": "id", "SF_CLIENT_SECRET": planted,
    "ROLLBAR_ACCESS_TOKEN": planted, "SLACK_WEBHOOK_URL": "https://hooks.example/\(planted)",
    "AWS_ACCESS_KEY_ID": "AKIDSAMPLE", "AWS_SECRET_ACCESS_KEY": planted, "AWS_SESSION_TOKEN": planted,
  ]

  private static var values: [any Sendable] {
    let environment = Environment(variables)
    var reader = VariableReader(environment: environment)
    var password = VariableReader(
      environment: Environment([
        "SF_USERNAME": planted, "SF_PASSWORD": planted, "SF_SECURITY_TOKEN": planted,
      ]))
    let vendors: [(any Sendable)?] = [
      IntercomCredentials(&reader), JiraCredentials(&reader), LookerCredentials(&reader),
      SalesforceCredentials(&reader), SalesforceCredentials(&password),
    ]
    return vendors.compactMap(\.self) + [
      environment, reader.environment, Operations(environment, readFile: { _ in nil }), Secret(planted),
    ]
  }

  @Test func nothingPrintsASecret() {
    let values = Self.values
    #expect(values.count == 9)
    for value in values {
      var dumped = ""
      dump(value, to: &dumped)
      let all = "\(value)" + String(describing: value) + String(reflecting: value) + dumped
      #expect(!all.contains(Self.planted), "\(type(of: value))")
    }
  }

  @Test func itIsStillTheText() { #expect(Secret("a").text == "a" && Secret("a") == "a" && Secret("a") != "b") }
}
