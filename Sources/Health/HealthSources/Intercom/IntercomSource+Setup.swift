import ConfigurationReading
import Connectors
import HTTPClient
import HealthModel
import Intercom

extension IntercomSource {
  public static let id = SourceID.intercom

  public static let variablePrefix = IntercomCredentials.variablePrefix

  public static let metrics: [Metric] = windowMetrics + Metric.trends

  /// What is measured over the scored month.
  static let windowMetrics: [Metric] = [
    .totalConversations, .p1p2, .escalation, .reopenRate, .medianFirstResponse, .medianResolution, .csatScore,
    .csatResponseRate, .unanswered, .finDeflection, .finCXScore, .negativeConversations,
  ]

  public static let mappingColumns = ["intercom_company_id", "intercom_internal_id"]

  public static func rules(_ section: ConfigurationSection) -> IntercomRules { IntercomRules(section: section) }

  public static func credentials(_ reader: inout VariableReader) -> IntercomCredentials? {
    IntercomCredentials(&reader)
  }

  public static func connect(
    _ credentials: IntercomCredentials, _ rules: IntercomRules, by connection: SourceConnection,
    for extraction: Extraction
  ) -> ActiveSource {
    let (client, api) = client(credentials, rules, by: connection)
    return ActiveSource(IntercomSource(client: client, rules: rules, extraction: extraction), api: api)
  }

  /// A client, and what counts its requests.
  public static func client(
    _ credentials: IntercomCredentials, _ rules: IntercomRules, by connection: SourceConnection
  ) -> (client: IntercomClient, api: APIClient) {
    let api = connection.api(for: id, rules.client.rateLimit)
    return (IntercomClient(api: api, credentials: credentials, options: rules.client), api)
  }
}
