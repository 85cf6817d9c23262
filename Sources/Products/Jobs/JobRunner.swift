import Formats
import FoundationEssentials
import HTTPClient
import HealthConfiguration
import HealthModel
import Logging
import Notifications
import Time

/// Runs any job from an event: the one door for Lambda and the command line.
public actor JobRunner {
  /// Lambda takes 6,291,556 bytes.
  static let maximumAnswerBytes = 6_000_000

  private let environment: Environment
  private let sessions: VendorSessions
  private let time: TimeSource
  private let log: Logger
  private let emit: @Sendable ([UInt8]) -> Void
  /// Read at the first invocation and kept; problems are reported to each caller until they are fixed.
  private var loaded: JobConfiguration?

  /// - Parameter emit: Takes each run's metrics as a line of CloudWatch's embedded metric format.
  public init(
    environment: Environment, transport: any HTTPTransport, time: TimeSource = .system, log: Logger,
    emit: @escaping @Sendable ([UInt8]) -> Void = { _ in }
  ) {
    self.environment = environment
    sessions = VendorSessions(transport: transport)
    self.time = time
    self.log = log
    self.emit = emit
  }

  /// Answers an event as JSON, short enough for Lambda, and tells the watchers of whatever ends without an answer.
  ///
  /// - Parameter deadline: Since 1970, when Lambda ends the invocation.
  /// - Throws: ``JobError``.
  public func answer(event json: [UInt8], deadline: Duration? = nil, requestID: String? = nil) async throws -> [UInt8] {
    let event = try await telling(of: nil, deadline) { try Event(json: json) }
    switch event.step {
    case .plan:
      return try await telling(of: event, deadline) { () -> [UInt8] in
        let request = try request(event)
        return try JSONBody.encode(try await scaleOut(event, deadline, requestID).plan(request))
      }
    case .extract:
      return try await telling(of: event, deadline) { () -> [UInt8] in
        try JSONBody.encode(try await scaleOut(event, deadline, requestID).extract(event.slice ?? ""))
      }
    case nil, .finish:
      let run = try await telling(of: event, deadline) { try await prepared(event, deadline, requestID) }
      var answer = try await watched(run, deadline: deadline)
      // A state machine carries 256 KiB; the files have it all.
      if event.step == .finish { answer.results = nil }
      if let body = try answer.encoded(atMost: Self.maximumAnswerBytes) { return body }
      answer.results = nil
      answer.warn(
        "the results are too long for an answer; they are in the files beside \(answer.snapshot ?? "the output")")
      return try JSONBody.encode(answer)
    }
  }

  /// A whole run, or the step that finishes one. Whoever calls sees what is wrong with the event: only the run itself is
  /// told to the watchers.
  ///
  /// - Throws: ``JobError``.
  public func run(_ event: Event, deadline: Duration? = nil, requestID: String? = nil) async throws -> RunAnswer {
    try await watched(try await prepared(event, deadline, requestID), deadline: deadline)
  }

  /// A run of which everything is known but the outcome.
  private struct PreparedRun: Sendable {
    let request: RunRequest
    let context: RunContext
    var startedAt: Timestamp?
    let run: @Sendable (HealthScoreJob) async throws -> CompletedRun
  }

  private func prepared(_ event: Event, _ deadline: Duration?, _ requestID: String?) async throws -> PreparedRun {
    guard event.step == .finish else {
      let request = try request(event)
      return PreparedRun(request: request, context: try context(event, deadline, requestID)) { try await $0.run() }
    }
    let scaleOut = try scaleOut(event, deadline, requestID)
    let plan = try await scaleOut.storedPlan()
    return PreparedRun(request: plan.request, context: scaleOut.context, startedAt: plan.startedAt) { job in
      try await job.run { extraction in try await scaleOut.outcomes(plan, of: extraction) }
    }
  }

  /// Runs a job under its month's lock and tells everyone what became of it, a failure too.
  private func watched(_ prepared: PreparedRun, deadline: Duration?) async throws -> RunAnswer {
    let (request, context) = (prepared.request, prepared.context)
    let startedAt = prepared.startedAt ?? context.now
    let begin = time.monotonic()
    context.log.info(
      "a run begins", metadata: ["period": "\(request.period)", "dry_run": "\(request.isDryRun)"])
    func report(_ outcome: RunReport.Outcome) -> RunReport {
      RunReport(
        environment: environment.name, job: JobName.healthScore.rawValue, runID: context.runID,
        period: request.period, isDryRun: request.isDryRun, startedAt: startedAt,
        durationSeconds: rounded(time.monotonic() - begin), outcome: outcome)
    }
    var lock: RunLock?
    do {
      var lockWarning: String?
      if !request.isDryRun {
        let end = deadline.map { Timestamp(milliseconds: $0.inMilliseconds) }
        (lock, lockWarning) = try await RunLock.take(request.period, for: context, until: end)
      }
      var completed = try await prepared.run(HealthScoreJob(request: request, context: context))
      if let lockWarning { completed.answer.warn(lockWarning) }
      var told = report(.answered(completed.answer))
      told.stages = completed.stages
      let finalReport = told
      let (held, finished, files) = (lock, completed.answer, completed.files)
      // Cancelling the run, as a shutdown does, must not take its last words.
      let answer = await Task {
        var (answer, report) = (finished, finalReport)
        // First, so that nobody who hangs costs it, and under the lock.
        await files.writeAnswer(&answer)
        report.outcome = .answered(answer)
        let problems = await close(report, held, context)
        for problem in problems { answer.warn(problem) }
        if !problems.isEmpty { await files.writeAnswer(&answer) }
        return answer
      }.value
      context.log.info(
        "a run ended",
        metadata: [
          "status": "\(answer.status.rawValue)", "scored": "\(answer.accounts.scored)",
          "unscored": "\(answer.accounts.unscored)", "failed": "\(answer.accounts.failed)",
          "seconds": "\(answer.durationSeconds)",
        ])
      return answer.shortened
    } catch let error as JobError {
      let failed = report(.failed(type: error.kind.rawValue, message: error.message))
      let held = lock
      _ = await Task { await close(failed, held, context) }.value
      throw error
    }
  }

  /// - Returns: What went wrong with it, one line each.
  private func close(_ report: RunReport, _ lock: RunLock?, _ context: RunContext) async -> [String] {
    await lock?.release()
    if let line = try? EmbeddedMetrics.line(report, at: context.now) { emit(line) }
    return await context.watchers.tell(report)
  }

  /// What was told in this environment: the same again tells nobody anything.
  private var told: Set<String> = []

  /// Does something that leaves no run behind, and tells the watchers where it fails: a refused event, a configuration that
  /// can't be read, a step that failed.
  ///
  /// - Parameter event: Nil where not even the event could be read.
  private func telling<Value>(
    of event: Event?, _ deadline: Duration?, _ work: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await work()
    } catch let error as JobError {
      let step = event?.step.map { " \($0.rawValue)" } ?? ""
      // A step is tried again, and others of the run fail alike; one that ended with its environment will be repeated.
      let isNews = event?.runID.map { told.insert("\($0)\(step)\(error.kind.rawValue)").inserted } ?? true
      if isNews, error.kind != .terminated { await tell(error, event, step, deadline) }
      throw error
    }
  }

  private func tell(_ error: JobError, _ event: Event?, _ step: String, _ deadline: Duration?) async {
    let now = time.now
    var report = RunReport(
      environment: environment.name, job: (event?.job ?? environment.defaultJob) + step,
      runID: event?.runID ?? UUID().uuidString.lowercased(), period: event?.period, isDryRun: event?.dryRun ?? false,
      startedAt: now, durationSeconds: 0, outcome: .failed(type: error.kind.rawValue, message: error.message))
    if event?.step == nil, let event, let request = try? request(event) { report.period = request.period }
    if event?.step == nil, let line = try? EmbeddedMetrics.line(report, at: now) { emit(line) }
    log.error("an event was refused or a step failed", metadata: ["error": "\(error.message)"])
    let closing = deadlines(until: deadline, margin: .seconds(10)).closing
    _ = await Watchers(
      operations: Operations(environment, readFile: Self.fileText), transport: sessions.transport, time: time,
      deadline: closing, log: log
    ).tell(report)
  }

  /// A file's text; nil where it can't be read.
  @Sendable public static func fileText(_ path: String) -> String? {
    (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: What a run works with

  private func request(_ event: Event) throws -> RunRequest {
    try RunRequest(event, now: time.now)
  }

  private func scaleOut(_ event: Event, _ deadline: Duration?, _ requestID: String?) throws -> ScaleOut {
    try ScaleOut(context: context(event, deadline, requestID))
  }

  private func context(_ event: Event, _ deadline: Duration?, _ requestID: String?) throws -> RunContext {
    let name = event.job ?? environment.defaultJob
    guard name == JobName.healthScore.rawValue else {
      throw JobError(.jobUnavailable, "job: \(name) is not part of this version; available is health_score")
    }
    let configuration = try configuration()
    let runID = event.runID ?? UUID().uuidString.lowercased()
    var log = log
    log[metadataKey: "run_id"] = "\(runID)"
    log[metadataKey: "job"] = "\(name)"
    if let step = event.step { log[metadataKey: "step"] = "\(step.rawValue)" }
    if let requestID { log[metadataKey: "lambda_request_id"] = "\(requestID)" }
    return RunContext(
      runID: runID, environment: environment, configuration: configuration, sessions: sessions,
      deadlines: deadlines(until: deadline, margin: configuration.deadlineMargin), time: time, log: log)
  }

  private func deadlines(until deadline: Duration?, margin: Duration) -> RunDeadlines {
    guard let deadline else { return .none }
    return .sharing(max(.zero, deadline - time.wall()), margin: margin, now: time.monotonic())
  }

  private func configuration() throws -> JobConfiguration {
    if let loaded { return loaded }
    do {
      let configuration = try JobConfiguration(environment: environment, readFile: Self.fileText)
      loaded = configuration
      return configuration
    } catch let error as ConfigurationError {
      throw JobError(.invalidConfiguration, "\(error)")
    }
  }
}

extension Environment {
  /// The function's `_HANDLER`, where it names a job.
  var defaultJob: String {
    self["_HANDLER"].flatMap { JobName(rawValue: $0) }?.rawValue ?? JobName.healthScore.rawValue
  }
}

extension JobConfiguration {
  /// From the environment's folder.
  ///
  /// - Throws: ``ConfigurationError``.
  ///
  /// - Parameter readFile: A file's text outside the configuration; nil where it can't be read.
  public init(environment: Environment, readFile: (String) -> String? = { _ in nil }) throws {
    let folder = environment.configDirectory
    try self.init(
      ConfigurationFiles(folder: folder), mapping: ConfigurationFiles.bytes(folder, ConfigurationFiles.mappingName),
      environment: environment, readFile: readFile)
  }
}

extension ConfigurationFiles {
  public init(folder: String) {
    self.init(
      weights: Self.bytes(folder, Self.weightsName), thresholds: Self.bytes(folder, Self.thresholdsName),
      sources: Self.bytes(folder, Self.sourcesName))
  }

  fileprivate static func bytes(_ folder: String, _ name: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: "\(folder)/\(name)"))).map { Array($0) }
  }
}
