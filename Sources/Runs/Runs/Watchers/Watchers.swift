import AWSClient
import HTTPClient
import Logging
import Notifications
import Time

/// Whoever wants to know of a run. None of them can fail it.
struct Watchers: Sendable {
  let operations: Operations
  let transport: any HTTPTransport
  let time: TimeSource
  /// On the monotonic clock.
  let deadline: Duration?
  let log: Logger

  /// Nil without credentials.
  var metricsTable: MetricsTable? {
    operations.aws.map { settings in
      MetricsTable(
        database: DynamoDB(settings: settings, transport: transport, time: time, deadline: deadline),
        options: operations.metricsTable)
    }
  }

  /// - Returns: What could not be told, one line each.
  func tell(_ report: RunReport) async -> [String] {
    var problems: [String] = []
    if let table = metricsTable {
      do {
        try await table.record(report)
      } catch {
        problems.append("the run's metrics were not recorded: \(error)")
      }
    }
    if let token = operations.rollbarToken {
      let rollbar = Rollbar(
        baseURL: operations.rollbarURL, token: token, transport: transport, time: time, deadline: deadline)
      problems += await rollbar.send(report)
    }
    if let url = operations.slackWebhookURL {
      problems += await Slack(webhookURL: url, transport: transport, time: time, deadline: deadline).send(report)
    }
    if let port = operations.dogStatsDPort { DogStatsD(port: port).send(report) }
    for problem in problems { log.warning("someone was not told of the run", metadata: ["error": "\(problem)"]) }
    return problems
  }
}
