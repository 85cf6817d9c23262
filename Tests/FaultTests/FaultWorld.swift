import Concurrency
import ConfigurationReading
import Formats
import Foundation
import HTTPClient
import HealthConfiguration
import HealthJob
import HealthModel
import HealthSources
import Jobs
import Logging
import Runs
import Sandbox
import Snapshots
import TestSupport
import Time

/// The real job, the sandbox's vendors, and a transport between them that can inject faults.
///
/// It is small enough to run hundreds of times, and large enough for slices, pages and all oddities of the sandbox.
final class FaultWorld: Sendable {
  static let period = Period(year: 2026, month: 10)
  static let accounts = 20

  let services: SandboxServices
  let folder: String
  let time = VirtualTime()
  let transport: FaultyTransport
  let runner: JobRunner
  let logged = LogLines()

  /// - Parameters:
  ///   - clock: Nil for the world's own `time`, which every wait moves.
  ///   - make: Makes the transport that sends requests to the services.
  init(
    services: SandboxServices? = nil, environment changes: [String: String] = [:], bulkAbove: Int = 2000,
    clock: TimeSource? = nil, base: String = ScriptedTransport.sandboxBase,
    transport make: (SandboxServices) -> any HTTPTransport = { ScriptedTransport.sandbox($0) }
  ) throws {
    let clock = clock ?? time.source
    let services =
      services
      ?? SandboxServices(
        world: SandboxWorld(accounts: Self.accounts, period: Self.period, conversationsPerAccount: 16), time: clock)
    self.services = services
    folder = try Self.configuration(of: services.world, bulkAbove: bulkAbove)
    transport = FaultyTransport(make(services))
    var variables = SandboxServices.environment(base: base)
    variables["CONFIG_DIR"] = folder
    variables["OUTPUT_DIR"] = "\(folder)/output"
    let logged = logged
    runner = JobRunner(
      jobs: .all, environment: Environment(variables.merging(changes) { $1 }), transport: transport, time: clock,
      log: Logger(label: "test") { _ in logged })
  }

  /// Writes the shipped configuration, with the world's own mapping, to a new folder and returns its path.
  static func configuration(of world: SandboxWorld, bulkAbove: Int = 2000) throws -> String {
    let folder = try Shipped.temporaryFolder()
    for name in [ConfigurationFiles.weightsName, ConfigurationFiles.thresholdsName, ConfigurationFiles.sourcesName] {
      let text = String(decoding: try Shipped.bytes(name), as: UTF8.self)
        .replacing("bulk_above: 2000", with: "bulk_above: \(bulkAbove)")
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    try Data(world.mapping.utf8).write(to: URL(filePath: "\(folder)/\(ConfigurationFiles.mappingName)"))
    return folder
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func run(_ event: String = "{}", deadline: Duration? = nil) async throws -> HealthScoreAnswer {
    try JSONBody.decode(
      HealthScoreAnswer.self, from: try await runner.answer(event: Array(event.utf8), deadline: deadline))
  }

  /// The data from which every account's score was calculated.
  func snapshots() throws -> [AccountSnapshot] {
    try Data(contentsOf: URL(filePath: "\(folder)/output/health_scores_2026-10.jsonl")).split(separator: 10)
      .map { try AccountSnapshot(line: Array($0)) }
  }

  /// The month's records in the org.
  var records: [[String: String]] {
    services.salesforceRows(of: "Health_Score__c").filter { $0["Scoring_Period__c"] == "2026-10" }
  }

  /// The text of everything that the runs wrote: files, notifications, table items and log lines.
  func everythingWritten() throws -> String {
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/output").compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/output/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }
    let sinks = ["slack", "rollbar"].flatMap { services.received(by: $0) }.map { String(decoding: $0, as: UTF8.self) }
    let items = services.items(in: "sandbox-custom-metrics").map { "\($0)" }
    return (files + sinks + items + logged.lines).joined(separator: "\n")
  }

  /// The result of a run without faults. It is made once, since it is always the same.
  static let undisturbed = Task {
    let world = try FaultWorld()
    let answer = try await world.run()
    return (snapshots: try world.snapshots(), answer: answer)
  }
}

/// A clock for concurrent waits. When no task has work left, it moves to the end of the wait that ends first.
///
/// `VirtualTime` moves with every single wait, so it would add up waits that overlap.
final class SteppedTime: Sendable {
  private struct State {
    var now = Duration.zero
    var sleepers: [Int: (wake: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
    var cancelled: Set<Int> = []
    var nextID = 0
    var changes = 0
    var isPumping = false
  }

  private let state = Lock(State())
  private let start: Duration

  init(_ start: String = "2026-11-01T06:00:00Z") {
    self.start = .milliseconds(Timestamp(iso8601: start)?.milliseconds ?? 0)
  }

  var source: TimeSource {
    TimeSource(
      monotonic: { self.state.withLock { $0.now } }, wall: { self.wall }, sleep: { try await self.sleep($0) })
  }

  var wall: Duration { start + state.withLock { $0.now } }

  private func sleep(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = state.withLock { state in
          state.changes += 1
          guard state.cancelled.remove(id) == nil else { return true }
          state.sleepers[id] = (state.now + duration, continuation)
          if !state.isPumping {
            state.isPumping = true
            Task { await self.pump() }
          }
          return false
        }
        if isCancelled { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.changes += 1
        guard let sleeper = state.sleepers.removeValue(forKey: id) else {
          state.cancelled.insert(id)
          return nil as (wake: Duration, continuation: CheckedContinuation<Void, Never>)?
        }
        return sleeper
      }
      sleeper?.continuation.resume()
    }
    try Task.checkCancellation()
  }

  /// Moves the clock to the next end of a wait whenever nothing has happened for a moment, until no task waits.
  private func pump() async {
    while true {
      let before = state.withLock { $0.changes }
      // Several short sleeps: on a busy machine, one alone does not prove that no task has work left.
      for _ in 0..<6 where state.withLock({ $0.changes }) == before { try? await Task.sleep(for: .milliseconds(4)) }
      let (woken, isDone) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
        guard state.changes == before else { return ([], false) }
        guard let next = state.sleepers.values.map(\.wake).min() else {
          state.isPumping = false
          return ([], true)
        }
        state.now = max(state.now, next)
        let due = state.sleepers.filter { $0.value.wake <= state.now }
        for id in due.keys { state.sleepers[id] = nil }
        return (due.values.map(\.continuation), false)
      }
      for continuation in woken { continuation.resume() }
      if isDone { return }
    }
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

  var metrics: [Metric] { SourceRegistry.all.first { $0.id.name == rawValue }?.metrics ?? [] }

  /// Whether the request is for rows. Logins and the lists and descriptions that planning reads are not.
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

/// Keeps every log line in memory.
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
