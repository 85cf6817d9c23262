import ConfigurationReading
import Time

/// A job of the product: what an event may ask of it, and how it runs. Everything else of a run is shared: the event's
/// form, the deadlines, the lock, the item in the metrics table, the files' places, and who is told.
///
/// Calls come in this order: ``request(_:now:)``, ``setup(_:)`` (once in a process, as long as it succeeds),
/// ``work(_:in:)``.
public protocol Job: Sendable {
  /// The event's keys beside `job` and `dry_run`.
  associatedtype Keys: EventKeys
  /// What an event asks for, with every default filled in.
  associatedtype Request: JobRequest
  /// What the configuration and the environment say, checked.
  associatedtype Setup: Sendable
  /// The job's own part of the answer.
  associatedtype Summary: RunSummary

  /// As in the event: `health_score`.
  var name: String { get }

  /// What tells runs of the job apart, as their items and metrics call it: `period`, `date`.
  var subjectName: String { get }

  /// - Throws: ``JobError`` of kind `invalidEvent` that names the key and what is allowed.
  func request(_ event: Event<Keys>, now: Timestamp) throws -> Request

  /// Reads and checks the files and variables that the job needs, and no others.
  ///
  /// - Throws: `ConfigurationError` with every problem.
  func setup(_ environment: Environment) throws -> Setup

  /// What has to be done; nothing has been written yet.
  ///
  /// - Throws: ``JobError`` where nothing can be done.
  func work(_ request: Request, in context: RunContext<Setup>) async throws -> Work<Summary>
}

/// What an event asks for, as far as every run has it.
public protocol JobRequest: Sendable {
  /// What the run is about, such as the month `2026-10`; nil where only a plan that is stored tells.
  var subject: String? { get }
  var isDryRun: Bool { get }
  /// The id that the event gives to a run that several processes share; nil where the run gets a new one.
  var runID: String? { get }
  /// The step of a shared run, for logs and notices; nil for a whole run.
  var step: String? { get }
}

extension JobRequest {
  public var runID: String? { nil }

  public var step: String? { nil }
}

/// What a request comes down to.
public enum Work<Summary: RunSummary>: Sendable {
  /// A part of a run that several processes share. Its answer goes to whoever steers them; nothing is recorded.
  case step(@Sendable () async throws -> [UInt8])
  /// A whole run, or the part that ends one.
  case run(Run<Summary>)
}

/// A run that is ready to start.
public struct Run<Summary: RunSummary>: Sendable {
  /// Such as the month `2026-10`. The metrics table's item is `{job}#{subject}`.
  public var subject: String
  public var isDryRun: Bool
  /// Nil: now. A shared run began with its plan.
  public var startedAt: Timestamp?
  /// What no second run may work on at the same time; nil where nothing is written.
  public var lock: String?
  /// Whether the run has an item in the metrics table.
  public var isRecorded = true
  /// Whether the answer leaves out the results, which may be long, whatever room there is.
  public var isBrief = false
  public var perform: @Sendable () async throws -> CompletedRun<Summary>

  /// - Parameter perform: Throws ``JobError`` where nothing could be done.
  public init(
    subject: String, isDryRun: Bool, lock: String?,
    perform: @escaping @Sendable () async throws -> CompletedRun<Summary>
  ) {
    self.subject = subject
    self.isDryRun = isDryRun
    self.lock = lock
    self.perform = perform
  }
}

/// A run's answer, with every list in full.
public struct CompletedRun<Summary: RunSummary>: Sendable {
  public var answer: RunAnswer<Summary>
  /// Seconds by stage.
  public var stages: [String: Double]
  /// Stores the answer beside the run's other files; what fails is a warning of the answer's.
  public var store: @Sendable (inout RunAnswer<Summary>) async -> Void

  public init(
    answer: RunAnswer<Summary>, stages: [String: Double] = [:],
    store: @escaping @Sendable (inout RunAnswer<Summary>) async -> Void = { _ in }
  ) {
    self.answer = answer
    self.stages = stages
    self.store = store
  }
}

/// The jobs of a program.
public struct JobTable: Sendable {
  let jobs: [any Job]

  /// - Parameter jobs: At least one; the first is the default.
  public init(_ jobs: [any Job]) {
    precondition(!jobs.isEmpty, "a program has a job")
    self.jobs = jobs
  }

  func job(named name: String) -> (any Job)? { jobs.first { $0.name == name } }

  var names: [String] { jobs.map { $0.name } }

  /// The job that a key of an event belongs to; nil where none has it.
  func owner(ofKey key: String) -> String? { jobs.first { $0.ownsKey(key) }?.name }
}

extension Job {
  fileprivate func ownsKey(_ key: String) -> Bool { Keys.names.contains(key) }
}
