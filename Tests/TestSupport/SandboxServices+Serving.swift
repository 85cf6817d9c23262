import CurlTransport
import HTTPClient
import Sandbox

extension SandboxServices {
  /// Serves on loopback while `body` runs.
  ///
  /// - Parameter body: Gets the base URL.
  public func whileServing(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
    let (bases, continuation) = AsyncStream.makeStream(of: String.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await SandboxServer(services: self, port: 0).run { base in continuation.yield(base) } }
      // Ends the open polls, so that the server ends even if the test failed.
      defer {
        close(because: "the test is over")
        group.cancelAll()
      }
      for await base in bases {
        let result: Result<Void, any Error>
        do {
          result = .success(try await body(base))
        } catch {
          result = .failure(error)
        }
        // Stopping the server while a connection waits to be taken ends the process (a check in NIO). They are taken in
        // their order: when one more request is answered, none waits.
        _ = try? await CurlMultiTransport().send(HTTPRequest(.get, base + "/nowhere"))
        return try result.get()
      }
    }
  }
}
