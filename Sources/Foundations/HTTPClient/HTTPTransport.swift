/// Sends one request and returns the server's answer, whatever its status. ``APIClient`` adds retries and limits.
public protocol HTTPTransport: Sendable {
  /// - Throws: ``TransportError``; cancelling the task stops the transfer.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// Sends requests on the calling thread over one connection that stays open. The Lambda loop polls with it.
public protocol BlockingHTTPTransport: AnyObject {
  /// - Throws: ``TransportError``.
  func send(_ request: HTTPRequest) throws -> HTTPResponse
}

/// A request got no answer. The message is libcurl's or ours and contains no credentials.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Why no answer came, and so whether a retry can help.
  public enum Kind: Sendable, Equatable {
    /// Nothing was sent: DNS, routing, a refused connection or the TLS handshake. A retry is safe even for a write.
    case connect
    /// The certificate or the TLS version was refused. Repeating does not help.
    case untrusted
    /// The time limit passed after the request was sent, at least in part.
    case timedOut
    /// The connection broke after the request may have been received.
    case interrupted
    /// More bytes than the request allows.
    case tooLarge
    /// The request itself is unusable, such as a URL that is not HTTP.
    case invalidRequest
    /// The task was cancelled, or the transport is shutting down.
    case cancelled
  }

  public var kind: Kind
  /// Free of credentials; may be logged and shown.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
