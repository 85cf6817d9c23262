import Formats
import HealthModel
import Time

/// A run in numbers, for every system that counts.
struct RunMetrics: Sendable {
  enum Unit: String { case count = "Count", seconds = "Seconds", percent = "Percent" }

  let values: [(name: String, value: Double, unit: Unit)]

  init(_ report: RunReport) {
    var values: [(String, Double, Unit)] = [
      ("RunFailed", report.answer == nil ? 1 : 0, .count),
      ("RunPartial", report.answer?.status == .partial ? 1 : 0, .count),
      ("DurationSeconds", report.durationSeconds, .seconds),
    ]
    if let answer = report.answer {
      values += [
        ("AccountsScored", Double(answer.accounts.scored), .count),
        ("AccountsUnscored", Double(answer.accounts.unscored), .count),
        ("AccountsFailed", Double(answer.accounts.failed), .count),
        ("SourcesFailed", Double(report.failedSources.count), .count),
        ("TierDrops", Double(report.tierDrops.count), .count),
        ("Warnings", Double(answer.warningsTotal), .count),
      ]
      for tier in Tier.allCases {
        let name = tier.rawValue.filter { $0 != " " }
        values.append(("Tier\(name)", Double(answer.tiers[tier.rawValue] ?? 0), .count))
      }
      let sources = answer.sources.values
      values += [
        ("Requests", Double(sources.reduce(0) { $0 + $1.requests }), .count),
        ("Retries", Double(sources.reduce(0) { $0 + $1.retries }), .count),
        ("Throttled", Double(sources.reduce(0) { $0 + $1.throttled }), .count),
      ]
      if let load = answer.load {
        values += [
          ("RecordsCreated", Double(load.created), .count), ("RecordsUpdated", Double(load.updated), .count),
          ("RecordsFailed", Double(load.failed), .count),
        ]
      }
    }
    if let coverage = report.meanCoveragePercent { values.append(("CoverageMean", coverage, .percent)) }
    self.values = values
  }
}

/// CloudWatch's embedded metric format: a log line that CloudWatch turns into metrics.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
public enum EmbeddedMetrics {
  public static let namespace = "HealthScore"

  /// One line with its line feed. Dimensions are few and never an account.
  public static func line(_ report: RunReport, at instant: Timestamp) throws -> [UInt8] {
    let metrics = RunMetrics(report).values
    let directive = Directive(
      Namespace: namespace, Dimensions: [["Environment", "Job", "Mode"]],
      Metrics: metrics.map { Definition(Name: $0.name, Unit: $0.unit.rawValue) })
    var line: [String: Field] = [
      "_aws": .metadata(Metadata(Timestamp: instant.milliseconds, CloudWatchMetrics: [directive])),
      "Environment": .text(report.environment), "Job": .text(report.job),
      "Mode": .text(report.isDryRun ? "dry_run" : "live"), "run_id": .text(report.runID),
      "status": .text(report.status),
    ]
    if let period = report.period { line["period"] = .text("\(period)") }
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
