import AWSClient
import ConfigurationReading
import Formats
import HTTPClient

/// Where a run is recorded, stored and reported, besides Salesforce. Everything is optional; what is not set is off.
public struct Operations: Sendable {
  /// Of the variables that are read here.
  public static let variablePrefixes = ["ROLLBAR_", "SLACK_", "METRICS_", "REPORTS_", "AWS_"]

  /// Nil without AWS credentials: runs are then not recorded, not locked and not stored in a bucket.
  public let aws: AWSSettings?
  /// Used only if there are AWS credentials.
  public let metricsTable: MetricsTableOptions
  /// `REPORTS_BUCKET`: the bucket's name. Nil: files are stored in `OUTPUT_DIR` only.
  public let reportsBucket: String?
  public let rollbarToken: Secret?
  /// `ROLLBAR_BASE_URL` (default `https://api.rollbar.com`), without a slash at its end.
  public let rollbarURL: String
  public let slackWebhookURL: Secret?
  /// `DD_DOGSTATSD_PORT`. The stack sets it if it adds Datadog's extension. Nil turns DogStatsD off.
  public let dogStatsDPort: UInt16?
  /// `EXTRACT_CONCURRENCY`, 1 to 1000 (default 8): how many slices a state machine reads at the same time. Each
  /// slice gets an equal share of the vendors' rate limits.
  public let extractConcurrency: Int
  /// `DEADLINE_MARGIN_SECONDS`, 5 to 600 (default 10): time that is kept for files and the answer at the end of an
  /// invocation.
  public let deadlineMargin: Duration
  /// One line per invalid variable. What it should set is off or has its default.
  public let problems: [String]

  /// - Parameter readFile: Reads a file's text, such as AWS's credentials file; nil if it can't be read.
  public init(_ environment: Environment, readFile: (String) -> String?) {
    var reader = VariableReader(environment: environment)
    do {
      aws = try AWSSettings(variable: { environment[$0] }, readFile: readFile)
    } catch {
      aws = nil
      reader.problems.append("\(error)")
    }
    metricsTable = Self.metricsTable(&reader)
    reportsBucket = Self.bucket(&reader)
    rollbarToken = environment["ROLLBAR_ACCESS_TOKEN"].map { Secret($0) }
    rollbarURL = reader.url("ROLLBAR_BASE_URL") ?? "https://api.rollbar.com"
    slackWebhookURL = reader.url("SLACK_WEBHOOK_URL").map { Secret($0) }
    for name in [
      "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS",
      "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    ] {
      _ = reader.url(name)
    }
    dogStatsDPort =
      environment["DD_DOGSTATSD_PORT"] == nil
      ? nil : UInt16(reader.wholeNumber("DD_DOGSTATSD_PORT", default: 8125, in: 1...65535))
    extractConcurrency = reader.wholeNumber("EXTRACT_CONCURRENCY", default: 8, in: 1...1000)
    _ = LogOptions(&reader)
    deadlineMargin = .seconds(reader.wholeNumber("DEADLINE_MARGIN_SECONDS", default: 10, in: 5...600))
    problems = reader.problems
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || "_.-".utf8.contains(byte)
  }

  private static func metricsTable(_ reader: inout VariableReader) -> MetricsTableOptions {
    let environment = reader.text(
      "ENVIRONMENT", default: "dev", length: 1...64, "1 to 64 letters, digits, _, . and -", isNameByte)
    let name = reader.text(
      "METRICS_TABLE", default: "\(environment)-custom-metrics", length: 3...1024,
      "a table's name (3 to 255 letters, digits, _, . and -) or ARN", { isNameByte($0) || ":/".utf8.contains($0) })
    func key(_ variable: String, _ value: String) -> String {
      // DynamoDB allows almost any attribute name. Control characters are refused because requests can't carry them.
      reader.text(variable, default: value, length: 1...255, "an attribute's name", { $0 >= 32 && $0 != 127 })
    }
    let options = MetricsTableOptions(
      name: name, partitionKey: key("METRICS_TABLE_PARTITION_KEY", "pk"), sortKey: key("METRICS_TABLE_SORT_KEY", "sk"),
      expiry: key("METRICS_TABLE_TTL", "expires_at"),
      retentionDays: reader.wholeNumber("METRICS_RETENTION_DAYS", default: 400, in: 1...3650))
    if Set([options.partitionKey, options.sortKey, options.expiry]).count < 3 {
      reader.problems.append(
        "METRICS_TABLE_PARTITION_KEY, METRICS_TABLE_SORT_KEY, METRICS_TABLE_TTL: expected three different attributes")
    }
    return options
  }

  private static func bucket(_ reader: inout VariableReader) -> String? {
    guard let text = reader.environment["REPORTS_BUCKET"] else { return nil }
    let isName =
      (3...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { $0.isASCIIDigit || $0.isASCIILowercase || ".-".utf8.contains($0) }
      && !text.contains("..") && !text.hasPrefix(".") && !text.hasPrefix("-") && !text.hasSuffix(".")
      && !text.hasSuffix("-")
    if isName { return text }
    reader.problems.append(
      "REPORTS_BUCKET: expected the bucket's name alone, such as my-reports (3 to 63 lower-case letters, digits, . and -); no s3://, no folder, no ARN"
    )
    return nil
  }
}
