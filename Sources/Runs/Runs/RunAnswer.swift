import AWSClient
import Connectors
import HTTPClient

/// How a run ended that did something; one that could do nothing is an error.
public enum RunStatus: String, Codable, Sendable {
  case succeeded
  /// Some source, record or file failed.
  case partial
}

/// How it went with a source.
public struct SourceReport: Codable, Sendable {
  public enum Status: String, Codable, Sendable {
    case succeeded, partial, failed
    /// The source has no credentials.
    case inactive

    public var isFailure: Bool { self == .failed || self == .partial }
  }

  public var status: Status
  /// Every attempt, retries included.
  public var requests = 0
  /// Attempts after the first one of each request.
  public var retries = 0
  /// Answers that said "too many requests".
  public var throttled = 0
  /// From the first request to the last answer.
  public var seconds = 0.0
  /// What failed and what to do; nil where nothing did.
  public var error: String?

  public init(status: Status, error: String? = nil) {
    self.status = status
    self.error = error
  }

  /// Adds requests, and the time they took: that of the longest part where parts ran side by side.
  public mutating func add(_ usage: RequestUsage) {
    requests += usage.requests
    retries += usage.retries
    throttled += usage.throttled
    seconds = max(seconds, usage.elapsed.roundedSeconds)
  }
}

extension Duration {
  /// Seconds to the millisecond, for reports.
  public var roundedSeconds: Double { Double(inMilliseconds) / 1000 }
}

/// A job's own part of an answer. Its keys stand beside those of every answer.
public protocol RunSummary: Codable, Sendable {
  associatedtype Result: Codable & Sendable

  /// The one list that may be long, under the key `results`; nil where there is none.
  var results: [Result]? { get set }

  /// With every other list cut to ``RunAnswer/listLimit``.
  var shortened: Self { get }

  /// The job's numbers, for every system that counts.
  var counters: [RunCounter] { get }

  /// The job's attributes of the metrics table's item.
  var attributes: DynamoDBItem { get }

  /// What people should hear of besides a failed run and failed sources.
  var notices: [RunNotice] { get }

  /// Sources of which people heard already that they fail, by name. Where a job runs daily, the same news every day is none.
  var knownFailures: Set<String> { get }

  /// What the log says of a finished run besides its status and time.
  var logged: [String: String] { get }

  /// Where a person finds the results in full; nil where they are stored nowhere.
  var place: String? { get }
}

extension RunSummary {
  public var knownFailures: Set<String> { [] }
}

/// What a run tells its caller, as one JSON object: the keys of every run, and those of the job's summary. Nil fields are
/// left out. The summary's fields can be read as the answer's own.
@dynamicMemberLookup
public struct RunAnswer<Summary: RunSummary>: Codable, Sendable {
  /// The most entries of `failures`, `warnings` and `movers` in ``shortened``. The totals count all entries.
  public static var listLimit: Int { 100 }

  /// Also in the Salesforce records that the run wrote.
  public var runID: String
  /// The event's `job`, such as `health_score`.
  public var job: String
  /// Nothing was written but a CSV and the run's own files.
  public var dryRun: Bool
  public var status = RunStatus.succeeded
  /// By the source's name.
  public var sources: [String: SourceReport] = [:]
  /// By the source's name.
  public var received: [String: Received] = [:]
  /// At most ``listLimit`` entries in ``shortened``, all different.
  public private(set) var warnings: [String] = []
  /// All warnings, also those that ``shortened`` leaves out.
  public private(set) var warningsTotal = 0
  /// From the start of the run until its files were written.
  public var durationSeconds = 0.0
  public var summary: Summary

  public init(runID: String, job: String, dryRun: Bool, summary: Summary) {
    self.runID = runID
    self.job = job
    self.dryRun = dryRun
    self.summary = summary
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Summary, Value>) -> Value {
    get { summary[keyPath: path] }
    set { summary[keyPath: path] = newValue }
  }

  public subscript<Value>(dynamicMember path: KeyPath<Summary, Value>) -> Value { summary[keyPath: path] }

  /// Adds a warning, unless the list has an equal one.
  public mutating func warn(_ warning: String) {
    guard !warnings.contains(warning) else { return }
    warnings.append(warning)
    warningsTotal = warnings.count
  }

  /// The answer as callers get it: failures, warnings and movers are cut to ``listLimit`` entries; the totals stay.
  public var shortened: RunAnswer {
    var answer = self
    answer.warnings = Array(warnings.prefix(Self.listLimit))
    answer.summary = summary.shortened
    return answer
  }

  private enum CodingKeys: String, CodingKey {
    case runID = "run_id"
    case job, status, sources, received, warnings
    case dryRun = "dry_run"
    case warningsTotal = "warnings_total"
    case durationSeconds = "duration_seconds"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    runID = try container.decode(String.self, forKey: .runID)
    job = try container.decode(String.self, forKey: .job)
    dryRun = try container.decode(Bool.self, forKey: .dryRun)
    status = try container.decode(RunStatus.self, forKey: .status)
    sources = try container.decode([String: SourceReport].self, forKey: .sources)
    received = try container.decode([String: Received].self, forKey: .received)
    warnings = try container.decode([String].self, forKey: .warnings)
    warningsTotal = try container.decode(Int.self, forKey: .warningsTotal)
    durationSeconds = try container.decode(Double.self, forKey: .durationSeconds)
    summary = try Summary(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(runID, forKey: .runID)
    try container.encode(job, forKey: .job)
    try container.encode(dryRun, forKey: .dryRun)
    try container.encode(status, forKey: .status)
    try container.encode(sources, forKey: .sources)
    try container.encode(received, forKey: .received)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(warningsTotal, forKey: .warningsTotal)
    try container.encode(durationSeconds, forKey: .durationSeconds)
    try summary.encode(to: encoder)
  }
}
