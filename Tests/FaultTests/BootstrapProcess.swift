import Foundation
import Sandbox
import TestSupport
import Testing

/// The real `bootstrap` as a process, polling the sandbox on real sockets.
struct BootstrapProcess {
  let process: Process

  /// The program's path: `BOOTSTRAP`, such as a packaged one, else the one built with the tests. Nil if there is none.
  static let path = ProcessInfo.processInfo.environment["BOOTSTRAP"] ?? Shipped.program("bootstrap")

  /// - Parameters:
  ///   - base: The sandbox's base URL.
  ///   - folder: The configuration's folder. The function writes its files to `output` in it.
  ///   - command: A command that starts the program; its path comes last.
  init(_ base: String, folder: String, command: [String] = []) throws {
    let words = command + [try #require(Self.path, "swift build --build-tests builds it")]
    process = Process()
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    var variables = SandboxServices.environment(base: base)
    variables["CONFIG_DIR"] = folder
    variables["OUTPUT_DIR"] = "\(folder)/output"
    variables["AWS_LAMBDA_RUNTIME_API"] = String(base.dropFirst("http://".count))
    variables["LOG_LEVEL"] = "critical"
    variables["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    process.environment = variables
    process.standardOutput = FileHandle.nullDevice
    try process.run()
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Serves a world while `body` runs.
  ///
  /// - Parameter body: Gets the base URL, the services and a folder with the world's configuration.
  static func withSandbox(
    _ world: SandboxWorld, latency: Duration = .zero,
    _ body: @escaping @Sendable (String, SandboxServices, String) async throws -> Void
  ) async throws {
    let services = SandboxServices(world: world, latency: latency, timeout: .seconds(600))
    let folder = try world.writeConfiguration(to: Shipped.temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await services.whileServing { base in try await body(base, services, folder) }
  }
}
