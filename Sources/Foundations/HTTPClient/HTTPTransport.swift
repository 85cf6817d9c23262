/// Sends one request and returns whatever the server answered; retries, limits and status codes are others' business.
public protocol HTTPTransport: Sendable {
  /// - Throws: ``TransportError``; cancelling the task stops the transfer.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// The same on the calling thread: one connection, kept open. The Lambda loop polls with it.
public protocol BlockingHTTPTransport: AnyObject {
  /// - Throws: ``TransportError``.
  func send(_ request: HTTPRequest) throws -> HTTPResponse
}

/// No answer came. The text is libcurl's own and names no credentials.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Nothing was sent: name, route, refusal, TLS handshake. Safe to repeat even for a write.
    case connect
    /// The certificate or the TLS version was refused. Repeating does not help.
    case untrusted
    case timedOut
    /// The connection broke after the request may have been received.
    case interrupted
    /// More bytes than the request allows.
    case tooLarge
    /// The request itself is unusable, such as a URL that is not HTTP.
    case invalidRequest
    case cancelled
  }

  public var kind: Kind
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
