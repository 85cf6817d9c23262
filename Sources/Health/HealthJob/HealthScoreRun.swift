import Connectors
import HTTPClient
import HealthConfiguration
import HealthModel
import HealthSources
import Logging
import Runs
import Scoring
import Snapshots
import Time

/// One run of the health score.
struct HealthScoreRun: Sendable {
  let request: MonthRequest
  let context: RunContext<HealthScoreSetup>

  private var configuration: HealthScoreConfiguration { context.setup.configuration }
  private var mapping: AccountMapping { context.setup.mapping }
  private var credentials: SourceCredentials { context.setup.credentials }
  private var log: Logger { context.log }

  /// Reads all sources in this process, then scores and loads.
  ///
  /// - Throws: ``JobError`` if nothing could be done.
  func run() async throws -> CompletedRun<HealthScoreSummary> {
    try await run { extraction in
      await context.sources.extract(extraction, with: Extractor(log: log))
    }
  }

  /// - Parameter extract: Returns every source's outcome, read by this process or by earlier steps.
  /// - Throws: ``JobError`` if nothing could be done.
  func run(
    extract: (Extraction) async throws -> [SourceID: SourceOutcome]
  ) async throws -> CompletedRun<HealthScoreSummary> {
    let start = context.time.monotonic()
    var answer = newAnswer
    let accounts = try selectedAccounts(&answer)
    let destination = try await destination()
    var clock = StageClock(time: context.time)

    let extraction = extraction(of: accounts)
    async let unmapped = unmapped()
    let outcomes = try await extract(extraction)
    if Task.isCancelled {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the period again")
    }
    try checkAnythingWasRead(outcomes)
    clock.end("extract")
    report(outcomes, in: &answer)
    note(await unmapped, &answer)
    var scored = score(extraction, outcomes, &answer)
    let coverages = scored.map(\.score.coveragePercent)
    if !coverages.isEmpty {
      answer.meanCoveragePercent = Shown.oneDecimal(coverages.reduce(0, +) / Double(coverages.count))
    }
    clock.end("score")
    await compare(&scored, &answer)
    clock.end("compare")
    if let destination {
      await load(scored, to: destination, &answer)
      clock.end("load")
    }
    answer.summary.set(movers: movers(scored))
    if request.isDryRun { answer.results = scored.map(\.result) }
    let isComplete = answer.failuresTotal == 0 && !outcomes.values.contains { $0.report.status.isFailure }
    if !isComplete { answer.status = .partial }
    let files = await RunFiles.choosing(for: request, context, &answer)
    await files.write(scored, &answer)
    clock.end("files")
    answer.durationSeconds = (context.time.monotonic() - start).roundedSeconds
    return CompletedRun(answer: answer, stages: clock.stages) { await files.writeAnswer(&$0) }
  }

  /// Throws if no active source could be read: such a run must not replace the result of an earlier one.
  private func checkAnythingWasRead(_ outcomes: [SourceID: SourceOutcome]) throws {
    let active = outcomes.filter { $0.value.report.status != .inactive }
    guard !active.isEmpty, active.allSatisfy({ $0.value.report.status == .failed }) else { return }
    let reasons = SourceRegistry.ids.compactMap { id in
      active[id].map { "\(id.title): \(($0.report.error ?? "no reason given").prefix(300))" }
    }
    throw JobError(
      .sourcesUnavailable,
      "nothing was scored or written, since no source could be read. \(reasons.joined(separator: "; "))")
  }

  private var newAnswer: HealthScoreAnswer {
    HealthScoreAnswer(
      runID: context.runID, job: HealthScoreJob().name, dryRun: request.isDryRun,
      summary: HealthScoreSummary(period: request.period, asOf: request.asOf, provisional: request.isProvisional))
  }

  // MARK: Steps

  /// What to read from the sources. Before that, checks credentials and, for a live run, Salesforce.
  ///
  /// - Throws: ``JobError`` if nothing could be done.
  func preparedExtraction() async throws -> Extraction {
    let extraction = try extraction()
    _ = try await destination()
    return extraction
  }

  /// What to read from the sources.
  ///
  /// - Throws: ``JobError`` if the event names accounts that the mapping does not have.
  func extraction() throws -> Extraction {
    var answer = newAnswer
    return extraction(of: try selectedAccounts(&answer))
  }

  private func extraction(of accounts: [MappedAccount]) -> Extraction {
    Extraction(period: request.period, asOf: request.asOf, isCurrent: request.isCurrent, accounts: accounts)
  }

  // MARK: Accounts

  /// The accounts to score. Adds the mapping's skipped rows to the answer as failures.
  private func selectedAccounts(_ answer: inout HealthScoreAnswer) throws -> [MappedAccount] {
    for warning in mapping.warnings + credentials.warnings { answer.warn(warning) }
    if !request.isDryRun, !configuration.unapprovedInUse.isEmpty {
      let names = configuration.unapprovedInUse.joined(separator: ", ")
      answer.warn("figures that CS leadership has not approved yet: \(names)")
    }
    guard let wanted = request.accounts else {
      answer.accounts.total = mapping.accounts.count + mapping.skipped.count
      answer.accounts.failed = mapping.skipped.count
      answer.summary.add(
        failures: mapping.skipped.map {
          .init(accountID: $0.id, accountName: $0.name, stage: "mapping", error: $0.problem.description)
        })
      return mapping.accounts
    }
    let set = Set(wanted)
    let chosen = mapping.accounts.filter { $0.salesforceID.map(set.contains) ?? false }
    let unknown = set.subtracting(chosen.compactMap(\.salesforceID)).sorted()
    guard unknown.isEmpty else {
      let names = unknown.prefix(10).map(\.description).joined(separator: ", ")
      throw JobError(
        .invalidEvent,
        "the event is refused: accounts: \(names) \(unknown.count == 1 ? "is" : "are") not in \(ConfigurationFiles.mappingName)"
      )
    }
    answer.accounts.total = chosen.count
    return chosen
  }

  // MARK: Destination

  private struct Destination: Sendable {
    let loader: HealthScoreLoader
    let api: APIClient
  }

  /// Where a live run writes to; nil on a dry run. Checked first: a run that can't write reads nothing.
  private func destination() async throws -> Destination? {
    if credentials.isEmpty {
      throw JobError(
        .noCredentials,
        "no source has credentials; set INTERCOM_API_TOKEN, JIRA_*, LOOKER_* or SF_* in the environment")
    }
    guard !request.isDryRun else { return nil }
    guard let (org, api) = context.sources.salesforce(deadline: context.deadlines.load) else {
      throw JobError(
        .noCredentials,
        "a live run writes to Salesforce, which has no credentials; set SF_CLIENT_ID and SF_CLIENT_SECRET, or pass \"dry_run\": true"
      )
    }
    do {
      let loader = try await HealthScoreLoader(
        client: org, options: configuration.rules[SalesforceSource.self].healthScores)
      return Destination(loader: loader, api: api)
    } catch is CancellationError {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the period again")
    } catch {
      throw JobError(.salesforceUnavailable, "nothing was written: \(SourceID.salesforce.message(for: error))")
    }
  }

  private func load(_ scored: [ScoredAccount], to destination: Destination, _ answer: inout HealthScoreAnswer) async {
    let context = LoadContext(
      period: request.period, scoredAt: context.now, runID: context.runID)
    let loadable = scored.compactMap { scored in
      scored.account.salesforceID.map {
        LoadableScore(
          accountID: $0, segment: scored.snapshot.segment, score: scored.score, drivers: scored.drivers,
          changeSummary: scored.changeSummary)
      }
    }
    let (outcomes, warnings) = await destination.loader.load(loadable, context: context)
    warnings.forEach { answer.warn($0) }
    let names = Dictionary(scored.map { ($0.account.id, $0.account.name) }) { first, _ in first }
    var load = HealthScoreSummary.Load()
    var failures = scored.filter { $0.account.salesforceID == nil }.map {
      HealthScoreSummary.Failure(
        accountID: $0.account.id, accountName: $0.account.name, stage: "load",
        error: "not loadable: the mapping has no sf_account_id for it")
    }
    for outcome in outcomes {
      switch outcome.result {
      case .created: load.created += 1
      case .updated: load.updated += 1
      case .failed(let reason):
        load.failed += 1
        let id = outcome.accountID.description
        failures.append(.init(accountID: id, accountName: names[id] ?? id, stage: "load", error: reason))
      }
    }
    answer.load = load
    answer.accounts.failed += failures.count
    answer.summary.add(failures: failures)
    let usage = destination.api.usage
    answer.sources[SourceID.salesforce.name]?.requests += usage.requests
    answer.sources[SourceID.salesforce.name]?.retries += usage.retries
    answer.sources[SourceID.salesforce.name]?.throttled += usage.throttled
    log.info(
      "scores were loaded",
      metadata: ["created": "\(load.created)", "updated": "\(load.updated)", "failed": "\(load.failed)"])
  }

  // MARK: Scoring

  private func report(_ outcomes: [SourceID: SourceOutcome], in answer: inout HealthScoreAnswer) {
    for id in SourceRegistry.ids {
      guard let outcome = outcomes[id] else { continue }
      answer.sources[id.name] = outcome.report
      answer.received[id.name] = outcome.received
      outcome.warnings.forEach { answer.warn($0) }
    }
  }

  private func score(
    _ extraction: Extraction, _ outcomes: [SourceID: SourceOutcome], _ answer: inout HealthScoreAnswer
  ) -> [ScoredAccount] {
    let scorer = Scorer(model: configuration.scoring)
    var scored: [ScoredAccount] = []
    var failures: [HealthScoreSummary.Failure] = []
    for tier in Tier.allCases { answer.tiers[tier.rawValue] = 0 }
    for (position, account) in extraction.accounts.enumerated() {
      let facts = SourceRegistry.ids.compactMap { outcomes[$0]?.accounts[position] }
      guard let snapshot = snapshot(of: account, facts) else {
        failures.append(
          .init(
            accountID: account.id, accountName: account.name, stage: "segment",
            error: "the mapping names no segment and Salesforce no ARR to tell it by"))
        continue
      }
      let score = scorer.score(snapshot)
      if let tier = score.tier {
        answer.tiers[tier.rawValue, default: 0] += 1
        answer.accounts.scored += 1
      } else {
        answer.accounts.unscored += 1
      }
      scored.append(
        ScoredAccount(
          account: account, snapshot: snapshot, score: score,
          previousHealth: facts.compactMap(\.previousHealth).first, previousTier: facts.compactMap(\.previousTier).first
        ))
    }
    answer.accounts.failed += failures.count
    answer.summary.add(failures: failures)
    let overdue = scored.reduce(0) {
      $0 + configuration.scoring.qualitative.overdue($1.snapshot.signals, asOf: request.asOf.date)
    }
    if overdue > 0 {
      answer.warn(
        "\(overdue) churn signals expired days ago and are still open in Salesforce: the flow that expires them does not run. This run leaves them out; what Salesforce shows counts them (deploy/salesforce/README.md, Activate the flows)"
      )
    }
    return scored
  }

  /// Combines the facts of all sources; nil if neither the mapping nor an ARR gives the segment.
  private func snapshot(of account: MappedAccount, _ facts: [AccountFacts]) -> AccountSnapshot? {
    let arr = facts.compactMap(\.arr).first
    guard let segment = account.segment ?? arr.map({ configuration.scoring.segment(forARR: $0) }) else { return nil }
    var observations = Observations()
    for fact in facts {
      for (metric, observation) in fact.observations { observations[metric] = observation }
    }
    var snapshot = AccountSnapshot(
      accountID: account.id, accountName: account.name, segment: segment, asOf: request.asOf,
      observations: observations, signals: facts.compactMap(\.signals).first ?? .known([]),
      salesforceID: account.salesforceID, arr: arr, renewalDate: facts.compactMap(\.renewalDate).first,
      mapping: account.links, ownerID: facts.compactMap(\.ownerID).first,
      ownerName: facts.compactMap(\.ownerName).first)
    snapshot.trends = facts.flatMap(\.trends)
    snapshot.suggestedSignals = facts.flatMap(\.suggestedSignals)
    return snapshot
  }

  /// Every account whose score changed since the month before, the largest change first.
  private func movers(_ scored: [ScoredAccount]) -> [HealthScoreSummary.Mover] {
    scored.compactMap(\.mover).sorted { ($1.change.magnitude, $0.accountID) < ($0.change.magnitude, $1.accountID) }
  }
}
