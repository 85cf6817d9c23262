import CCurl
import HTTPClient

/// Carries all vendor traffic of the process. One thread owns a `curl_multi` and runs every transfer.
///
/// Transfers share connections, which are kept. The thread starts with the first request and ends with the object.
public final class CurlMultiTransport: HTTPTransport {
  private let loop: MultiLoop

  /// - Throws: ``TransportError`` where libcurl has no memory.
  public init() throws { loop = try MultiLoop() }

  deinit { loop.stop() }

  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = loop.newID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.start(Transfer(id: id, request: request, continuation: continuation))
        // If the task was cancelled before the start, `onCancel` found no transfer to cancel.
        if Task.isCancelled { loop.cancel(id) }
      }
    } onCancel: {
      loop.cancel(id)
    }
  }
}

struct Transfer: Sendable {
  let id: Int
  let request: HTTPRequest
  let continuation: CheckedContinuation<HTTPResponse, any Error>
}
