import AWSClient
import Connectors
import CustomerModel
import CustomerTable
import HTTPClient
import Intercom
import Logging
import Runs
import Time

/// One run of the customer sync. What it has read becomes rows by ``CustomerBook``, whether it read everything or only what
/// changed; rows that differ from the table are written, then what the next run has to know, and the watermark last.
struct CustomerSyncRun: Sendable {
  let request: CustomerSyncJob.Request
  let context: RunContext<CustomerSyncSetup>
  /// When the run began, to the second.
  private let now: Timestamp

  private var configuration: CustomerSyncConfiguration { context.setup.configuration }
  private var rules: CustomerRules { configuration.rules }

  init(request: CustomerSyncJob.Request, context: RunContext<CustomerSyncSetup>) {
    self.request = request
    self.context = context
    now = Timestamp(milliseconds: context.now.seconds * 1000)
  }

  /// - Throws: ``JobError`` if nothing could be done.
  func run() async throws -> CompletedRun<CustomerSyncSummary> {
    let start = context.time.monotonic()
    var clock = StageClock(time: context.time)
    guard let credentials = context.setup.credentials else {
      throw JobError(.noCredentials, "Intercom has no credentials; set INTERCOM_API_TOKEN in the environment")
    }
    let storage = try CustomerStorage(context)
    let (stored, state) = try await storage.load()
    clock.end("table")

    let api = context.sessions.api(
      for: .intercom, configuration.intercom.rateLimit, time: context.time, deadline: context.deadlines.extraction)
    let client = IntercomClient(api: api, credentials: credentials, options: configuration.intercom)
    let isFull = request.isFull || !isContinued(state, stored)
    let sync = CustomerSync(
      client: client, configuration: configuration, now: now, stored: stored, state: state, isFull: isFull)
    var answer = CustomerSyncAnswer(
      runID: context.runID, job: CustomerSyncJob().name, dryRun: request.isDryRun,
      summary: CustomerSyncSummary(mode: isFull ? .full : .incremental))
    for warning in context.setup.warnings { answer.warn(warning) }
    var gathered: CustomerSync.Gathered
    do {
      gathered = try await sync.gather()
    } catch is CancellationError {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the job again")
    } catch {
      throw JobError(
        .sourcesUnavailable,
        "nothing was written, since Intercom could not be read: \(SourceID.intercom.message(for: error))")
    }
    clock.end("extract")
    let result: CustomerSync.Result
    if request.isDryRun {
      for hiding in sync.hidingParts(gathered) { await sync.readMessages(of: hiding, &gathered) }
      result = sync.result(gathered)
      report(result, api, &answer)
      writeCSV(result, &answer)
    } else {
      result = try await store(&gathered, of: sync, in: storage, api, &answer)
    }
    clock.end("load")
    describe(result, &answer)
    answer.durationSeconds = (context.time.monotonic() - start).roundedSeconds
    answer.syncDurationSeconds = answer.durationSeconds
    context.log.info(
      "Intercom sync completed",
      metadata: answer.summary.logged.mapValues { "\($0)" }.merging([
        "status": "\(answer.status.rawValue)", "seconds": "\(answer.durationSeconds)",
        "mean_quality": "\(answer.averageQualityScore.map { "\($0)" } ?? "none")",
      ]) { $1 })
    return CompletedRun(answer: answer, stages: clock.stages)
  }

  /// Whether a run of what changed leads to the right table: the stored state belongs to it, and was reached by the same rules
  /// and before now.
  private func isContinued(_ state: SyncState?, _ stored: [String: Customer]) -> Bool {
    guard let state, let watermark = state.watermark, !stored.isEmpty else { return false }
    return watermark <= now && state.rules == CustomerSync.rulesKey(rules)
  }

  // MARK: Writing

  /// Writes in the order in which a run may be killed anywhere: what the next run has to know of conversations and
  /// addresses, then the rows, then the watermark. Rows that wait for no message are written while messages are read.
  private func store(
    _ gathered: inout CustomerSync.Gathered, of sync: CustomerSync, in storage: CustomerStorage, _ api: APIClient,
    _ answer: inout CustomerSyncAnswer
  ) async throws -> CustomerSync.Result {
    var interim = sync.nextState(gathered)
    // Until the rows are written, a contact may still stand for the address that it had.
    for (id, digests) in sync.state?.shared ?? [:] {
      interim.shared[id] = Array(Set(digests + (interim.shared[id] ?? []))).sorted()
    }
    do {
      try await storage.state.saveFacts(interim)
    } catch {
      throw JobError(.storageUnavailable, "nothing was written, since the sync's state can't be stored: \(error)")
    }
    var known: [String: Customer] = [:]
    var written = WrittenRows()
    for hiding in sync.hidingParts(gathered) {
      let ready = sync.readyRows(gathered).filter { known[$0.email] == nil }
      for row in ready { known[row.email] = row }
      async let early = storage.table.write(ready)
      await sync.readMessages(of: hiding, &gathered)
      written.merge(await early, replacing: [])
    }
    let result = sync.result(gathered)
    report(result, api, &answer)
    let rest = result.changes.map(\.row).filter { known[$0.email] != $0 }
    written.merge(await storage.table.write(rest), replacing: Set(rest.map(\.email)))
    tell(written, &answer)
    count(
      result.changes.filter { !written.failed.contains($0.row.email) && !written.outdated.contains($0.row.email) },
      result, &answer)
    do {
      var final = result.state
      let isDone = result.isComplete && written.failed.isEmpty
      if !isDone { final.shared = interim.shared }
      try await storage.state.saveFacts(final)
      guard isDone else {
        answer.status = .partial
        return result
      }
      final.watermark = now
      try await storage.state.saveWatermark(final)
      answer.watermark.to = "\(now)"
    } catch {
      answer.status = .partial
      answer.warn("the watermark was not stored; the next run reads the same changes again: \(error)")
    }
    return result
  }

  private func tell(_ written: WrittenRows, _ answer: inout CustomerSyncAnswer) {
    answer.errors += written.failed.count
    if !written.failed.isEmpty {
      answer.status = .partial
      answer.warn(
        "\(written.failed.count) customers were not written; the next run writes them: \(written.errors.sorted().joined(separator: "; "))"
      )
    }
    if !written.outdated.isEmpty {
      answer.warn("\(written.outdated.count) customers were left as a later run has written them")
    }
  }

  private func writeCSV(_ result: CustomerSync.Result, _ answer: inout CustomerSyncAnswer) {
    count(result.changes, result, &answer)
    if !result.isComplete { answer.status = .partial } else { answer.watermark.to = "\(now)" }
    let path = "\(context.environment.outputDirectory)/\(CustomerCSV.fileName)"
    do {
      let file = try AtomicFile(path: path)
      try file.append(CustomerCSV.headerLine)
      for row in result.table.sorted(by: { $0.email < $1.email }) { try file.append(CustomerCSV.line(row.asOf(now))) }
      try file.commit()
      answer.csv = path
    } catch {
      answer.status = .partial
      answer.warn("the table was not written: \(error); check OUTPUT_DIR")
    }
  }

  // MARK: Reporting

  private func report(_ result: CustomerSync.Result, _ api: APIClient, _ answer: inout CustomerSyncAnswer) {
    answer.watermark.from = result.from.map { "\($0)" }
    answer.received["contacts"] = result.contacts.received
    answer.received["conversations"] = result.ledger.received
    var source = SourceReport(status: result.problems.isEmpty ? .succeeded : .partial)
    source.add(api.usage)
    if !result.problems.isEmpty {
      source.error = result.problems.joined(separator: "; ")
      answer.status = .partial
    }
    answer.sources[SourceID.intercom.name] = source
    answer.errors += result.errors
    for (reason, count) in result.contacts.skipped { answer.skipped[reason.rawValue] = count }
    answer.skippedContacts = result.contacts.skipped.values.reduce(0, +)
    if result.contacts.invalidTimestamps > 0 { answer.skipped["invalid_timestamp"] = result.contacts.invalidTimestamps }
    for warning in result.warnings { answer.warn(warning) }
    if let count = result.contacts.centsSuspects(rules) {
      answer.warn(
        "all \(count) flat Stripe prices are whole numbers of at least 100: if they are cents, set revenue.attribute_unit to minor in \(CustomerSyncConfiguration.fileName)"
      )
    }
  }

  /// Counts the changes that were made.
  private func count(
    _ changes: [CustomerSync.Change], _ result: CustomerSync.Result, _ answer: inout CustomerSyncAnswer
  ) {
    var alerts: [CustomerAlert] = []
    for change in changes {
      if change.row.isDeleted {
        answer.deletedContacts += 1
      } else if change.isNews {
        if change.old == nil { answer.newContacts += 1 } else { answer.updatedContacts += 1 }
        alerts += CustomerAlert.all(from: change.old, to: change.row, rules)
      }
    }
    answer.unchangedContacts = result.unchanged
    answer.contactsSynced = answer.newContacts + answer.updatedContacts + answer.unchangedContacts
    if result.isFirst {
      if !request.isDryRun, answer.newContacts > 0 {
        answer.notices = [AlertNotices.first(answer.newContacts, alerts)]
      }
    } else {
      answer.alertsGenerated = alerts.count
      for alert in alerts { answer.alerts[alert.kind.rawValue, default: 0] += 1 }
      if !request.isDryRun { answer.notices = AlertNotices.all(alerts, configuration, workspaceID: result.workspaceID) }
    }
  }

  /// The customers as they stand once the run has written.
  private func describe(_ result: CustomerSync.Result, _ answer: inout CustomerSyncAnswer) {
    let customers = result.table.filter { !$0.isDeleted }
    answer.customers = customers.count
    let totals = CustomerTotals(customers, rules.baseCurrency)
    answer.averageQualityScore = totals.meanQuality
    answer.mrrTotal = totals.mrr.mapValues(\.double)
  }
}
