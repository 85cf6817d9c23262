import Concurrency
import Foundation
import HTTPClient
import HealthConfiguration
import HealthJob
import Sandbox
import Time

/// A clock that only moves when someone waits, so nothing does.
public final class VirtualTime: Sendable {
  private let elapsed: Lock<Duration>
  private let waits = Lock<[Duration]>([])
  private let start: Duration

  /// - Parameter start: The wall clock at the beginning, in ISO 8601.
  public init(_ start: String = "2026-11-01T06:00:00Z") {
    self.start = .milliseconds(Timestamp(iso8601: start)?.milliseconds ?? 0)
    elapsed = Lock(.zero)
  }

  public var source: TimeSource {
    TimeSource(
      monotonic: { self.elapsed.withLock { $0 } }, wall: { self.start + self.elapsed.withLock { $0 } },
      sleep: { duration in
        try Task.checkCancellation()
        self.advance(by: duration)
      })
  }

  public func advance(by duration: Duration) {
    elapsed.withLock { $0 += duration }
    waits.withLock { $0.append(duration) }
  }

  /// Every wait so far.
  public var waited: [Duration] { waits.withLock { $0 } }
}

/// Answers requests from a function and remembers them.
public final class ScriptedTransport: HTTPTransport {
  private let requestLog = Lock<[HTTPRequest]>([])
  private let answer: @Sendable (HTTPRequest) async throws -> HTTPResponse

  public init(_ answer: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse) { self.answer = answer }

  public var requests: [HTTPRequest] { requestLog.withLock { $0 } }

  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    requestLog.withLock { $0.append(request) }
    return try await answer(request)
  }

  /// The sandbox without a socket.
  ///
  /// - Parameter override: Answers instead of the sandbox where it is not nil.
  public static func sandbox(
    _ services: SandboxServices, override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) -> ScriptedTransport {
    ScriptedTransport { request in
      if let response = try override(request) { return response }
      var local = request
      local.url = String(request.url.dropFirst(sandboxBase.count))
      return await services.respond(to: local, base: sandboxBase)
    }
  }

  public static let sandboxBase = "http://sandbox.example"
}

extension HTTPResponse {
  public static func json(_ text: String, status: Int = 200, headers: HTTPFields = [:]) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }
}

extension HTTPRequest {
  public var text: String { String(decoding: body ?? [], as: UTF8.self) }
}

/// The configuration that is shipped: what is tested is what runs.
public enum Shipped {
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  public static var configFolder: String { root.appending(path: "config").path() }

  public static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: "config/\(name)")))
  }

  public static func files() throws -> ConfigurationFiles {
    try ConfigurationFiles(
      weights: bytes(ConfigurationFiles.weightsName), thresholds: bytes(ConfigurationFiles.thresholdsName),
      sources: bytes(ConfigurationFiles.sourcesName))
  }

  public static func configuration() throws -> HealthScoreConfiguration { try HealthScoreConfiguration(files()) }

  /// Lines of a file in `Tests/Fixtures`.
  public static func fixtureLines(_ name: String) throws -> [[UInt8]] {
    try Data(contentsOf: root.appending(path: "Tests/Fixtures/\(name)")).split(separator: 10).map { Array($0) }
  }

  /// A folder of its own that is removed by the caller.
  public static func temporaryFolder() throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "health-score-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path()
  }
}
