import ConfigurationReading
import Connectors
import HTTPClient
import HealthModel
import Looker

extension LookerSource {
  public static let id = SourceID.looker

  public static let variablePrefix = LookerCredentials.variablePrefix

  public static let metrics: [Metric] = Dimension.adoptionEngagement.metrics + Dimension.platformValue.metrics

  public static let mappingColumns = ["looker_customer_id"]

  public static func rules(_ section: ConfigurationSection) -> LookerRules { LookerRules(section: section) }

  public static func credentials(_ reader: inout VariableReader) -> LookerCredentials? { LookerCredentials(&reader) }

  public static func connect(
    _ credentials: LookerCredentials, _ rules: LookerRules, by connection: SourceConnection, for extraction: Extraction
  ) -> ActiveSource {
    let (client, api) = client(credentials, rules, by: connection)
    return ActiveSource(
      LookerSource(client: client, rules: rules, extraction: extraction, time: connection.time), api: api)
  }

  /// A client, and what counts its requests.
  public static func client(
    _ credentials: LookerCredentials, _ rules: LookerRules, by connection: SourceConnection
  ) -> (client: LookerClient, api: APIClient) {
    // A Look that took all of its time takes it again.
    let api = connection.api(for: id, rules.client.rateLimit, policy: RetryPolicy(repeatsTimeouts: false))
    let client = LookerClient(
      api: api, credentials: credentials, session: connection.sessions.login { LookerSession() }, time: connection.time)
    return (client, api)
  }
}
