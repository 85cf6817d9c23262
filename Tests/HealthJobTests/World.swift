import ConfigurationReading
import Foundation
import HTTPClient
import Jobs
import Logging
import Sandbox
import Snapshots
import TestSupport
import Time

@testable import HealthJob
@testable import Runs

/// The whole job against the sandbox, without a socket.
struct World {
  let services: SandboxServices
  let folder: String
  let transport: ScriptedTransport
  let runner: JobRunner
  let variables: [String: String]

  init(
    varieties: Set<SandboxVariety> = [], environment changes: [String: String] = [:],
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) throws {
    let time = VirtualTime()
    services = SandboxServices(
      world: SandboxWorld(period: Period(year: 2026, month: 10), varieties: varieties), time: time.source)
    folder = try Shipped.temporaryFolder()
    transport = .sandbox(services, override: override)
    var variables = SandboxServices.environment(base: ScriptedTransport.sandboxBase)
    variables["CONFIG_DIR"] = Shipped.configFolder
    variables["OUTPUT_DIR"] = folder
    self.variables = variables.merging(changes) { $1 }
    runner = World.runner(self.variables, transport, time)
  }

  /// A new job runner, as a new process would have it.
  static func runner(
    _ variables: [String: String], _ transport: any HTTPTransport, _ time: VirtualTime = VirtualTime()
  ) -> JobRunner {
    JobRunner(
      jobs: .all, environment: Environment(variables), transport: transport, time: time.source,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func run(_ json: String) async throws -> HealthScoreAnswer {
    try await runner.run(HealthScoreJob(), event: Array(json.utf8))
  }

  func lines(_ name: String) throws -> [[UInt8]] {
    try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).split(separator: 10).map { Array($0) }
  }

  func snapshots() throws -> [AccountSnapshot] {
    try lines("health_scores_2026-10.jsonl").map { try AccountSnapshot(line: $0) }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
