import AWSClient
import Time

/// A number of a run.
public struct RunCounter: Sendable, Equatable {
  public enum Unit: String, Sendable { case count = "Count", seconds = "Seconds", percent = "Percent" }

  /// In CloudWatch's style: `AccountsScored`.
  public var name: String
  public var value: Double
  public var unit: Unit
  /// Whether it says how things are; false for what adds up over runs.
  public var isGauge: Bool

  public init(_ name: String, _ value: Double, unit: Unit = .count, isGauge: Bool = false) {
    self.name = name
    self.value = value
    self.unit = unit
    self.isGauge = isGauge
  }

  public init(_ name: String, _ value: Int, isGauge: Bool = false) {
    self.init(name, Double(value), isGauge: isGauge)
  }
}

/// Something that people should hear of, once a run at most.
public struct RunNotice: Sendable, Equatable {
  /// One of the things that the notice is about.
  public struct Entry: Sendable, Equatable {
    /// Cut to 80 characters; shown to people who may see the customer's name.
    public var name: String
    /// `*` around a part makes it bold.
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Groups notices of the same cause over runs: `tier_drops`.
  public var kind: String
  /// `12 accounts dropped a tier`.
  public var title: String
  /// In numbers, without a customer's name.
  public var numbers: String
  public var entries: [Entry]

  public init(kind: String, title: String, numbers: String, entries: [Entry]) {
    self.kind = kind
    self.title = title
    self.numbers = numbers
    self.entries = entries
  }
}

/// A finished run as the watchers see it, whichever job it was.
public struct RunReport: Sendable {
  /// What an answer says to those who count and tell.
  public struct Facts: Sendable {
    public var status: RunStatus
    public var sources: [String: SourceReport]
    public var warnings: Int
    public var counters: [RunCounter]
    public var attributes: DynamoDBItem
    public var notices: [RunNotice]
    /// Names of sources whose failure is no news.
    public var knownFailures: Set<String> = []
  }

  /// How the run ended: with an answer, also a partial one, or without.
  public enum Outcome: Sendable {
    case answered(Facts)
    /// The run could do nothing. Type and message are those of Lambda's function error.
    case failed(type: String, message: String)
  }

  /// `ENVIRONMENT`, such as `prod`.
  public var environment: String
  /// The job's name, such as `health_score`. If a step failed, the step follows: `health_score plan`.
  public var job: String
  /// The same as in the answer, the log and the stored files.
  public var runID: String
  /// What the subject is called: `period`.
  public var subjectName: String
  /// Such as `2026-10`; nil where not even the event could be read.
  public var subject: String?
  /// True: nothing was written to Salesforce.
  public var isDryRun: Bool
  /// Whether the metrics table gets an item.
  public var isRecorded = true
  /// If a run is done in steps: when it was planned.
  public var startedAt: Timestamp
  /// Measured in this process. If a run is done in steps: the step `finish` only.
  public var durationSeconds: Double
  public var outcome: Outcome
  /// Seconds by stage: `extract`, `score`, `load`, `files`.
  public var stages: [String: Double] = [:]

  public init(
    environment: String, job: String, runID: String, subjectName: String, subject: String?, isDryRun: Bool,
    startedAt: Timestamp, durationSeconds: Double, outcome: Outcome
  ) {
    self.environment = environment
    self.job = job
    self.runID = runID
    self.subjectName = subjectName
    self.subject = subject
    self.isDryRun = isDryRun
    self.startedAt = startedAt
    self.durationSeconds = durationSeconds
    self.outcome = outcome
  }

  /// Nil for a run that failed.
  public var facts: Facts? { if case .answered(let facts) = outcome { facts } else { nil } }

  /// Nil for a run that was answered.
  public var failure: (type: String, message: String)? {
    if case .failed(let type, let message) = outcome { (type, message) } else { nil }
  }

  /// `succeeded`, `partial` or `failed`.
  public var status: String { facts?.status.rawValue ?? "failed" }

  /// Sources with the status failed or partial, sorted by name.
  public var failedSources: [(name: String, report: SourceReport)] {
    (facts?.sources ?? [:]).filter(\.value.status.isFailure).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Those of ``failedSources`` that people have not heard of yet.
  var newlyFailedSources: [(name: String, report: SourceReport)] {
    failedSources.filter { !(facts?.knownFailures.contains($0.name) ?? false) }
  }

  /// `health_score 2026-10 (prod, dry run)`.
  var title: String {
    "\(job)\(subject.map { " \($0)" } ?? "") (\(environment)\(isDryRun ? ", dry run" : ""))"
  }

  /// The run in numbers.
  var counters: [RunCounter] {
    let own = [
      RunCounter("RunFailed", facts == nil ? 1 : 0), RunCounter("RunPartial", facts?.status == .partial ? 1 : 0),
      RunCounter("DurationSeconds", durationSeconds, unit: .seconds, isGauge: true),
    ]
    guard let facts else { return own }
    let sources = facts.sources.values
    return own + facts.counters + [
      RunCounter("SourcesFailed", failedSources.count), RunCounter("Warnings", facts.warnings),
      RunCounter("Requests", sources.reduce(0) { $0 + $1.requests }),
      RunCounter("Retries", sources.reduce(0) { $0 + $1.retries }),
      RunCounter("Throttled", sources.reduce(0) { $0 + $1.throttled }),
    ]
  }
}

extension RunReport.Facts {
  init<Summary>(_ answer: RunAnswer<Summary>) {
    self.init(
      status: answer.status, sources: answer.sources, warnings: answer.warningsTotal,
      counters: answer.summary.counters, attributes: answer.summary.attributes, notices: answer.summary.notices,
      knownFailures: answer.summary.knownFailures)
  }
}
