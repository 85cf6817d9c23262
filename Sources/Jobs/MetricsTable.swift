import AWSClient
import HTTPClient
import HealthConfiguration
import HealthModel
import Notifications

/// The DynamoDB table that runs are recorded in, and that keeps live runs apart.
struct MetricsTable: Sendable {
  let database: DynamoDB
  let options: MetricsTableOptions

  private func key(_ partition: String, _ sort: String) -> DynamoDBItem {
    [options.partitionKey: .string(partition), options.sortKey: .string(sort)]
  }

  /// Puts the run's one item.
  func record(_ report: RunReport) async throws {
    guard let period = report.period else { return }
    var item = key("\(report.job)#\(period)", "\(report.startedAt)#\(report.runID)")
    item[options.expiry] = .number(Int(report.startedAt.seconds) + options.retentionDays * 86_400)
    item["environment"] = .string(report.environment)
    item["job"] = .string(report.job)
    item["period"] = .string("\(period)")
    item["run_id"] = .string(report.runID)
    item["started_at"] = .string("\(report.startedAt)")
    item["status"] = .string(report.status)
    item["dry_run"] = .bool(report.isDryRun)
    item["duration_seconds"] = .number(report.durationSeconds)
    item["stages"] = .map(report.stages.mapValues { .number($0) })
    if let coverage = report.meanCoveragePercent { item["coverage_mean_pct"] = .number(coverage) }
    if let failure = report.failure {
      item["error_type"] = .string(failure.type)
      item["error"] = .string(String(failure.message.prefix(1000)))
    }
    if let answer = report.answer { describe(answer, report, in: &item) }
    try await database.put(item, in: options.name)
  }

  private func describe(_ answer: RunAnswer, _ report: RunReport, in item: inout DynamoDBItem) {
    item["provisional"] = .bool(answer.provisional)
    item["accounts"] = .map([
      "total": .number(answer.accounts.total), "scored": .number(answer.accounts.scored),
      "unscored": .number(answer.accounts.unscored), "failed": .number(answer.accounts.failed),
    ])
    item["tiers"] = .map(answer.tiers.mapValues { .number($0) })
    item["tier_drops"] = .number(report.tierDrops.count)
    item["failures"] = .number(answer.failuresTotal)
    item["warnings"] = .number(answer.warningsTotal)
    if let load = answer.load {
      item["load"] = .map([
        "created": .number(load.created), "updated": .number(load.updated), "failed": .number(load.failed),
      ])
    }
    item["sources"] = .map(
      answer.sources.mapValues { source in
        .map([
          "status": .string(source.status.rawValue), "requests": .number(source.requests),
          "retries": .number(source.retries), "throttled": .number(source.throttled),
          "seconds": .number(source.seconds),
        ])
      })
    let errors = report.failedSources.compactMap { source in source.report.error.map { "\(source.name): \($0)" } }
    if !errors.isEmpty { item["error"] = .string(String(errors.joined(separator: "; ").prefix(1000))) }
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
    item["run_id"] = .string(runID)
    item["since"] = .string("\(now)")
    let condition = DynamoDBExpression(
      "attribute_not_exists(#key) OR #expiry <= :now OR run_id = :run",
      names: ["#key": options.partitionKey, "#expiry": options.expiry],
      values: [":now": .number(Int(now.seconds)), ":run": .string(runID)])
    do {
      try await database.put(item, in: options.name, if: condition)
      return nil
    } catch let refused as ConditionFailed {
      let item = refused.item ?? [:]
      return Holder(
        runID: item["run_id"]?.text ?? "unknown", since: item["since"]?.text ?? "unknown",
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
        if: DynamoDBExpression("run_id = :run", values: [":run": .string(runID)]), isIdempotent: true)
    } catch is ConditionFailed {}
  }
}
