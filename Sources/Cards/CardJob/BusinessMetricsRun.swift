import AWSClient
import CardModel
import CardSources
import Connectors
import HTTPClient
import Runs
import Time

/// One run: every card is read beside the others, and one source that fails touches no other source's cards.
struct BusinessMetricsRun: Sendable {
  let request: BusinessMetricsJob.Request
  /// The day of the run in the configured zone.
  let today: CalendarDate
  let context: RunContext<CardSetup>

  private var settings: CardSettings { context.setup.settings }

  /// - Throws: ``JobError`` where the environment shuts down, or a bucket is set without credentials.
  func run() async throws -> CompletedRun<BusinessMetricsSummary> {
    let start = context.time.monotonic()
    var clock = StageClock(time: context.time)
    let files = try CardFiles(context)
    var answer = BusinessMetricsAnswer(
      runID: context.runID, job: BusinessMetricsJob().name, dryRun: request.isDryRun,
      summary: BusinessMetricsSummary(date: today))
    for warning in context.setup.warnings + context.setup.targetProblems { answer.warn(warning) }
    async let earlier = files.read(upTo: today, days: settings.windows.history)
    let targets = await targets(files, &answer)
    let reading = await earlier
    for warning in reading.warnings { answer.warn(warning) }
    let archive = CardArchive(reading.days, zone: settings.zone)
    clock.end("history")

    let board = CardBoard(
      settings: settings, targets: targets, archive: archive, today: today, now: request.instant)
    let ledger = RequestLedger(context)
    let sources = CardSourceSet(
      context,
      CardContext(
        settings: settings, today: today, now: request.instant, time: context.time,
        deadline: context.deadlines.extraction, sessions: context.sessions, limits: context.setup.configuration.limits,
        asked: request.cards, archive: archive), ledger: ledger)
    let results = await read(sources)
    if Task.isCancelled {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the job again")
    }
    for warning in await ledger.warnings { answer.warn(warning) }
    clock.end("extract")

    answer.cards = CardID.allCases.map { record($0, results[$0], board) }
    describe(&answer, results, sources, board)
    let (csv, problems) = await files.write(answer.cards, of: today, isDry: request.isDryRun)
    answer.csv = csv
    for problem in problems {
      answer.status = .partial
      answer.warn(problem)
    }
    clock.end("files")
    answer.durationSeconds = (context.time.monotonic() - start).roundedSeconds
    return CompletedRun(answer: answer, stages: clock.stages)
  }

  // MARK: Reading

  /// What became of a card that was asked for.
  private struct Result {
    var outcome: CardOutcome
    /// The source that failed, and how; nil where none did.
    var failure: (source: SourceID, message: String)?
  }

  private func read(_ sources: CardSourceSet) async -> [CardID: Result] {
    await withTaskGroup(of: (CardID, Result).self) { group in
      for card in request.cards {
        guard let source = sources.source(of: card) else {
          let reason = sources.reason(of: card)
          group.addTask { (card, Result(outcome: .read(.blocked(reason)))) }
          continue
        }
        group.addTask {
          do {
            return (card, Result(outcome: .read(try await source.read(card))))
          } catch let error as CardSourceSet.FailedInput {
            return (card, Self.failed(error.source, error.error))
          } catch {
            return (card, Self.failed(source.id, error))
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private static func failed(_ source: SourceID, _ error: any Error) -> Result {
    let message = source.message(for: error)
    return Result(outcome: .failed(message), failure: (source, message))
  }

  private func record(_ card: CardID, _ result: Result?, _ board: CardBoard) -> CardRecord {
    do {
      return try board.record(card, result?.outcome ?? .kept)
    } catch {
      return (try? board.record(card, .failed("\(error)"))) ?? board.failure(card, "\(error)")
    }
  }

  /// The configuration's targets, and over them those that somebody set.
  private func targets(_ files: CardFiles, _ answer: inout BusinessMetricsAnswer) async -> CardTargets {
    var targets = context.setup.targets
    do {
      guard let (bytes, name) = try await files.overridingTargets() else { return targets }
      let file = TargetsFile(bytes, name: name)
      guard file.problems.isEmpty else {
        for problem in file.problems { answer.warn("\(problem); the targets that were set are refused") }
        targets.doubt(because: "the targets that were set are refused, this one is the configuration's")
        return targets
      }
      targets.override(with: file.targets)
    } catch {
      answer.warn("the targets that were set could not be read: \(error)")
      targets.doubt(because: "the targets that were set could not be read, this one is the configuration's")
    }
    return targets
  }

  // MARK: Reporting

  private func describe(
    _ answer: inout BusinessMetricsAnswer, _ results: [CardID: Result], _ sources: CardSourceSet, _ board: CardBoard
  ) {
    for card in answer.cards { answer.counts[card.state.rawValue, default: 0] += 1 }
    if answer.cards.contains(where: { $0.state.isFailure || $0.state == .partial }) { answer.status = .partial }
    for card in CardID.allCases where results[card] != nil {
      guard let system = sources.system(of: card), answer.sources[system.name] == nil else { continue }
      answer.sources[system.name] = SourceReport(
        status: sources.source(of: card) == nil ? .inactive : .succeeded)
    }
    var failures: [SourceID: [String]] = [:]
    for card in CardID.allCases {
      if let failure = results[card]?.failure { failures[failure.source, default: []].append(failure.message) }
    }
    for (source, messages) in failures {
      let asked = results.keys.filter { sources.system(of: $0) == source }.count
      var report = answer.sources[source.name] ?? SourceReport(status: .succeeded)
      report.status = messages.count >= asked ? .failed : .partial
      report.error = Set(messages).sorted().joined(separator: "; ")
      answer.sources[source.name] = report
      answer.warn(contentsOf: messages)
    }
    for source in sources.all where answer.sources[source.id.name] != nil {
      answer.sources[source.id.name]?.add(source.usage)
    }
    // A dry run is no news for anybody.
    guard !request.isDryRun else {
      answer.knownFailures = Set(failures.keys.map(\.name))
      return
    }
    answer.knownFailures = knownFailures(Set(failures.keys), sources, board)
    answer.notices = notices(answer.cards.filter { results[$0.id] != nil }, board)
  }

  /// Sources whose cards failed already when they were read last.
  private func knownFailures(
    _ failed: Set<SourceID>, _ sources: CardSourceSet, _ board: CardBoard
  ) -> Set<String> {
    Set(
      failed.filter { source in
        CardID.allCases.contains { card in
          sources.system(of: card) == source && request.cards.contains(card)
            && board.archive.latest(card, upTo: today)?.state.isFailure == true
        }
      }.map(\.name))
  }

  private func notices(_ cards: [CardRecord], _ board: CardBoard) -> [RunNotice] {
    let missed = cards.filter(board.isNewlyMissed)
    guard !missed.isEmpty else { return [] }
    let title = missed.count == 1 ? "1 card misses its target" : "\(missed.count) cards miss their targets"
    return [
      RunNotice(
        kind: "cards_missed", title: title, numbers: missed.map(\.id.rawValue).joined(separator: ", "),
        entries: missed.map { card in
          RunNotice.Entry(name: card.label, text: "*\(card.display)*, target \(Self.escaped(card.target?.words ?? ""))")
        })
    ]
  }

  /// As Slack wants it.
  private static func escaped(_ text: String) -> String {
    text.replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

extension RunAnswer {
  fileprivate mutating func warn(contentsOf warnings: [String]) {
    for warning in warnings { warn(warning) }
  }
}
