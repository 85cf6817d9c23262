import Concurrency
import ConfigurationReading
import Formats
import Foundation
import HTTPClient
import HealthJob
import HealthModel
import Jobs
import Logging
import Runs
import Sandbox
import Snapshots
import Time

/// The real jobs, the sandbox's vendors, and a transport between them, which may disturb them.
public struct TestWorld<Transport: HTTPTransport>: Sendable {
  public let services: SandboxServices
  public let transport: Transport
  /// `OUTPUT_DIR`.
  public let folder: String
  /// The variables that the job runner reads.
  public let variables: [String: String]
  public let runner: JobRunner
  public let logged = LogLines()
  /// The world's clock, unless it was given another one.
  public let time: VirtualTime
  private let root: String

  /// - Parameters:
  ///   - clock: Nil for `time`.
  ///   - root: A folder of this world's own; ``remove()`` removes it.
  ///   - configuration: `CONFIG_DIR`; nil for the shipped one without trends.
  ///   - environment: Replaces what the sandbox sets.
  ///   - base: The base URL of the sandbox's services.
  public init(
    services: SandboxServices, transport: Transport, time: VirtualTime, clock: TimeSource? = nil, root: String,
    configuration: String? = nil, environment changes: [String: String] = [:],
    base: String = ScriptedTransport.sandboxBase
  ) {
    self.services = services
    self.transport = transport
    self.time = time
    self.root = root
    folder = "\(root)/output"
    var variables = SandboxServices.environment(base: base)
    variables["CONFIG_DIR"] = configuration ?? Shipped.monthlyConfigFolder
    variables["OUTPUT_DIR"] = folder
    self.variables = variables.merging(changes) { $1 }
    runner = Self.runner(self.variables, transport, clock ?? time.source, logged)
  }

  /// A new job runner, as a new process would have it.
  public static func runner(
    _ variables: [String: String], _ transport: any HTTPTransport, _ time: TimeSource = VirtualTime().source,
    _ logged: LogLines = LogLines()
  ) -> JobRunner {
    JobRunner(
      jobs: .all, environment: Environment(variables), transport: transport, time: time,
      log: Logger(label: "test") { _ in logged })
  }

  /// Runs the health score as Lambda does, and reads the answer back.
  ///
  /// - Parameter deadline: When Lambda would end the invocation, as time since 1970.
  public func run(_ event: String = "{}", deadline: Duration? = nil) async throws -> HealthScoreAnswer {
    try JSONBody.decode(
      HealthScoreAnswer.self, from: try await runner.answer(event: Array(event.utf8), deadline: deadline))
  }

  /// The lines of a file in ``folder``.
  public func lines(_ name: String) throws -> [[UInt8]] {
    try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).split(separator: 10).map { Array($0) }
  }

  /// The data from which every account's score of October 2026 was calculated.
  public func snapshots() throws -> [AccountSnapshot] {
    try lines("health_scores_2026-10.jsonl").map { try AccountSnapshot(line: $0) }
  }

  /// The records of October 2026 in the org.
  public var records: [[String: String]] {
    services.salesforceRows(of: "Health_Score__c").filter { $0["Scoring_Period__c"] == "2026-10" }
  }

  /// The text of everything that the runs wrote: files, notifications, table items and log lines.
  public func everythingWritten() throws -> String {
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }
    let sinks = ["slack", "rollbar"].flatMap { services.received(by: $0) }.map { String(decoding: $0, as: UTF8.self) }
    let items = services.items(in: "sandbox-custom-metrics").map { "\($0)" }
    return (files + sinks + items + logged.lines).joined(separator: "\n")
  }

  /// Removes all files of the world.
  public func remove() { try? FileManager.default.removeItem(atPath: root) }
}

extension TestWorld where Transport == ScriptedTransport {
  /// The sandbox in its usual size, with the shipped configuration, on 1 November 2026.
  ///
  /// - Parameter configuration: `CONFIG_DIR`; nil for the shipped one without trends.
  /// - Parameter override: Its response is used instead of the sandbox's, unless it is nil.
  public init(
    varieties: Set<SandboxVariety> = [], configuration: String? = nil, environment changes: [String: String] = [:],
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) throws {
    let time = VirtualTime()
    let services = SandboxServices(
      world: SandboxWorld(period: Period(year: 2026, month: 10), varieties: varieties), time: time.source)
    self.init(
      services: services, transport: .sandbox(services, override: override), time: time,
      root: try Shipped.temporaryFolder(), configuration: configuration, environment: changes)
  }
}

/// Keeps every log line in memory.
public struct LogLines: LogHandler {
  private let kept = Lock<[String]>([])
  public var metadata: Logger.Metadata = [:]
  public var logLevel = Logger.Level.trace

  public init() {}

  public var lines: [String] { kept.withLock { $0 } }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    kept.withLock { $0.append("\(event.message) \(facts)") }
  }
}
