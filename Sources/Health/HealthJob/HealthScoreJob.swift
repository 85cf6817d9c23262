import ConfigurationReading
import Formats
import Runs
import Time

/// The monthly job: extract, score, load.
public struct HealthScoreJob: Job {
  public let name = "health_score"

  public let subjectName = "period"

  public init() {}

  public func request(_ event: Event<HealthScoreKeys>, now: Timestamp) throws -> HealthScoreRequest {
    try HealthScoreRequest(event, now: now)
  }

  public func setup(_ environment: Environment) throws -> HealthScoreSetup {
    try HealthScoreSetup(environment: environment)
  }

  public func work(
    _ request: HealthScoreRequest, in context: RunContext<HealthScoreSetup>
  ) async throws -> Work<HealthScoreSummary> {
    let context = try await context.withMapping()
    switch request {
    case .run(let month): return .run(run(month, in: context) { try await $0.run() })
    case .plan(let month, _):
      let scaleOut = try ScaleOut(context: context)
      return .step { try JSONBody.encode(try await scaleOut.plan(month)) }
    case .extract(let slice, _):
      let scaleOut = try ScaleOut(context: context)
      return .step { try JSONBody.encode(try await scaleOut.extract(slice)) }
    case .finish:
      let scaleOut = try ScaleOut(context: context)
      let plan = try await scaleOut.storedPlan()
      var run = run(plan.request, in: context) { run in
        try await run.run { extraction in try await scaleOut.outcomes(plan, of: extraction) }
      }
      run.startedAt = plan.startedAt
      run.isBrief = true
      return .run(run)
    }
  }

  private func run(
    _ month: MonthRequest, in context: RunContext<HealthScoreSetup>,
    _ perform: @escaping @Sendable (HealthScoreRun) async throws -> CompletedRun<HealthScoreSummary>
  ) -> Run<HealthScoreSummary> {
    let subject = "\(month.period)"
    return Run(subject: subject, isDryRun: month.isDryRun, lock: month.isDryRun ? nil : "\(name)#\(subject)") {
      try await perform(HealthScoreRun(request: month, context: context))
    }
  }
}

/// An answer of the health score.
public typealias HealthScoreAnswer = RunAnswer<HealthScoreSummary>
