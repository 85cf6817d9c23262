import Concurrency
import Foundation
import HTTPClient
import Time

/// A fake of Lambda: the Runtime API that the function polls, and the Invoke API that callers use.
final class RuntimeAPIFake: Sendable {
  /// The result of an invocation.
  public struct Outcome: Sendable {
    /// The answer, or the error as JSON.
    public var body: [UInt8]
    /// The function error's type; nil for an answer.
    public var errorType: String?
  }

  private struct Pending: Sendable {
    let id: String
    let event: [UInt8]
  }

  private struct State: Sendable {
    var queue: [Pending] = []
    var pollers: [CheckedContinuation<Pending?, Never>] = []
    var callers: [String: CheckedContinuation<Outcome, Never>] = [:]
    var isClosed = false
    var nextID = 0
  }

  private let state = Lock(State())
  private let time: TimeSource
  private let timeout: Duration
  /// Lambda's limit for an answer, in bytes.
  private static let maximumAnswerBytes = 6_291_556

  init(time: TimeSource, timeout: Duration) {
    self.time = time
    self.timeout = timeout
  }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget) async -> HTTPResponse? {
    let segments = target.segments
    if segments.count == 4, segments[1] == "functions", segments[3] == "invocations" {
      let outcome = await invoke(request.body ?? [])
      var headers: HTTPFields = ["Content-Type": "application/json"]
      if outcome.errorType != nil { headers.append("X-Amz-Function-Error", "Unhandled") }
      return HTTPResponse(status: 200, headers: headers, body: outcome.body)
    }
    guard segments.prefix(2) == ["2018-06-01", "runtime"] else { return nil }
    switch Array(segments.dropFirst(2)) {
    case ["invocation", "next"]: return await next()
    case ["init", "error"]:
      close(
        with: Outcome(
          body: request.body ?? [],
          errorType: request.headers["Lambda-Runtime-Function-Error-Type"] ?? "Runtime.Unknown"))
      return SandboxJSON.response(["status": "OK"], status: 202)
    case ["invocation", segments.dropFirst(3).first ?? "", "response"]:
      guard (request.body ?? []).count <= Self.maximumAnswerBytes else {
        let message = "Exceeded maximum allowed payload size (\(Self.maximumAnswerBytes) bytes)."
        finish(
          segments[3],
          Outcome(
            body: Array(#"{"errorType":"Function.ResponseSizeTooLarge"}"#.utf8),
            errorType: "Function.ResponseSizeTooLarge"))
        return SandboxJSON.response(["errorMessage": message, "errorType": "RequestEntityTooLarge"], status: 413)
      }
      return accept(segments[3], Outcome(body: request.body ?? []))
    case ["invocation", segments.dropFirst(3).first ?? "", "error"]:
      let type = request.headers["Lambda-Runtime-Function-Error-Type"] ?? "Runtime.Unknown"
      return accept(segments[3], Outcome(body: request.body ?? [], errorType: type))
    default: return SandboxJSON.response(["errorMessage": "not found", "errorType": "NotFound"], status: 404)
    }
  }

  /// Hands an event to the function and waits for its answer.
  func invoke(_ event: [UInt8]) async -> Outcome {
    await withCheckedContinuation { continuation in
      let poller = state.withLock { state -> (CheckedContinuation<Pending?, Never>, Pending)? in
        state.nextID += 1
        let pending = Pending(id: "00000000-0000-4000-8000-\(padded(state.nextID, to: 12))", event: event)
        state.callers[pending.id] = continuation
        if state.pollers.isEmpty {
          state.queue.append(pending)
          return nil
        }
        return (state.pollers.removeFirst(), pending)
      }
      if let (poller, pending) = poller { poller.resume(returning: pending) }
    }
  }

  /// There is only one environment: a new poll means that the process that polled or worked before has ended.
  private func next() async -> HTTPResponse {
    let pending = await withCheckedContinuation { (continuation: CheckedContinuation<Pending?, Never>) in
      let (ready, gone, unanswered) = state.withLock { state in
        let gone = state.pollers
        state.pollers = []
        let queued = Set(state.queue.map(\.id))
        let unanswered = state.callers.filter { !queued.contains($0.key) }
        for id in unanswered.keys { state.callers[id] = nil }
        var ready: Pending??
        if state.isClosed {
          ready = .some(nil)
        } else if state.queue.isEmpty {
          state.pollers = [continuation]
        } else {
          ready = state.queue.removeFirst()
        }
        return (ready, gone, Array(unanswered.values))
      }
      for poller in gone { poller.resume(returning: nil) }
      for caller in unanswered { caller.resume(returning: Outcome(body: [], errorType: "Runtime.ExitError")) }
      if let ready { continuation.resume(returning: ready) }
    }
    guard let pending else { return HTTPResponse(status: 500) }
    let deadline = (time.wall() + timeout).inMilliseconds
    return HTTPResponse(
      status: 200,
      headers: [
        "Content-Type": "application/json", "Lambda-Runtime-Aws-Request-Id": pending.id,
        "Lambda-Runtime-Deadline-Ms": "\(deadline)",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:sandbox",
        "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
      ], body: pending.event)
  }

  private func accept(_ id: String, _ outcome: Outcome) -> HTTPResponse {
    guard finish(id, outcome) else {
      return SandboxJSON.response(["errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"], status: 400)
    }
    return SandboxJSON.response(["status": "OK"], status: 202)
  }

  @discardableResult
  private func finish(_ id: String, _ outcome: Outcome) -> Bool {
    let caller = state.withLock { $0.callers.removeValue(forKey: id) }
    caller?.resume(returning: outcome)
    return caller != nil
  }

  /// Ends all waiting polls and calls, because the function has ended.
  func close(with outcome: Outcome) {
    let (pollers, callers) = state.withLock { state in
      defer {
        state.isClosed = true
        state.pollers = []
        state.callers = [:]
      }
      return (state.pollers, Array(state.callers.values))
    }
    for poller in pollers { poller.resume(returning: nil) }
    for caller in callers { caller.resume(returning: outcome) }
  }
}
