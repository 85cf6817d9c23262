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
  private var loaded: (configuration: Configuration, mapping: AccountMapping)?

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
    let (configuration, mapping) = try configuration()
    let credentials: Credentials
    do {
      credentials = try Credentials(environment)
    } catch let error as ConfigurationError {
      throw JobError(.invalidConfiguration, "\(error)")
    }
    let runID = UUID().uuidString.lowercased()
    var log = log
    log[metadataKey: "run_id"] = "\(runID)"
    if let requestID { log[metadataKey: "lambda_request_id"] = "\(requestID)" }
    log.info(
      "a run begins",
      metadata: ["job": "\(name)", "period": "\(request.period)", "dry_run": "\(request.isDryRun)"])
    let job = HealthScoreJob(
      request: request, runID: runID, configuration: configuration, mapping: mapping, credentials: credentials,
      sessions: sessions, outputDirectory: environment.outputDirectory, deadlines: deadlines(until: deadline),
      time: time, log: log)
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

  private func deadlines(until deadline: Duration?) -> RunDeadlines {
    guard let deadline else { return .none }
    let margin = environment["DEADLINE_MARGIN_SECONDS"].flatMap { Int($0) } ?? 10
    return .sharing(
      max(.zero, deadline - time.wall()), margin: .seconds(max(5, margin)), now: time.monotonic())
  }

  private func configuration() throws -> (Configuration, AccountMapping) {
    if let loaded { return loaded }
    do {
      let folder = environment.configDirectory
      let pair = try Configuration.load(
        ConfigurationFiles(folder: folder), mapping: FileBytes.read(folder, ConfigurationFiles.mappingName))
      loaded = pair
      return pair
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

/// Reads configuration files.
public enum FileBytes {
  /// - Throws: ``ConfigurationError`` that names the file.
  public static func read(_ folder: String, _ name: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    } catch {
      throw ConfigurationError(problems: [
        "\(folder)/\(name):1:1: the file can't be read; set CONFIG_DIR to the folder that holds it"
      ])
    }
  }
}

extension ConfigurationFiles {
  /// - Throws: ``ConfigurationError`` that names every file that can't be read.
  public init(folder: String) throws {
    var problems: [String] = []
    func read(_ name: String) -> [UInt8] {
      do {
        return try FileBytes.read(folder, name)
      } catch {
        problems += (error as? ConfigurationError)?.problems ?? ["\(error)"]
        return []
      }
    }
    self.init(
      weights: read(Self.weightsName), thresholds: read(Self.thresholdsName), sources: read(Self.sourcesName))
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  /// File name → bytes.
  var byName: [String: [UInt8]] {
    [Self.weightsName: weights, Self.thresholdsName: thresholds, Self.sourcesName: sources]
  }
}
