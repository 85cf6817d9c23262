import Runs
import Time

/// What an event asks of the health score.
public enum HealthScoreRequest: JobRequest {
  case run(MonthRequest)
  /// - Parameter runID: Nil where the event names none.
  case plan(MonthRequest, runID: String?)
  case extract(slice: String, runID: String)
  case finish(runID: String)

  /// - Throws: ``JobError`` of kind `invalidEvent`.
  init(_ event: Event<HealthScoreKeys>, now: Timestamp) throws {
    let keys = event.keys
    self =
      switch keys.step {
      case nil: .run(try MonthRequest(event, now: now))
      case .plan: .plan(try MonthRequest(event, now: now), runID: keys.runID)
      case .extract: .extract(slice: keys.slice ?? "", runID: keys.runID ?? "")
      case .finish: .finish(runID: keys.runID ?? "")
      }
  }

  private var month: MonthRequest? {
    switch self {
    case .run(let month), .plan(let month, _): month
    case .extract, .finish: nil
    }
  }

  public var subject: String? { month.map { "\($0.period)" } }

  public var isDryRun: Bool { month?.isDryRun ?? false }

  public var runID: String? {
    switch self {
    case .run: nil
    case .plan(_, let runID): runID
    case .extract(_, let runID), .finish(let runID): runID
    }
  }

  public var step: String? {
    switch self {
    case .run: nil
    case .plan: HealthScoreKeys.Step.plan.rawValue
    case .extract: HealthScoreKeys.Step.extract.rawValue
    case .finish: HealthScoreKeys.Step.finish.rawValue
    }
  }
}
