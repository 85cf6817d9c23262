import AWSClient
import HTTPClient
import Logging
import Time

/// The systems that are told about a run: metrics table, Rollbar, Slack and DogStatsD. If one fails, the run goes on.
struct Watchers: Sendable {
  let operations: Operations
  let transport: any HTTPTransport
  let time: TimeSource
  /// On the monotonic clock; nil without a limit.
  let deadline: Duration?
  let log: Logger

  /// Nil without AWS credentials.
  var metricsTable: MetricsTable? {
    operations.aws.map { settings in
      MetricsTable(
        database: DynamoDB(settings: settings, transport: transport, time: time, deadline: deadline),
        options: operations.metricsTable)
    }
  }

  /// - Returns: One line per system that could not be told.
  func tell(_ report: RunReport) async -> [String] {
    var problems: [String] = []
    if report.isRecorded, let table = metricsTable {
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
