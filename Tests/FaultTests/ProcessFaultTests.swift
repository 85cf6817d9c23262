import ConfigurationReading
import CurlTransport
import Formats
import Foundation
import HealthJob
import Jobs
import Logging
import Runs
import Sandbox
import Testing

/// The real `bootstrap` as a process, against the sandbox on real sockets.
@Suite(.serialized) struct ProcessFaultTests {
  private static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "unshare -rm mount -t tmpfs -o size=64k none /mnt"]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  private func withSandbox(
    latency: Duration = .zero, _ body: @escaping @Sendable (String, SandboxServices, String) async throws -> Void
  ) async throws {
    try await BootstrapProcess.withSandbox(
      .forFaults(), latency: latency, body)
  }

  private static let event = Array(#"{"period":"2026-10","backfill":true}"#.utf8)

  private func answer(_ outcome: (body: [UInt8], errorType: String?)) throws -> HealthScoreAnswer {
    #expect(outcome.errorType == nil, "\(String(decoding: outcome.body, as: UTF8.self))")
    return try JSONBody.decode(HealthScoreAnswer.self, from: outcome.body)
  }

  private static func untilLocked(_ services: SandboxServices) async throws {
    while !services.items(in: "sandbox-custom-metrics").contains(where: { $0["sk"] == "lock" }) {
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func records(_ services: SandboxServices) -> Int {
    services.salesforceRows(of: "Health_Score__c").count { $0["Scoring_Period__c"] == "2026-10" }
  }

  @Test func aTerminationInTheMiddleLeavesNothingHalf() async throws {
    try await withSandbox(latency: .milliseconds(150)) { base, services, folder in
      let function = try BootstrapProcess(base, folder: folder)
      async let outcome = services.invoke(Self.event)
      // The run is in progress: it holds the month's lock and reads the vendors.
      try await Self.untilLocked(services)
      function.process.terminate()
      let (body, errorType) = await outcome
      function.process.waitUntilExit()
      #expect(function.process.terminationStatus == 0 && function.process.terminationReason == .exit)
      #expect(errorType == "Function.Terminated")
      #expect(String(decoding: body, as: UTF8.self).contains("nothing was written"))
      #expect(Self.records(services) == 0)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/output/health_scores_2026-10.jsonl"))

      // The lock is released, so the next process can run the month.
      let next = try BootstrapProcess(base, folder: folder)
      defer { next.stop() }
      let answer = try answer(await services.invoke(Self.event))
      #expect(answer.status == .succeeded && answer.load?.created == SandboxWorld.faultAccounts, "\(answer.warnings)")
    }
  }

  @Test func twoRunsOfAMonthAreKeptApart() async throws {
    try await withSandbox(latency: .milliseconds(100)) { base, services, folder in
      let function = try BootstrapProcess(base, folder: folder)
      defer { function.stop() }
      async let outcome = services.invoke(Self.event)
      try await Self.untilLocked(services)
      // At the same time, a person starts a run of the month on a command line.
      let second = JobRunner(
        jobs: .all,
        environment: Environment(
          SandboxServices.environment(base: base).merging(["CONFIG_DIR": folder, "OUTPUT_DIR": "\(folder)/second"]) {
            $1
          }),
        transport: try CurlMultiTransport(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let error = await #expect(throws: JobError.self) { _ = try await second.answer(event: Self.event) }
      #expect(error?.kind == .alreadyRunning)
      #expect(error?.message.contains("has been writing 2026-10 since") == true)
      let answer = try answer(await outcome)
      #expect(answer.load?.created == SandboxWorld.faultAccounts)
      // After the first run the second one may run, and overwrites the records.
      let again = try JSONBody.decode(HealthScoreAnswer.self, from: try await second.answer(event: Self.event))
      #expect(again.load?.updated == SandboxWorld.faultAccounts && Self.records(services) == SandboxWorld.faultAccounts)
    }
  }

  @Test func anUnwritableFolderCostsTheFilesOnly() async throws {
    try await withSandbox { base, services, folder in
      try Data().write(to: URL(filePath: "\(folder)/output"))
      let function = try BootstrapProcess(base, folder: folder)
      defer { function.stop() }
      let answer = try answer(await services.invoke(Self.event))
      #expect(answer.status == .partial)
      #expect(answer.warnings.contains { $0.contains("OUTPUT_DIR") && $0.contains("incomplete") })
      #expect(answer.load?.created == SandboxWorld.faultAccounts)
      try FileManager.default.removeItem(atPath: "\(folder)/output")
      #expect(try self.answer(await services.invoke(Self.event)).status == .succeeded)
    }
  }

  @Test(.enabled(if: canMount)) func aFullDiskCostsTheFilesOnlyAndLeavesNoHalfOne() async throws {
    try await withSandbox { base, services, folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/output", withIntermediateDirectories: true)
      let listing = "\(folder)/listing"
      let function = try BootstrapProcess(
        base, folder: folder,
        command: [
          "/usr/bin/unshare", "-rm", "/bin/sh", "-c",
          "mount -t tmpfs -o size=16k none \(folder)/output && \"$0\"; ls -A \(folder)/output >\(listing)",
        ])
      let answer = try answer(await services.invoke(Self.event))
      #expect(answer.status == .partial)
      #expect(answer.warnings.contains { $0.contains("No space left on device") }, "\(answer.warnings)")
      #expect(answer.load?.created == SandboxWorld.faultAccounts)
      let again = try self.answer(await services.invoke(Self.event))
      #expect(again.load?.updated == SandboxWorld.faultAccounts)
      // Ends the function itself, not the shell that started it.
      let kill = Process()
      kill.executableURL = URL(filePath: "/bin/sh")
      kill.arguments = [
        "-c",
        "for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/environ 2>/dev/null | grep -qx 'CONFIG_DIR=\(folder)' && [ \"$(cat $p/comm)\" = bootstrap ] && kill ${p#/proc/}; done; true",
      ]
      try kill.run()
      kill.waitUntilExit()
      function.process.waitUntilExit()
      let left = try String(contentsOfFile: listing, encoding: .utf8).split(separator: "\n")
      #expect(left.allSatisfy { !$0.hasSuffix(".partial") && !$0.hasSuffix(".jsonl") }, "\(left)")
    }
  }
}
