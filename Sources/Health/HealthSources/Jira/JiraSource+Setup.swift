import ConfigurationReading
import Connectors
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
    let api = connection.api(for: id, rules.client.rateLimit)
    let client = JiraClient(api: api, credentials: credentials)
    return ActiveSource(JiraSource(client: client, rules: rules, extraction: extraction), api: api)
  }
}
