import AWSClient
import HTTPClient
import HealthConfiguration
import HealthModel
import Logging
import Notifications
import Snapshots

/// What a run works with, whichever step of it.
struct RunContext: Sendable {
  let runID: String
  let environment: Environment
  let configuration: JobConfiguration
  let sessions: VendorSessions
  let deadlines: RunDeadlines
  let time: TimeSource
  let log: Logger

  var now: Timestamp { Timestamp(milliseconds: time.wall().inMilliseconds) }

  /// - Parameter shares: Into how many parts the vendors' limits are shared out.
  func sources(shares: Int = 1) -> SourceSet {
    SourceSet(
      credentials: configuration.credentials, options: configuration.configuration.sources, sessions: sessions,
      time: time, deadline: deadlines.extraction, shares: shares)
  }

  /// Nil without credentials.
  var metricsTable: MetricsTable? {
    configuration.operations.aws.map { settings in
      MetricsTable(
        database: DynamoDB(
          settings: settings, transport: sessions.transport, time: time, deadline: deadlines.closing),
        options: configuration.operations.metricsTable)
    }
  }

  /// Nil where no bucket is set.
  ///
  /// - Throws: ``JobError`` where there is a bucket and nobody to sign for it.
  func bucket(prefix: String) throws -> ResultStore? {
    guard let name = configuration.operations.reportsBucket else { return nil }
    guard let settings = configuration.operations.aws else {
      throw JobError(.invalidConfiguration, "REPORTS_BUCKET is set, but there are no AWS credentials to write to it")
    }
    return .bucket(
      S3Bucket(name, settings: settings, transport: sessions.transport, time: time, deadline: deadlines.closing),
      prefix: prefix)
  }

  /// Tells whoever wants to know. Never fails a run.
  ///
  /// - Returns: What could not be told, one line each.
  func announce(_ report: RunReport) async -> [String] {
    let operations = configuration.operations
    var problems: [String] = []
    if let table = metricsTable {
      do {
        try await table.record(report)
      } catch {
        problems.append("the run's metrics were not recorded: \(error)")
      }
    }
    if let token = operations.rollbarToken {
      problems += await Rollbar(
        baseURL: operations.rollbarURL, token: token, transport: sessions.transport, time: time,
        deadline: deadlines.closing
      ).send(report)
    }
    if let url = operations.slackWebhookURL {
      problems += await Slack(
        webhookURL: url, transport: sessions.transport, time: time, deadline: deadlines.closing
      ).send(report)
    }
    if let port = operations.dogStatsDPort { DogStatsD(port: port).send(report) }
    for problem in problems { log.warning("someone was not told of the run", metadata: ["error": "\(problem)"]) }
    return problems
  }
}
