import Concurrency
import Foundation
import HTTPClient
import HealthConfiguration
import HealthJob
import Sandbox
import Time

/// A clock that moves only when code waits on it, and then at once: tests never really wait.
public final class VirtualTime: Sendable {
  private let elapsed: Lock<Duration>
  private let waits = Lock<[Duration]>([])
  private let start: Duration

  /// - Parameter start: The wall clock at the beginning, in ISO 8601.
  public init(_ start: String = "2026-11-01T06:00:00Z") {
    self.start = .milliseconds(Timestamp(iso8601: start)?.milliseconds ?? 0)
    elapsed = Lock(.zero)
  }

  /// For the code under test: a wait moves the clock and returns at once. Throws `CancellationError` if cancelled.
  public var source: TimeSource {
    TimeSource(
      monotonic: { self.elapsed.withLock { $0 } }, wall: { self.start + self.elapsed.withLock { $0 } },
      sleep: { duration in
        try Task.checkCancellation()
        self.advance(by: duration)
      })
  }

  /// Moves the clock forward, as if something had waited for that long.
  public func advance(by duration: Duration) {
    elapsed.withLock { $0 += duration }
    waits.withLock { $0.append(duration) }
  }

  /// Every wait and every `advance(by:)` so far, in order.
  public var waited: [Duration] { waits.withLock { $0 } }
}

/// A transport that answers each request with the result of a function, and records the request.
public final class ScriptedTransport: HTTPTransport {
  private let requestLog = Lock<[HTTPRequest]>([])
  private let answer: @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// - Parameter answer: Called once per request, for several at the same time if the client sends several.
  public init(_ answer: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse) { self.answer = answer }

  /// All requests so far, retries and failed ones included, in the order in which they came.
  public var requests: [HTTPRequest] { requestLog.withLock { $0 } }

  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    requestLog.withLock { $0.append(request) }
    return try await answer(request)
  }

  /// The sandbox without a socket.
  ///
  /// - Parameter override: Its response is used instead of the sandbox's, unless it is nil.
  public static func sandbox(
    _ services: SandboxServices, override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) -> ScriptedTransport {
    ScriptedTransport { request in
      if let response = try override(request) { return response }
      var local = request
      // SimpleFIN may be asked in clear on this machine only, so its URL there is https.
      local.url = String(
        request.url.dropFirst(request.url.hasPrefix("https:") ? sandboxBase.count + 1 : sandboxBase.count))
      return await services.respond(to: local, base: sandboxBase)
    }
  }

  /// The base URL for clients of `sandbox(_:override:)`, which removes it from each request's URL.
  public static let sandboxBase = "http://sandbox.example"
}

extension HTTPResponse {
  /// A vendor's documented answer, from `Tests/Fixtures`.
  public static func fixture(_ path: String, status: Int = 200, headers: HTTPFields = [:]) throws -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: try Shipped.fixture(path))
  }

  /// A response with this text as its UTF-8 body. It gets no `Content-Type` unless `headers` has one.
  public static func json(_ text: String, status: Int = 200, headers: HTTPFields = [:]) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }
}

extension HTTPRequest {
  /// The body as UTF-8, with invalid bytes replaced; empty if there is no body.
  public var text: String { String(decoding: body ?? [], as: UTF8.self) }
}

/// The shipped configuration. Tests use it, so they test what runs in production.
public enum Shipped {
  /// The repository's folder, found from the path of this source file.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The path of `config/`, for the variable `CONFIG_DIR`.
  public static var configFolder: String { root.appending(path: "config").path() }

  /// A copy of ``configFolder`` that reads the scored month alone: the half year that trends need takes most of a run's
  /// time in a debug build, and only tests of trends need it. Made once a process; equal copies of others are used.
  public static let monthlyConfigFolder: String = {
    // The score reads no file of a subfolder.
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: configFolder)) ?? []).filter { $0.contains(".") }
      .sorted()
    let texts = files.map { name in String(decoding: (try? monthlyBytes(name)) ?? [], as: UTF8.self) }
    precondition(texts.contains { $0.contains("trends: false") }, "config/sources.yaml has no trends: true")
    let content = texts.joined(separator: "\u{0}").utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "health-score-config-\(content)")
    let made = folder.appendingPathExtension(UUID().uuidString)
    try? FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    for (name, text) in zip(files, texts) { try? Data(text.utf8).write(to: made.appending(path: name)) }
    // Of two processes that make it at once, the second keeps its own.
    guard (try? FileManager.default.moveItem(at: made, to: folder)) == nil else { return folder.path() }
    if FileManager.default.fileExists(atPath: folder.appending(path: "sources.yaml").path()) {
      try? FileManager.default.removeItem(at: made)
      return folder.path()
    }
    return made.path()
  }()

  /// A file in `config/` as in ``monthlyConfigFolder``.
  public static func monthlyBytes(_ name: String) throws -> [UInt8] {
    let bytes = try bytes(name)
    guard name == "sources.yaml" else { return bytes }
    return Array(String(decoding: bytes, as: UTF8.self).replacing("trends: true", with: "trends: false").utf8)
  }

  /// A file in `config/`, such as `weights.yaml`. Throws if it can't be read.
  public static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: "config/\(name)")))
  }

  /// The three YAML files, unparsed. The account mapping is not among them.
  public static func files() throws -> ConfigurationFiles {
    try ConfigurationFiles(
      weights: bytes(ConfigurationFiles.weightsName), thresholds: bytes(ConfigurationFiles.thresholdsName),
      sources: bytes(ConfigurationFiles.sourcesName))
  }

  /// The three YAML files, parsed and checked. Throws if they have a problem.
  public static func configuration() throws -> HealthScoreConfiguration { try HealthScoreConfiguration(files()) }

  /// A debug build is about ten times as slow as an optimised one, which tries every case.
  public static var isDebugBuild: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }

  /// The bytes of a file in `Tests/Fixtures`.
  public static func fixture(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: "Tests/Fixtures/\(path)")))
  }

  /// The lines of a file in `Tests/Fixtures`, without empty ones.
  public static func fixtureLines(_ name: String) throws -> [[UInt8]] {
    try Data(contentsOf: root.appending(path: "Tests/Fixtures/\(name)")).split(separator: 10).map { Array($0) }
  }

  /// What a command printed, and how it ended.
  public struct CommandResult: Sendable {
    public let output: String
    public let errors: String
    public let status: Int32
  }

  /// Runs `healthscore` as a process with nothing but these variables.
  ///
  /// - Throws: Where it was not built with the tests.
  public static func healthscore(_ arguments: [String], _ variables: [String: String]) throws -> CommandResult {
    guard let path = program("healthscore") else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = variables
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    try? output.fileHandleForWriting.close()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    try? errors.fileHandleForWriting.close()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return CommandResult(
      output: String(decoding: printed, as: UTF8.self), errors: String(decoding: said, as: UTF8.self),
      status: process.terminationStatus)
  }

  /// The path of a program that was built with the tests; nil if it is not in their folder.
  public static func program(_ name: String) -> String? {
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    let folders = maps.split(separator: "\n").compactMap { line -> String? in
      guard line.contains("PackageTests.xctest"), let slash = line.firstIndex(of: "/") else { return nil }
      return URL(filePath: String(line[slash...])).deletingLastPathComponent().path()
    }
    return folders.map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The path of a new, empty folder. The caller removes it.
  public static func temporaryFolder() throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "health-score-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path()
  }
}
