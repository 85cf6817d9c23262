/// A source, or a slice of it, that could not be read.
///
/// The message is safe to show: it names the place and what to do, never a body, a token or a person.
public struct SourceError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Credentials were refused.
    case refused
    /// The object, field or endpoint does not exist there.
    case notConfigured
    /// The vendor is down, throttling or out of time; a later run may succeed.
    case unavailable
    /// The answer was not what the vendor documents.
    case malformed
  }

  public var kind: Kind
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
