import Foundation
import HTTPClient
import HealthConfiguration
import HealthModel
import Jobs
import Logging
import Sandbox
import Snapshots
import TestSupport

/// The real job against the sandbox's vendors, with faults between them. Small enough to be run hundreds of times, large
/// enough for slices, pages and every oddity of the world.
final class FaultWorld: Sendable {
  static let period = Period(year: 2026, month: 10)
  static let accounts = 20

  let services: SandboxServices
  let folder: String
  let time = VirtualTime()
  let transport: FaultyTransport
  let runner: JobRunner
  let logged = LogLines()

  init(
    accounts: Int = FaultWorld.accounts, environment changes: [String: String] = [:],
    transport make: (SandboxServices) -> any HTTPTransport = { ScriptedTransport.sandbox($0) },
    base: String = ScriptedTransport.sandboxBase
  ) throws {
    let world = SandboxWorld(accounts: accounts, period: Self.period, conversationsPerAccount: 24)
    services = SandboxServices(world: world, time: time.source)
    folder = try Self.configuration(of: world)
    transport = FaultyTransport(make(services))
    var variables = SandboxServices.environment(base: base)
    variables["CONFIG_DIR"] = folder
    variables["OUTPUT_DIR"] = "\(folder)/output"
    let logged = logged
    runner = JobRunner(
      environment: Environment(variables.merging(changes) { $1 }), transport: transport, time: time.source,
      log: Logger(label: "test") { _ in logged })
  }

  /// The shipped configuration with the world's own mapping.
  static func configuration(of world: SandboxWorld) throws -> String {
    let folder = try Shipped.temporaryFolder()
    for name in [ConfigurationFiles.weightsName, ConfigurationFiles.thresholdsName, ConfigurationFiles.sourcesName] {
      try Data(Shipped.bytes(name)).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    try Data(world.mapping.utf8).write(to: URL(filePath: "\(folder)/\(ConfigurationFiles.mappingName)"))
    return folder
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func run(_ event: String = "{}", deadline: Duration? = nil) async throws -> RunAnswer {
    try JSONBody.decode(RunAnswer.self, from: try await runner.answer(event: Array(event.utf8), deadline: deadline))
  }

  /// What every account's score was made from.
  func snapshots() throws -> [AccountSnapshot] {
    try Data(contentsOf: URL(filePath: "\(folder)/output/health_scores_2026-10.jsonl")).split(separator: 10)
      .map { try AccountSnapshot(line: Array($0)) }
  }

  /// The month's records in the org.
  var records: [[String: String]] {
    services.salesforceRows(of: "Health_Score__c").filter { $0["Scoring_Period__c"] == "2026-10" }
  }

  /// Everything that a run leaves for people and machines to read.
  func everythingWritten() throws -> String {
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/output").compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/output/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }
    let sinks = ["slack", "rollbar"].flatMap { services.received(by: $0) }.map { String(decoding: $0, as: UTF8.self) }
    let items = services.items(in: "sandbox-custom-metrics").map { "\($0)" }
    return (files + sinks + items + logged.lines).joined(separator: "\n")
  }

  /// What a run without faults reads; the same every time.
  static let undisturbed = Task {
    let world = try FaultWorld()
    let answer = try await world.run()
    return (snapshots: try world.snapshots(), answer: answer)
  }
}

/// Applies a fault to the answers of a vendor's data requests.
final class FaultyTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let fault = Lock<(row: Fault, vendor: Vendor)?>(nil)
  private let seen = Lock<[String: Int]>([:])
  private let log = Lock<[(url: String, wasHit: Bool)]>([])

  init(_ inner: any HTTPTransport) { self.inner = inner }

  func set(_ row: Fault?, at vendor: Vendor) {
    fault.withLock { $0 = row.map { ($0, vendor) } }
    seen.withLock { $0 = [:] }
    log.withLock { $0 = [] }
  }

  var hits: Int { log.withLock { $0.count { $0.wasHit } } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard let (row, vendor) = fault.withLock({ $0 }), vendor.isData(request) else {
      return try await inner.send(request)
    }
    // The same request again is a retry.
    let key = request.url + request.text
    let attempt = seen.withLock { seen in
      seen[key, default: 0] += 1
      return seen[key] ?? 1
    }
    let isHit = attempt <= row.attempts
    log.withLock { $0.append((request.url, isHit)) }
    guard isHit else { return try await inner.send(request) }
    return try await row.apply(request) { try await self.inner.send(request) }
  }
}

enum Vendor: String, CaseIterable, Sendable {
  case intercom, jira, looker, salesforce

  var source: SourceID { SourceID(rawValue: rawValue) ?? .intercom }

  /// Requests that carry rows: not logins, and not what a source is planned by.
  func isData(_ request: HTTPRequest) -> Bool {
    guard request.url.contains("/\(rawValue)/") else { return false }
    switch self {
    case .intercom: return request.url.hasSuffix("/conversations/search")
    case .jira: return request.url.hasSuffix("/search/jql")
    case .looker: return request.url.contains("/run/json")
    case .salesforce: return request.url.contains("/query")
    }
  }
}

/// Keeps what is logged.
struct LogLines: LogHandler {
  private let kept = Lock<[String]>([])
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  var lines: [String] { kept.withLock { $0 } }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    kept.withLock { $0.append("\(event.message) \(facts)") }
  }
}
