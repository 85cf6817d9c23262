import HealthModel
import Time

/// What a run came to, as those hear of it who were not there.
public struct RunReport: Sendable {
  public enum Outcome: Sendable {
    /// With every list in full.
    case answered(RunAnswer)
    /// Nothing could be done: the function error's type and message.
    case failed(type: String, message: String)
  }

  /// `ENVIRONMENT`.
  public var environment: String
  public var job: String
  public var runID: String
  /// Nil where not even the event could be read.
  public var period: Period?
  public var isDryRun: Bool
  public var startedAt: Timestamp
  public var durationSeconds: Double
  public var outcome: Outcome
  /// Stage → seconds.
  public var stages: [String: Double] = [:]
  /// Over all accounts; nil without any.
  public var meanCoveragePercent: Double? { answer?.meanCoveragePercent }

  public init(
    environment: String, job: String, runID: String, period: Period?, isDryRun: Bool, startedAt: Timestamp,
    durationSeconds: Double, outcome: Outcome
  ) {
    self.environment = environment
    self.job = job
    self.runID = runID
    self.period = period
    self.isDryRun = isDryRun
    self.startedAt = startedAt
    self.durationSeconds = durationSeconds
    self.outcome = outcome
  }

  public var answer: RunAnswer? { if case .answered(let answer) = outcome { answer } else { nil } }

  public var failure: (type: String, message: String)? {
    if case .failed(let type, let message) = outcome { (type, message) } else { nil }
  }

  /// `succeeded`, `partial` or `failed`.
  public var status: String { answer?.status.rawValue ?? "failed" }

  /// Sources that gave nothing or not everything, by name.
  public var failedSources: [(name: String, report: RunAnswer.SourceReport)] {
    (answer?.sources ?? [:]).filter { [.failed, .partial].contains($0.value.status) }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  /// Accounts that are in a lower tier than the month before, the largest fall first.
  public var tierDrops: [RunAnswer.Mover] {
    (answer?.movers ?? []).filter { mover in mover.previousTier.map { mover.tier.isBelow($0) } ?? false }
      .sorted { $0.change < $1.change }
  }

  /// `health_score 2026-10 (prod, dry run)`.
  var title: String {
    let month = period.map { " \($0)" } ?? ""
    return "\(job)\(month) (\(environment)\(isDryRun ? ", dry run" : ""))"
  }
}

extension Tier {
  /// Worse than the other.
  fileprivate func isBelow(_ other: Tier) -> Bool {
    (Tier.allCases.firstIndex(of: self) ?? 0) > (Tier.allCases.firstIndex(of: other) ?? 0)
  }
}
