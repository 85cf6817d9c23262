import AWSClient
import HealthConfiguration
import HealthModel
import Notifications
import Time

/// The DynamoDB table that runs are recorded in, and that keeps live runs apart.
struct MetricsTable: Sendable {
  let database: DynamoDB
  let options: MetricsTableOptions

  private func key(_ partition: String, _ sort: String) -> DynamoDBItem {
    [options.partitionKey: .string(partition), options.sortKey: .string(sort)]
  }

  /// An attribute of ours; where the table's own keys have that name, with a `_` behind it.
  private func own(_ name: String) -> String {
    [options.partitionKey, options.sortKey, options.expiry].contains(name) ? own(name + "_") : name
  }

  /// Puts the run's one item.
  func record(_ report: RunReport) async throws {
    guard let period = report.period else { return }
    var item = key("\(report.job)#\(period)", "\(report.startedAt)#\(report.runID)")
    item[options.expiry] = .number(Int(report.startedAt.seconds) + options.retentionDays * 86_400)
    item[own("environment")] = .string(report.environment)
    item[own("job")] = .string(report.job)
    item[own("period")] = .string("\(period)")
    item[own("run_id")] = .string(report.runID)
    item[own("started_at")] = .string("\(report.startedAt)")
    item[own("status")] = .string(report.status)
    item[own("dry_run")] = .bool(report.isDryRun)
    item[own("duration_seconds")] = .number(report.durationSeconds)
    item[own("stages")] = .map(report.stages.mapValues { .number($0) })
    if let coverage = report.meanCoveragePercent { item[own("coverage_mean_pct")] = .number(coverage) }
    if let failure = report.failure {
      item[own("error_type")] = .string(failure.type)
      item[own("error")] = .string(String(failure.message.prefix(1000)))
    }
    if let answer = report.answer { describe(answer, report, in: &item) }
    try await database.put(item, in: options.name)
  }

  private func describe(_ answer: RunAnswer, _ report: RunReport, in item: inout DynamoDBItem) {
    item[own("provisional")] = .bool(answer.provisional)
    item[own("accounts")] = .map([
      "total": .number(answer.accounts.total), "scored": .number(answer.accounts.scored),
      "unscored": .number(answer.accounts.unscored), "failed": .number(answer.accounts.failed),
    ])
    item[own("tiers")] = .map(answer.tiers.mapValues { .number($0) })
    item[own("tier_drops")] = .number(report.tierDrops.count)
    item[own("failures")] = .number(answer.failuresTotal)
    item[own("warnings")] = .number(answer.warningsTotal)
    if let load = answer.load {
      item[own("load")] = .map([
        "created": .number(load.created), "updated": .number(load.updated), "failed": .number(load.failed),
      ])
    }
    item[own("sources")] = .map(
      answer.sources.mapValues { source in
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

  /// Who runs a month live just now.
  struct Holder: Sendable, Equatable {
    var runID: String
    var since: String
    var until: Timestamp
  }

  private static let lockKey = "lock"

  /// Takes the month for a run, or finds who has it. The same run may take it again.
  ///
  /// - Parameter until: When it ends by itself: the run is then over, whatever became of it.
  /// - Returns: Nil where it was taken.
  func lock(_ month: String, for runID: String, now: Timestamp, until: Timestamp) async throws -> Holder? {
    var item = key(month, Self.lockKey)
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

  /// Gives the month back; a lock that is another's by now stays.
  func unlock(_ month: String, for runID: String, now: Timestamp) async throws {
    do {
      try await database.update(
        key(month, Self.lockKey), in: options.name,
        DynamoDBExpression(
          "SET #expiry = :now", names: ["#expiry": options.expiry], values: [":now": .number(Int(now.seconds))]),
        if: DynamoDBExpression("#run = :run", names: ["#run": own("run_id")], values: [":run": .string(runID)]),
        isIdempotent: true)
    } catch is ConditionFailed {}
  }
}
