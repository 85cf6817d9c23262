import CardJob
import CardModel
import Foundation
import HTTPClient
import Runs
import Sandbox
import Time

/// A business whose cards are refreshed day by day, in a folder of its own.
public struct CardDays: Sendable {
  public let services: SandboxServices
  public let time: VirtualTime
  public let transport: any HTTPTransport
  /// `OUTPUT_DIR`.
  public let folder: String
  /// `CONFIG_DIR`: the shipped one, with the world's ad spend and approved offers.
  public let configuration: String
  private let root: String

  /// - Parameters:
  ///   - world: Nil for the sandbox's usual one.
  ///   - start: The instant of the first run.
  ///   - files: Files that replace the shipped configuration's, by name.
  ///   - around: Wraps the sandbox's transport, to disturb it.
  public init(
    world: CardWorld? = nil, start: String = "2026-11-27T05:00:00Z", files: [String: String] = [:],
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil },
    around: (any HTTPTransport) -> any HTTPTransport = { $0 }
  ) throws {
    let time = VirtualTime(start)
    self.time = time
    let world = world ?? CardWorld(now: time.source.now)
    services = SandboxServices(
      world: SandboxWorld(accounts: 1, period: Period(year: 2026, month: 10)), cards: world, time: time.source)
    transport = around(ScriptedTransport.sandbox(services, override: override))
    root = try Shipped.temporaryFolder()
    folder = "\(root)/output"
    configuration = "\(root)/config"
    try FileManager.default.copyItem(atPath: Shipped.configFolder, toPath: configuration)
    try world.writeFiles(to: configuration)
    for (name, text) in files { try write(text, to: "config/\(name)") }
  }

  public func remove() { try? FileManager.default.removeItem(atPath: root) }

  /// - Parameter name: Below the root: `config/…` or `output/…`.
  public func write(_ text: String, to name: String) throws {
    let url = URL(filePath: "\(root)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  public func text(of name: String) -> String? {
    (try? Data(contentsOf: URL(filePath: "\(root)/\(name)"))).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Names of all files in the output folder, in order.
  public var outputs: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

  /// The variables of a run.
  ///
  /// - Parameters:
  ///   - aws: Whether there are AWS credentials, and a bucket.
  ///   - changes: Replace the others; an empty text removes one.
  public func variables(aws: Bool = false, _ changes: [String: String] = [:]) -> [String: String] {
    var variables = SandboxServices.environment(base: ScriptedTransport.sandboxBase)
    // Tickets are Zendesk's, unless a test wants Intercom's.
    variables["INTERCOM_API_TOKEN"] = nil
    variables["CONFIG_DIR"] = configuration
    variables["OUTPUT_DIR"] = folder
    if aws {
      variables["REPORTS_BUCKET"] = "reports-bucket"
    } else {
      for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] { variables[name] = nil }
    }
    return variables.merging(changes) { $1 }.filter { !$0.value.isEmpty }
  }

  /// A run in a process of its own.
  public func run(
    _ event: String = "{}", aws: Bool = false, _ changes: [String: String] = [:], logged: LogLines = LogLines()
  ) async throws -> BusinessMetricsAnswer {
    try await TestWorld<ScriptedTransport>.runner(variables(aws: aws, changes), transport, time.source, logged)
      .run(BusinessMetricsJob(), event: Array(event.utf8))
  }

  /// Lets the time pass until the next day's run.
  public func nextDay() {
    let now = time.source.now
    let next = now.date.advanced(byDays: 1).start.advanced(bySeconds: 5 * 3600)
    time.advance(by: .milliseconds(next.milliseconds - now.milliseconds))
  }
}

extension RunAnswer where Summary == BusinessMetricsSummary {
  public func card(_ id: CardID) -> CardRecord? { summary.cards.first { $0.id == id } }
}
