import FoundationEssentials
import HTTPClient
import HealthConfiguration
import HealthModel
import Logging

/// Runs any job from an event: the one door for Lambda and the command line.
public actor JobRunner {
  /// Lambda takes 6,291,556 bytes.
  static let maximumAnswerBytes = 6_000_000

  private let environment: Environment
  private let sessions: VendorSessions
  private let time: TimeSource
  private let log: Logger
  /// Read at the first invocation and kept; problems are reported to each caller until they are fixed.
  private var loaded: JobConfiguration?

  public init(
    environment: Environment, transport: any HTTPTransport, time: TimeSource = .system, log: Logger
  ) {
    self.environment = environment
    sessions = VendorSessions(transport: transport)
    self.time = time
    self.log = log
  }

  /// Answers an event as JSON, short enough for Lambda.
  ///
  /// - Parameter deadline: Since 1970, when Lambda ends the invocation.
  /// - Throws: ``JobError``.
  public func answer(event: [UInt8], deadline: Duration? = nil, requestID: String? = nil) async throws -> [UInt8] {
    var answer = try await run(Event(json: event), deadline: deadline, requestID: requestID)
    var body = try JSONBody.encode(answer)
    if body.count > Self.maximumAnswerBytes {
      answer.results = nil
      answer.warn(
        "the results are too long for an answer; they are in the files beside \(answer.snapshot ?? "the output")")
      body = try JSONBody.encode(answer)
    }
    return body
  }

  /// - Throws: ``JobError``.
  public func run(_ event: Event, deadline: Duration? = nil, requestID: String? = nil) async throws -> RunAnswer {
    let name = event.job ?? environment.defaultJob
    guard name == JobName.healthScore.rawValue else {
      throw JobError(.jobUnavailable, "job: \(name) is not part of this version; available is health_score")
    }
    let request = try RunRequest(event, now: Timestamp(milliseconds: time.wall().inMilliseconds))
    let configuration = try configuration()
    let runID = UUID().uuidString.lowercased()
    var log = log
    log[metadataKey: "run_id"] = "\(runID)"
    if let requestID { log[metadataKey: "lambda_request_id"] = "\(requestID)" }
    log.info(
      "a run begins",
      metadata: ["job": "\(name)", "period": "\(request.period)", "dry_run": "\(request.isDryRun)"])
    let job = HealthScoreJob(
      request: request, runID: runID, configuration: configuration.configuration, mapping: configuration.mapping,
      credentials: configuration.credentials, sessions: sessions, outputDirectory: environment.outputDirectory,
      deadlines: deadlines(until: deadline, margin: configuration.deadlineMargin), time: time, log: log)
    let answer = try await job.run()
    log.info(
      "a run ended",
      metadata: [
        "status": "\(answer.status.rawValue)", "scored": "\(answer.accounts.scored)",
        "unscored": "\(answer.accounts.unscored)", "failed": "\(answer.accounts.failed)",
        "seconds": "\(answer.durationSeconds)",
      ])
    return answer
  }

  private func deadlines(until deadline: Duration?, margin: Duration) -> RunDeadlines {
    guard let deadline else { return .none }
    return .sharing(max(.zero, deadline - time.wall()), margin: margin, now: time.monotonic())
  }

  private func configuration() throws -> JobConfiguration {
    if let loaded { return loaded }
    do {
      let configuration = try JobConfiguration(environment: environment)
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
  public init(environment: Environment) throws {
    let folder = environment.configDirectory
    try self.init(
      ConfigurationFiles(folder: folder), mapping: ConfigurationFiles.bytes(folder, ConfigurationFiles.mappingName),
      environment: environment)
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
