import ConfigurationReading
import Connectors
import HTTPClient
import HealthModel
import Salesforce

extension SalesforceSource {
  public static let id = SourceID.salesforce

  public static let variablePrefix = SalesforceCredentials.variablePrefix

  public static let metrics: [Metric] = [
    .daysToRenewal, .paymentHealth, .contractChanges, .arrTrajectory, .tierAlignment, .qbrAttendance, .responsiveness,
    .championStability, .executiveEngagement, .expansionSignals,
  ]

  public static let deliversSignals = true

  public static let mappingColumns = ["sf_account_id"]

  public static func rules(_ section: ConfigurationSection) -> SalesforceRules { SalesforceRules(section: section) }

  public static func credentials(_ reader: inout VariableReader) -> SalesforceCredentials? {
    SalesforceCredentials(&reader)
  }

  public static func connect(
    _ credentials: SalesforceCredentials, _ rules: SalesforceRules, by connection: SourceConnection,
    for extraction: Extraction
  ) -> ActiveSource {
    let (client, api) = client(credentials, rules, by: connection)
    return ActiveSource(SalesforceSource(client: client, rules: rules, extraction: extraction), api: api)
  }

  /// The org's client, for reading or for writing, and what counts its requests.
  public static func client(
    _ credentials: SalesforceCredentials, _ rules: SalesforceRules, by connection: SourceConnection
  ) -> (client: SalesforceClient, api: APIClient) {
    var policy = RetryPolicy()
    policy.retryableStatuses.insert(420)
    let api = connection.api(for: id, rules.client.rateLimit, policy: policy)
    let client = SalesforceClient(
      api: api, credentials: credentials, session: connection.sessions.login { SalesforceSession() },
      options: rules.client)
    return (client, api)
  }
}
