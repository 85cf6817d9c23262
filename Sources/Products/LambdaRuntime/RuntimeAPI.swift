import Formats
import HTTPClient

/// The Lambda Runtime API, version 2018-06-01: poll, answer, report.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
public final class RuntimeAPI {
  private let transport: any BlockingHTTPTransport
  private let base: String

  /// - Parameter host: `AWS_LAMBDA_RUNTIME_API`, a host and port.
  public init(host: String, transport: any BlockingHTTPTransport) {
    self.transport = transport
    base = "http://\(host)/2018-06-01/runtime"
  }

  /// Waits for the next event, without a time limit: Lambda freezes the process meanwhile, and a limit would end the
  /// poll as soon as the process continues.
  ///
  /// - Throws: ``TransportError`` or ``RuntimeAPIError``. A retry is always safe.
  public func next() throws -> Invocation {
    let response = try transport.send(
      HTTPRequest(.get, base + "/invocation/next", timeout: nil, maximumResponseBytes: 32 << 20))
    guard response.status == 200 else { throw RuntimeAPIError(call: "next", status: response.status) }
    guard let requestID = response.headers["Lambda-Runtime-Aws-Request-Id"], !requestID.isEmpty else {
      throw RuntimeAPIError(call: "next without a request id", status: response.status)
    }
    return Invocation(
      requestID: requestID,
      deadline: response.headers["Lambda-Runtime-Deadline-Ms"].flatMap { Int64($0) }.map { .milliseconds($0) },
      traceID: response.headers["Lambda-Runtime-Trace-Id"], event: response.body)
  }

  /// - Throws: ``TransportError`` or ``RuntimeAPIError``. With status 413 Lambda has told the caller that the answer is
  ///   too large.
  public func respond(to requestID: String, with body: [UInt8]) throws {
    try post(
      "/invocation/\(requestID.percentEncoded())/response", body: body, headers: ["Content-Type": "application/json"])
  }

  /// Answers an event with an error. Throws as ``respond(to:with:)`` does.
  public func report(_ error: FunctionError, for requestID: String) throws {
    try post(error, to: "/invocation/\(requestID.percentEncoded())/error")
  }

  /// Call only before the first ``next()``. The process must exit afterwards.
  public func reportInitialization(_ error: FunctionError) throws { try post(error, to: "/init/error") }

  private func post(_ error: FunctionError, to path: String) throws {
    let body = try JSONBody.encode(ErrorBody(errorMessage: error.message, errorType: error.type, stackTrace: []))
    try post(
      path, body: body,
      headers: [
        "Content-Type": "application/vnd.aws.lambda.error+json", "Lambda-Runtime-Function-Error-Type": error.type,
      ])
  }

  private func post(_ path: String, body: [UInt8], headers: HTTPFields) throws {
    let response = try transport.send(HTTPRequest(.post, base + path, headers: headers, body: body))
    guard response.isSuccess else { throw RuntimeAPIError(call: path, status: response.status) }
  }
}

private struct ErrorBody: Encodable {
  let errorMessage: String
  let errorType: String
  let stackTrace: [String]
}

/// The Runtime API refused a call.
public struct RuntimeAPIError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The path that was called, or `next`.
  public var call: String
  public var status: Int

  public var description: String { "the Runtime API answered \(status) to \(call)" }
}
