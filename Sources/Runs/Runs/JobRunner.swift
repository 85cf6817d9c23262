import ConfigurationReading
import Connectors
import Formats
import FoundationEssentials
import HTTPClient
import Logging
import Time

/// Runs any job from an event: Lambda and the command line both come here.
public actor JobRunner {
  /// Below Lambda's limit of 6,291,556 bytes.
  static let maximumAnswerBytes = 6_000_000

  private let jobs: JobTable
  private let environment: Environment
  private let sessions: VendorSessions
  private let time: TimeSource
  private let log: Logger
  private let emit: @Sendable ([UInt8]) -> Void
  /// By the job's name, read at its first run and kept; problems are reported to each caller until they are fixed.
  private var loaded: [String: any Sendable] = [:]
  /// Failures that the watchers were told of in this environment; they are not told of the same twice.
  private var told: Set<String> = []

  /// - Parameter emit: Receives each run's metrics as a line in CloudWatch's embedded metric format.
  public init(
    jobs: JobTable, environment: Environment, transport: any HTTPTransport, time: TimeSource = .system, log: Logger,
    emit: @escaping @Sendable ([UInt8]) -> Void = { _ in }
  ) {
    self.jobs = jobs
    self.environment = environment
    sessions = VendorSessions(transport: transport)
    self.time = time
    self.log = log
    self.emit = emit
  }

  /// Answers an event as JSON, short enough for Lambda. The watchers are told of every failure, also of a refused event.
  ///
  /// - Parameter deadline: When Lambda ends the invocation, as time since 1970; nil without a limit.
  /// - Throws: ``JobError``.
  public func answer(event json: [UInt8], deadline: Duration? = nil, requestID: String? = nil) async throws -> [UInt8] {
    let name = EventJSON.jobName(in: json) ?? defaultName
    // A name that nobody knows is refused with everything else that is wrong with the event.
    let job = jobs.job(named: name) ?? jobs.jobs[0]
    return try await answer(job, json, deadline, requestID)
  }

  private func answer<J: Job>(
    _ job: J, _ json: [UInt8], _ deadline: Duration?, _ requestID: String?
  ) async throws -> [UInt8] {
    var failed = FailedEvent(job: job.name, subjectName: job.subjectName)
    let event = try await telling(failed, deadline) { try Event<J.Keys>(json: json, jobs: jobs) }
    (failed.subject, failed.isDryRun) = (event.keys.subject, event.isDryRun)
    let request = try await telling(failed, deadline) { try job.request(event, now: time.now) }
    failed.set(request)
    let context = try await telling(failed, deadline) { try runContext(of: job, request, deadline, requestID) }
    let work = try await telling(failed, deadline) { try await job.work(request, in: context) }
    switch work {
    case .step(let perform): return try await telling(failed, deadline) { try await perform() }
    case .run(let run):
      var answer = try await watched(run, of: job, context, deadline)
      // A state machine passes on 256 KiB at most. The files have all results.
      if run.isBrief { answer.summary.results = nil }
      if let body = try answer.encoded(atMost: Self.maximumAnswerBytes) { return body }
      answer.summary.results = nil
      answer.warn(
        "the results are too long for an answer; they are in the files beside \(answer.summary.place ?? "the output")")
      return try JSONBody.encode(answer)
    }
  }

  /// A whole run, or the step that finishes one. Who calls sees what is wrong with the event: the watchers are only told of
  /// the run itself.
  ///
  /// - Throws: ``JobError``.
  public func run<J: Job>(
    _ job: J, event json: [UInt8], deadline: Duration? = nil, requestID: String? = nil
  ) async throws -> RunAnswer<J.Summary> {
    let event = try Event<J.Keys>(json: json, jobs: jobs)
    // What was meant for another job must not start this one.
    if let name = EventJSON.jobName(in: json), name != job.name {
      throw JobError(.invalidEvent, "the event is refused: job: \(name) is not \(job.name)")
    }
    let request = try job.request(event, now: time.now)
    let context = try runContext(of: job, request, deadline, requestID)
    guard case .run(let run) = try await job.work(request, in: context) else {
      throw JobError(.invalidEvent, "the event is refused: step: \(request.step ?? "") has no answer of a run")
    }
    return try await watched(run, of: job, context, deadline)
  }

  // MARK: Running

  /// Performs a run under its lock and tells the watchers what became of it, a failure too.
  private func watched<J: Job>(
    _ run: Run<J.Summary>, of job: J, _ context: RunContext<J.Setup>, _ deadline: Duration?
  ) async throws -> RunAnswer<J.Summary> {
    let context = context.withoutSetup
    let startedAt = run.startedAt ?? context.now
    let begin = time.monotonic()
    context.log.info(
      "a run begins", metadata: ["\(job.subjectName)": "\(run.subject)", "dry_run": "\(run.isDryRun)"])
    func report(_ outcome: RunReport.Outcome) -> RunReport {
      var report = RunReport(
        environment: environment.name, job: job.name, runID: context.runID, subjectName: job.subjectName,
        subject: run.subject, isDryRun: run.isDryRun, startedAt: startedAt,
        durationSeconds: (time.monotonic() - begin).roundedSeconds, outcome: outcome)
      report.isRecorded = run.isRecorded
      return report
    }
    var lock: RunLock?
    do {
      var lockWarning: String?
      if let key = run.lock {
        let end = deadline.map { Timestamp(milliseconds: $0.inMilliseconds) }
        (lock, lockWarning) = try await RunLock.take(key, of: run.subject, for: context, until: end)
      }
      var completed = try await run.perform()
      if let lockWarning { completed.answer.warn(lockWarning) }
      var told = report(.answered(RunReport.Facts(completed.answer)))
      told.stages = completed.stages
      let (held, finished, finalReport) = (lock, completed, told)
      // Cancelling the run, as a shutdown does, must not cancel this too.
      let answer = await Task {
        var (answer, report) = (finished.answer, finalReport)
        // The file comes first and under the lock: a watcher that does not answer must not cost it.
        await finished.store(&answer)
        report.outcome = .answered(RunReport.Facts(answer))
        let problems = await close(report, held, context)
        for problem in problems { answer.warn(problem) }
        if !problems.isEmpty { await finished.store(&answer) }
        return answer
      }.value
      context.log.info(
        "a run ended",
        metadata: answer.summary.logged.mapValues { "\($0)" }.merging([
          "status": "\(answer.status.rawValue)", "seconds": "\(answer.durationSeconds)",
        ]) { $1 })
      return answer.shortened
    } catch let error as JobError {
      let failed = report(.failed(type: error.kind.rawValue, message: error.message))
      let held = lock
      _ = await Task { await close(failed, held, context) }.value
      throw error
    }
  }

  /// Releases the lock, emits the metrics and tells the watchers.
  ///
  /// - Returns: One line per watcher that could not be told.
  private func close(_ report: RunReport, _ lock: RunLock?, _ context: RunContext<Void>) async -> [String] {
    await lock?.release()
    if let line = try? EmbeddedMetrics.line(report, at: context.now) { emit(line) }
    return await context.watchers.tell(report)
  }

  // MARK: What fails before a run

  /// An event, as far as it is known, for the report of its failure.
  private struct FailedEvent {
    let job: String
    let subjectName: String
    var subject: String?
    var isDryRun = false
    var runID: String?
    var step: String?

    init(job: String, subjectName: String) {
      self.job = job
      self.subjectName = subjectName
    }

    mutating func set(_ request: some JobRequest) {
      (subject, isDryRun, runID, step) = (request.subject, request.isDryRun, request.runID, request.step)
    }
  }

  /// Does work outside of a run, and tells the watchers if it fails: a refused event, an invalid configuration or a
  /// failed step.
  private func telling<Value>(
    _ event: FailedEvent, _ deadline: Duration?, _ work: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await work()
    } catch let error as JobError {
      // A step is tried again, and others of the run fail alike. One that ended with its environment will be repeated.
      let isNews =
        event.runID.map { told.insert("\($0) \(event.step ?? "")\(error.kind.rawValue)").inserted } ?? true
      if isNews, error.kind != .terminated { await tell(error, event, deadline) }
      throw error
    }
  }

  private func tell(_ error: JobError, _ event: FailedEvent, _ deadline: Duration?) async {
    let now = time.now
    let report = RunReport(
      environment: environment.name, job: event.job + (event.step.map { " \($0)" } ?? ""),
      runID: event.runID ?? UUID().uuidString.lowercased(), subjectName: event.subjectName,
      subject: event.step == nil ? event.subject : nil, isDryRun: event.isDryRun, startedAt: now, durationSeconds: 0,
      outcome: .failed(type: error.kind.rawValue, message: error.message))
    if event.step == nil, let line = try? EmbeddedMetrics.line(report, at: now) { emit(line) }
    log.error("an event was refused or a step failed", metadata: ["error": "\(error.message)"])
    let closing = deadlines(until: deadline, margin: .seconds(10)).closing
    _ = await Watchers(
      operations: Operations(environment, readFile: Self.fileText), transport: sessions.transport, time: time,
      deadline: closing, log: log
    ).tell(report)
  }

  /// A file's text; nil if it can't be read.
  @Sendable public static func fileText(_ path: String) -> String? {
    (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: What a run works with

  /// The job that the function's `_HANDLER` names, where there is such a job; else the first.
  private var defaultName: String {
    environment["_HANDLER"].flatMap { jobs.names.contains($0) ? $0 : nil } ?? jobs.jobs[0].name
  }

  private func runContext<J: Job>(
    of job: J, _ request: J.Request, _ deadline: Duration?, _ requestID: String?
  ) throws -> RunContext<J.Setup> {
    let configuration = try configuration(of: job)
    let runID = request.runID ?? UUID().uuidString.lowercased()
    var log = log
    log[metadataKey: "run_id"] = "\(runID)"
    log[metadataKey: "job"] = "\(job.name)"
    if let step = request.step { log[metadataKey: "step"] = "\(step)" }
    if let requestID { log[metadataKey: "lambda_request_id"] = "\(requestID)" }
    return RunContext(
      runID: runID, environment: environment, setup: configuration.setup, operations: configuration.operations,
      sessions: sessions, deadlines: deadlines(until: deadline, margin: configuration.operations.deadlineMargin),
      time: time, log: log)
  }

  private func deadlines(until deadline: Duration?, margin: Duration) -> RunDeadlines {
    guard let deadline else { return .none }
    return .sharing(max(.zero, deadline - time.wall()), margin: margin, now: time.monotonic())
  }

  private func configuration<J: Job>(of job: J) throws -> RunConfiguration<J.Setup> {
    if let known = loaded[job.name] as? RunConfiguration<J.Setup> { return known }
    do {
      let configuration = try RunConfiguration(environment, readFile: Self.fileText) { try job.setup(environment) }
      loaded[job.name] = configuration
      return configuration
    } catch let error as ConfigurationError {
      throw JobError(.invalidConfiguration, "\(error)")
    }
  }
}
