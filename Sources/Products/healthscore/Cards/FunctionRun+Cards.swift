import ArgumentParser
import CardJob
import Formats
import Foundation
import Sandbox
import Time

extension FunctionRun {
  /// The cards of yesterday; then BILL breaks; then the cards of today, in the folder of this run alone. Prints the second
  /// answer.
  func cards(_ services: SandboxServices, isDryRun: Bool) async -> ExitCode {
    let folder = "\(environment["OUTPUT_DIR"] ?? "output")/sandbox-cards"
    try? FileManager.default.removeItem(atPath: folder)
    var run = self
    run.environment["OUTPUT_DIR"] = folder
    return await run.run(services) { invoke in
      func refresh(_ time: Timestamp) async throws -> BusinessMetricsAnswer {
        // EventBridge's envelope, whose time says which day is meant.
        let event =
          #"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","time":"\#(time)","detail":{"job":"business_metrics","dry_run":\#(isDryRun)}}"#
        return try JSONBody.decode(BusinessMetricsAnswer.self, from: try await invoke(Array(event.utf8)))
      }
      let now = Timestamp(milliseconds: TimeSource.system.now.seconds * 1000)
      let first = try await refresh(now.advanced(byDays: -1))
      try Console.print("yesterday: \(first.status.rawValue), \(first.cards.count) cards; today BILL does not answer\n")
      services.setBroken("bill")
      let second = try await refresh(now)
      try Console.print(CardAnswerTable(second).text)
      // BILL's cards are meant to be stale.
      let others = second.cards.filter {
        $0.state.isFailure && !$0.id.rawValue.hasPrefix("bills_") && $0.id != .vendorsNotOnboarded
      }
      return others.isEmpty ? .success : ExitStatus.failed
    }
  }
}
