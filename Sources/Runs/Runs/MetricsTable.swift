import AWSClient
import Time

/// The DynamoDB table that records runs. Its attributes' names can be set, so that an existing table can be used.
public struct MetricsTableOptions: Sendable, Equatable {
  /// `METRICS_TABLE`: a name or an ARN (default `{ENVIRONMENT}-custom-metrics`).
  public var name: String
  /// `METRICS_TABLE_PARTITION_KEY` (default `pk`).
  public var partitionKey: String
  /// `METRICS_TABLE_SORT_KEY` (default `sk`).
  public var sortKey: String
  /// `METRICS_TABLE_TTL` (default `expires_at`): the time-to-live attribute, in seconds since 1970.
  public var expiry: String
  /// `METRICS_RETENTION_DAYS`, 1 to 3650 (default 400): days until the item of a run expires.
  public var retentionDays: Int
}

/// The DynamoDB table that records runs and holds the lock of each month's live run.
struct MetricsTable: Sendable {
  let database: DynamoDB
  let options: MetricsTableOptions

  private func key(_ partition: String, _ sort: String) -> DynamoDBItem {
    [options.partitionKey: .string(partition), options.sortKey: .string(sort)]
  }

  /// The name of one of our attributes. Gets a `_` at its end if the table's keys already have that name.
  private func own(_ name: String) -> String {
    [options.partitionKey, options.sortKey, options.expiry].contains(name) ? own(name + "_") : name
  }

  /// Stores one item for the run. Does nothing if the run's period is not known.
  func record(_ report: RunReport) async throws {
    guard let subject = report.subject else { return }
    var item = key("\(report.job)#\(subject)", "\(report.startedAt)#\(report.runID)")
    item[options.expiry] = .number(Int(report.startedAt.seconds) + options.retentionDays * 86_400)
    item[own("environment")] = .string(report.environment)
    item[own("job")] = .string(report.job)
    item[own(report.subjectName)] = .string(subject)
    item[own("run_id")] = .string(report.runID)
    item[own("started_at")] = .string("\(report.startedAt)")
    item[own("status")] = .string(report.status)
    item[own("dry_run")] = .bool(report.isDryRun)
    item[own("duration_seconds")] = .number(report.durationSeconds)
    item[own("stages")] = .map(report.stages.mapValues { .number($0) })
    if let failure = report.failure {
      item[own("error_type")] = .string(failure.type)
      item[own("error")] = .string(String(failure.message.prefix(1000)))
    }
    if let facts = report.facts { describe(facts, report, in: &item) }
    try await database.put(item, in: options.name)
  }

  private func describe(_ facts: RunReport.Facts, _ report: RunReport, in item: inout DynamoDBItem) {
    for (name, value) in facts.attributes { item[own(name)] = value }
    item[own("warnings")] = .number(facts.warnings)
    item[own("sources")] = .map(
      facts.sources.mapValues { source in
        .map([
          "status": .string(source.status.rawValue), "requests": .number(source.requests),
          "retries": .number(source.retries), "throttled": .number(source.throttled),
          "seconds": .number(source.seconds),
        ])
      })
    let errors = report.failedSources.compactMap { source in source.report.error.map { "\(source.name): \($0)" } }
    if !errors.isEmpty { item[own("error")] = .string(String(errors.joined(separator: "; ").prefix(1000))) }
  }

  // MARK: Lock

  /// The run that is writing just now.
  struct Holder: Sendable, Equatable {
    var runID: String
    var since: String
    var until: Timestamp
  }

  private static let lockKey = "lock"

  /// Takes what a run is about, or finds who has it. The same run may take it again.
  ///
  /// - Parameter until: When the lock expires by itself. The run has ended by then in any case.
  /// - Returns: Nil if the month was locked.
  func lock(_ subject: String, for runID: String, now: Timestamp, until: Timestamp) async throws -> Holder? {
    var item = key(subject, Self.lockKey)
    item[options.expiry] = .number(Int(until.seconds))
    item[own("run_id")] = .string(runID)
    item[own("since")] = .string("\(now)")
    let condition = DynamoDBExpression(
      "attribute_not_exists(#key) OR #expiry <= :now OR #run = :run",
      names: ["#key": options.partitionKey, "#expiry": options.expiry, "#run": own("run_id")],
      values: [":now": .number(Int(now.seconds)), ":run": .string(runID)])
    do {
      try await database.put(item, in: options.name, if: condition)
      return nil
    } catch let refused as ConditionFailed {
      let item = refused.item ?? [:]
      return Holder(
        runID: item[own("run_id")]?.text ?? "unknown", since: item[own("since")]?.text ?? "unknown",
        until: Timestamp(seconds: Int64(item[options.expiry]?.integer ?? 0)) ?? now)
    }
  }

  /// Gives it back; a lock that is another's by now stays.
  func unlock(_ subject: String, for runID: String, now: Timestamp) async throws {
    do {
      try await database.update(
        key(subject, Self.lockKey), in: options.name,
        DynamoDBExpression(
          "SET #expiry = :now", names: ["#expiry": options.expiry], values: [":now": .number(Int(now.seconds))]),
        if: DynamoDBExpression("#run = :run", names: ["#run": own("run_id")], values: [":run": .string(runID)]),
        isIdempotent: true)
    } catch is ConditionFailed {}
  }
}
