/// A token, a password, or a URL that lets its holder in. Printing, interpolating or dumping it shows nothing of it, nor
/// does printing a value that contains it.
public struct Secret: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The text itself, for a request's header or body and for nothing else.
  public let text: String

  public init(_ text: String) { self.text = text }

  public init(stringLiteral text: String) { self.text = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "(secret)" }

  public var debugDescription: String { description }

  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
