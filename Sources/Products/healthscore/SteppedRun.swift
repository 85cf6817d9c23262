import Formats
import HealthJob
import Runs

/// Does a run in steps, like the state machine in `deploy/`: one event per step, and retries for slices.
struct SteppedRun {
  let runner: JobRunner
  /// Slices read at the same time.
  let concurrency = 4
  private static let tries = 3

  private struct Plan: Decodable {
    let run_id: String
    let slices: [String]
  }

  private struct Step: Encodable {
    let step: String
    let run_id: String
    var slice: String?
  }

  /// - Parameter plan: The event of the first step.
  /// - Throws: `JobError` if the step `plan` or `finish` fails. The answer reports slices that can't be read.
  func run(plan event: [UInt8]) async throws -> HealthScoreAnswer {
    let plan = try JSONBody.decode(Plan.self, from: try await runner.answer(event: event))
    await withTaskGroup(of: Void.self) { group in
      for (index, slice) in plan.slices.enumerated() {
        if index >= concurrency { await group.next() }
        group.addTask { await extract(slice, of: plan.run_id) }
      }
    }
    return try await runner.run(
      HealthScoreJob(), event: try JSONBody.encode(Step(step: "finish", run_id: plan.run_id)))
  }

  private func extract(_ slice: String, of run: String) async {
    for _ in 1...Self.tries {
      do {
        _ = try await runner.answer(
          event: try JSONBody.encode(Step(step: "extract", run_id: run, slice: slice)))
        return
      } catch {
        if (error as? JobError)?.kind != .sliceFailed { return }
      }
    }
  }
}
