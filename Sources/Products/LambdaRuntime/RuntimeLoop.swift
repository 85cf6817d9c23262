import Concurrency
import HTTPClient
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Polls for an event, handles it and answers, in a loop. A failed invocation does not end the process.
public final class RuntimeLoop {
  /// Gets an event and returns the answer's bytes. Starts on the loop's thread. The caller gets a ``FunctionError``
  /// unchanged, and only the type's name of any other error.
  public typealias Handler = @Sendable (Invocation) async throws -> [UInt8]

  private let api: RuntimeAPI
  private let termination: Termination
  private let log: Logger
  private let pause: (Duration) -> Void
  private let handler: Handler
  private let thread = WaitingThread()
  /// The current value of `_X_AMZN_TRACE_ID`.
  private var traceID: String?

  /// - Parameter pause: Blocks the calling thread between two failed polls.
  public init(
    api: RuntimeAPI, termination: Termination = Termination(), log: Logger,
    pause: @escaping (Duration) -> Void = RuntimeLoop.block, handler: @escaping Handler
  ) {
    self.api = api
    self.termination = termination
    self.log = log
    self.pause = pause
    self.handler = handler
  }

  /// Serves events until ``Termination`` requests the end. An invocation that is running then is answered first.
  public func run() {
    var failures = 0
    while !termination.isRequested {
      let invocation: Invocation
      do {
        invocation = try api.next()
        failures = 0
      } catch {
        failures += 1
        log.error("polling for the next event failed", metadata: ["error": "\(error)", "failures": "\(failures)"])
        pause(min(.seconds(2), .milliseconds(50) * (1 << min(failures - 1, 10))))
        continue
      }
      termination.begin()
      serve(invocation)
      // Only after the answer was sent.
      termination.end()
    }
  }

  private func serve(_ invocation: Invocation) {
    if invocation.traceID != traceID {
      traceID = invocation.traceID
      setenv("_X_AMZN_TRACE_ID", traceID ?? "", 1)
    }
    let outcome = handle(invocation)
    for attempt in 1...3 {
      do {
        switch outcome {
        case .success(let answer): try api.respond(to: invocation.requestID, with: answer)
        case .failure(let error): try api.report(error, for: invocation.requestID)
        }
        return
      } catch {
        log.error(
          "answering failed",
          metadata: ["error": "\(error)", "lambda_request_id": "\(invocation.requestID)", "attempt": "\(attempt)"])
        // A refused call would be refused again (413: the caller knows already). Only a lost connection is retried.
        guard error is TransportError else { return }
        pause(.milliseconds(50))
      }
    }
  }

  /// Runs the handler as a task on this thread and waits for its end. The handler may move to other threads.
  private func handle(_ invocation: Invocation) -> Result<[UInt8], FunctionError> {
    let result = Lock<Result<[UInt8], FunctionError>?>(nil)
    let handler = self.handler
    let log = self.log
    thread.wait {
      let outcome: Result<[UInt8], FunctionError>
      do {
        outcome = .success(try await handler(invocation))
      } catch let error as FunctionError {
        outcome = .failure(error)
      } catch {
        log.error(
          "an unexpected error",
          metadata: ["type": "\(type(of: error))", "lambda_request_id": "\(invocation.requestID)"])
        outcome = .failure(
          FunctionError(
            type: "Function.Unexpected", message: "an unexpected error of type \(type(of: error)); see the log"))
      }
      result.withLock { $0 = outcome }
    } started: { task in
      termination.watch(task)
    }
    return result.withLock { $0 } ?? .failure(FunctionError(type: "Function.Unexpected", message: "no outcome"))
  }

  /// Blocks the calling thread.
  public static func block(for duration: Duration) {
    var time = timespec(
      tv_sec: Int(duration.components.seconds), tv_nsec: Int(duration.components.attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }
}
