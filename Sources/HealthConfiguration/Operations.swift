import AWSClient

/// The table that runs are recorded in; its key names, where it is not ours.
public struct MetricsTableOptions: Sendable, Equatable {
  /// `METRICS_TABLE`.
  public var name: String
  /// `METRICS_TABLE_PARTITION_KEY`, `_SORT_KEY` and `_TTL`.
  public var partitionKey: String
  public var sortKey: String
  public var expiry: String
  /// `METRICS_RETENTION_DAYS`: how long an item stays.
  public var retentionDays: Int
}

/// Whom a run writes to and tells beside Salesforce. Everything is optional; absent means off.
public struct Operations: Sendable {
  /// Nil without credentials: nothing is recorded, stored in a bucket or locked.
  public let aws: AWSSettings?
  public let metricsTable: MetricsTableOptions
  public let reportsBucket: String?
  public let rollbarToken: String?
  public let rollbarURL: String
  public let slackWebhookURL: String?
  /// `DD_DOGSTATSD_PORT`, which the stack sets along with Datadog's extension; nil without it.
  public let dogStatsDPort: UInt16?
  /// `EXTRACT_CONCURRENCY`: how many slices a state machine reads at the same time.
  public let extractConcurrency: Int

  /// - Parameter readFile: A file's text; nil where it can't be read.
  /// - Throws: ``ConfigurationError`` with every problem.
  public init(_ environment: Environment, readFile: (String) -> String?) throws {
    var reader = VariableReader(environment: environment)
    aws = AWSSettings(variable: { environment[$0] }, readFile: readFile)
    metricsTable = MetricsTableOptions(
      name: environment["METRICS_TABLE"] ?? "\(environment.name)-custom-metrics",
      partitionKey: environment["METRICS_TABLE_PARTITION_KEY"] ?? "pk",
      sortKey: environment["METRICS_TABLE_SORT_KEY"] ?? "sk", expiry: environment["METRICS_TABLE_TTL"] ?? "expires_at",
      retentionDays: reader.wholeNumber("METRICS_RETENTION_DAYS", default: 400, in: 1...3650))
    reportsBucket = environment["REPORTS_BUCKET"]
    rollbarToken = environment["ROLLBAR_ACCESS_TOKEN"]
    rollbarURL = reader.url("ROLLBAR_BASE_URL") ?? "https://api.rollbar.com"
    slackWebhookURL = reader.url("SLACK_WEBHOOK_URL")
    dogStatsDPort =
      environment["DD_DOGSTATSD_PORT"] == nil
      ? nil : UInt16(reader.wholeNumber("DD_DOGSTATSD_PORT", default: 8125, in: 1...65535))
    extractConcurrency = reader.wholeNumber("EXTRACT_CONCURRENCY", default: 8, in: 1...1000)
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
  }
}
