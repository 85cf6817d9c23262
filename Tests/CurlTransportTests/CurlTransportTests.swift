import CurlTransport
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing
import Time

/// libcurl with real sockets on loopback.
@Suite struct CurlTransportTests {
  private func withSandbox(_ body: @escaping @Sendable (String, SandboxServices) async throws -> Void) async throws {
    let services = SandboxServices(world: SandboxWorld(accounts: 2, period: Period(year: 2026, month: 10)))
    try await services.whileServing { base in try await body(base, services) }
  }

  @Test func getsPostsAndReadsHeaders() async throws {
    try await withSandbox { base, services in
      let transport = try CurlMultiTransport()
      let slack = try await transport.send(HTTPRequest(.post, base + "/slack/x", body: Array("hello".utf8)))
      #expect(slack.status == 200)
      #expect(slack.headers["content-TYPE"] == "text/plain")
      #expect(String(decoding: slack.body, as: UTF8.self) == "ok")
      #expect(services.received(by: "slack") == [Array("hello".utf8)])
      #expect(try await transport.send(HTTPRequest(.get, base + "/nowhere")).status == 404)
    }
  }

  @Test func sendsManyAtOnce() async throws {
    try await withSandbox { base, services in
      let transport = try CurlMultiTransport()
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<100 {
          group.addTask {
            try await transport.send(HTTPRequest(.post, base + "/slack/x", body: Array("\(number)".utf8))).status
          }
        }
        for try await status in group { #expect(status == 200) }
      }
      #expect(Set(services.received(by: "slack")).count == 100)
    }
  }

  @Test func endsAnAnswerThatIsTooLong() async throws {
    try await withSandbox { base, _ in
      let transport = try CurlMultiTransport()
      let request = HTTPRequest(.get, base + "/nowhere", maximumResponseBytes: 3)
      let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
      #expect(error?.kind == .tooLarge)
    }
  }

  @Test func cancelsATransferThatWaits() async throws {
    try await withSandbox { base, _ in
      let transport = try CurlMultiTransport()
      // No event comes, so the poll would wait forever.
      let poll = Task {
        try await transport.send(HTTPRequest(.get, base + "/2018-06-01/runtime/invocation/next", timeout: nil))
      }
      await Task.yield()
      poll.cancel()
      let error = await #expect(throws: TransportError.self) { try await poll.value }
      #expect(error?.kind == .cancelled)
    }
  }

  @Test func tellsARefusedConnectionApart() async throws {
    let error = await #expect(throws: TransportError.self) {
      try await CurlMultiTransport().send(HTTPRequest(.get, "http://127.0.0.1:1/"))
    }
    #expect(error?.kind == .connect)
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense://x"])
  func speaksHTTPOnly(_ url: String) async throws {
    let error = await #expect(throws: TransportError.self) {
      try await CurlMultiTransport().send(HTTPRequest(.get, url))
    }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func refusesALineBreakInAHeader() async throws {
    let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: ["X-Name": "a\r\nX-Evil: b"])
    let error = await #expect(throws: TransportError.self) { try await CurlMultiTransport().send(request) }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func blocksOnOneConnection() async throws {
    try await withSandbox { base, _ in
      // On its own thread: the call blocks, and the server needs the shared threads.
      let statuses = await withCheckedContinuation { continuation in
        Thread {
          let connection = try? CurlConnection()
          continuation.resume(
            returning: (0..<3).map { _ in
              try? connection?.send(HTTPRequest(.post, base + "/slack/x", body: Array("{}".utf8))).status
            })
        }.start()
      }
      #expect(statuses == [200, 200, 200])
    }
  }
}
