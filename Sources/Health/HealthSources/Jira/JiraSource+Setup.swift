import ConfigurationReading
import Connectors
import HTTPClient
import HealthModel
import Jira

extension JiraSource {
  public static let id = SourceID.jira

  public static let variablePrefix = JiraCredentials.variablePrefix

  public static let metrics: [Metric] = [.openBugs, .criticalBugs, .reopenedBugs, .averageResolution, .bugTrend]

  public static let mappingColumns = ["jira_project_key", "jira_component"]

  public static func rules(_ section: ConfigurationSection) -> JiraRules { JiraRules(section: section) }

  public static func credentials(_ reader: inout VariableReader) -> JiraCredentials? { JiraCredentials(&reader) }

  public static func connect(
    _ credentials: JiraCredentials, _ rules: JiraRules, by connection: SourceConnection, for extraction: Extraction
  ) -> ActiveSource {
    let (client, api) = client(credentials, rules, by: connection)
    return ActiveSource(JiraSource(client: client, rules: rules, extraction: extraction), api: api)
  }

  /// A client, and what counts its requests.
  public static func client(
    _ credentials: JiraCredentials, _ rules: JiraRules, by connection: SourceConnection
  ) -> (client: JiraClient, api: APIClient) {
    let api = connection.api(for: id, rules.client.rateLimit)
    return (JiraClient(api: api, credentials: credentials), api)
  }
}
