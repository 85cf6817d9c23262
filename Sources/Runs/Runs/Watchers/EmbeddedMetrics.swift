import Formats
import Time

/// CloudWatch's embedded metric format: a log line that CloudWatch turns into metrics.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
public enum EmbeddedMetrics {
  /// The CloudWatch namespace; the alarms in `deploy/cloudformation` use it too.
  public static let namespace = "HealthScore"

  /// One line of JSON with its line feed. The dimensions are environment, job and mode, never an account.
  public static func line(_ report: RunReport, at instant: Timestamp) throws -> [UInt8] {
    let metrics = report.counters
    let directive = Directive(
      Namespace: namespace, Dimensions: [["Environment", "Job", "Mode"]],
      Metrics: metrics.map { Definition(Name: $0.name, Unit: $0.unit.rawValue) })
    var line: [String: Field] = [
      "_aws": .metadata(Metadata(Timestamp: instant.milliseconds, CloudWatchMetrics: [directive])),
      "Environment": .text(report.environment), "Job": .text(report.job),
      "Mode": .text(report.isDryRun ? "dry_run" : "live"), "run_id": .text(report.runID),
      "status": .text(report.status),
    ]
    if let subject = report.subject { line[report.subjectName] = .text(subject) }
    for metric in metrics { line[metric.name] = .number(metric.value) }
    return try JSONBody.encode(line) + [10]
  }

  private struct Metadata: Encodable {
    let Timestamp: Int64
    let CloudWatchMetrics: [Directive]
  }

  private struct Directive: Encodable {
    let Namespace: String
    let Dimensions: [[String]]
    let Metrics: [Definition]
  }

  private struct Definition: Encodable {
    let Name: String
    let Unit: String
  }

  private enum Field: Encodable {
    case metadata(Metadata), text(String), number(Double)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .metadata(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      }
    }
  }
}
