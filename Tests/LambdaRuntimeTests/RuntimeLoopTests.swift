import Concurrency
import Foundation
import HTTPClient
import LambdaRuntime
import Logging
import Testing

/// A fake Runtime API that answers polls from a list, then tells the loop to end.
private final class FakeRuntime: BlockingHTTPTransport, @unchecked Sendable {
  // Unchecked Sendable: the test reads it only after the loop's thread has ended.
  enum Poll {
    case event(String)
    case status(Int)
    case broken
    case withoutID
  }

  let termination = Termination()
  var polls: [Poll]
  var postStatus = 202
  private(set) var posts: [(path: String, body: String, errorType: String?)] = []

  init(_ polls: [Poll]) { self.polls = polls }

  func send(_ request: HTTPRequest) throws -> HTTPResponse {
    guard request.method == .get else {
      posts.append(
        (
          String(request.url.dropFirst("http://runtime.example/2018-06-01/runtime".count)),
          String(decoding: request.body ?? [], as: UTF8.self), request.headers["Lambda-Runtime-Function-Error-Type"]
        ))
      return HTTPResponse(status: postStatus)
    }
    #expect(request.timeout == nil, "Lambda freezes the process while it polls")
    if polls.count == 1 { _ = termination.request() }
    switch polls.removeFirst() {
    case .event(let text):
      return HTTPResponse(
        status: 200,
        headers: [
          "Lambda-Runtime-Aws-Request-Id": "id-\(polls.count)", "Lambda-Runtime-Deadline-Ms": "1793512800000",
          "Lambda-Runtime-Trace-Id": "Root=1",
        ], body: Array(text.utf8))
    case .status(let status): return HTTPResponse(status: status)
    case .withoutID: return HTTPResponse(status: 200)
    case .broken: throw TransportError(.interrupted, "Connection reset by peer")
    }
  }
}

/// Runs the loop on its own thread, because the loop blocks. In Lambda it blocks the main thread.
private func run(_ runtime: FakeRuntime, handler: @escaping RuntimeLoop.Handler) async -> [Duration] {
  await withCheckedContinuation { continuation in
    Thread {
      let pauses = Lock<[Duration]>([])
      RuntimeLoop(
        api: RuntimeAPI(host: "runtime.example", transport: runtime), termination: runtime.termination,
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        pause: { pause in pauses.withLock { $0.append(pause) } }, handler: handler
      ).run()
      continuation.resume(returning: pauses.withLock { $0 })
    }.start()
  }
}

@Suite struct RuntimeLoopTests {
  @Test func answersEventAfterEvent() async {
    let runtime = FakeRuntime([.event("1"), .event("2")])
    _ = await run(runtime) { $0.event + Array("!".utf8) }
    #expect(runtime.posts.map(\.path) == ["/invocation/id-1/response", "/invocation/id-0/response"])
    #expect(runtime.posts.map(\.body) == ["1!", "2!"])
  }

  @Test func reportsAnErrorAndGoesOn() async {
    let runtime = FakeRuntime([.event("1"), .event("2")])
    _ = await run(runtime) { invocation in
      if invocation.event == [UInt8(ascii: "1")] {
        throw FunctionError(type: "Function.InvalidEvent", message: "line one\nline \"two\" \u{e9}")
      }
      return invocation.event
    }
    #expect(runtime.posts[0].path == "/invocation/id-1/error")
    #expect(runtime.posts[0].errorType == "Function.InvalidEvent")
    #expect(
      runtime.posts[0].body
        == #"{"errorMessage":"line one\nline \"two\" é","errorType":"Function.InvalidEvent","stackTrace":[]}"#)
    #expect(runtime.posts[1].body == "2")
  }

  /// An unexpected error may contain anything, so the loop reports only its type.
  @Test func tellsNothingOfAnUnexpectedError() async {
    struct Leak: Error {
      let secret = "hunter2"
    }
    let runtime = FakeRuntime([.event("1")])
    _ = await run(runtime) { _ in throw Leak() }
    #expect(runtime.posts[0].errorType == "Function.Unexpected")
    #expect(!runtime.posts[0].body.contains("hunter2"))
  }

  @Test func survivesAHiccup() async {
    let runtime = FakeRuntime([.broken, .status(500), .withoutID, .event("1")])
    let pauses = await run(runtime) { $0.event }
    #expect(pauses.count == 3)
    #expect(runtime.posts.map(\.body) == ["1"])
  }

  @Test func goesOnAfterAnOversizedAnswer() async {
    let runtime = FakeRuntime([.event("1"), .event("2")])
    runtime.postStatus = 413
    _ = await run(runtime) { $0.event }
    #expect(runtime.posts.count == 2)
  }

  @Test func handsOnTheDeadline() async {
    let runtime = FakeRuntime([.event("1")])
    _ = await run(runtime) { invocation in
      Array("\(invocation.deadline == .seconds(1_793_512_800)) \(invocation.traceID ?? "")".utf8)
    }
    #expect(runtime.posts[0].body == "true Root=1")
  }

  @Test func postsAFailedStart() throws {
    let runtime = FakeRuntime([])
    try RuntimeAPI(host: "runtime.example", transport: runtime)
      .reportInitialization(FunctionError(type: "Function.StartFailed", message: "no memory"))
    #expect(runtime.posts[0].path == "/init/error")
    #expect(runtime.posts[0].errorType == "Function.StartFailed")
  }
}
