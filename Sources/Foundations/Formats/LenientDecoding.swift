import FoundationEssentials

extension KeyedDecodingContainer {
  /// Whether there is a value other than null.
  public func isPresent(_ key: Key) -> Bool { contains(key) && (try? decodeNil(forKey: key)) == false }

  /// The value; nil where it is absent, null or of another type.
  public func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    (try? decodeIfPresent(type, forKey: key)) ?? nil
  }

  /// An id that the vendor sends as a text or as a whole number; nil for everything else.
  public func text(_ key: Key) -> String? {
    lenient(String.self, key) ?? lenient(Int64.self, key).map { String($0) }
  }
}

extension KeyedDecodingContainer {
  /// The digits of a decimal number that the vendor sends as a number or as a text; nil for everything else.
  public func digits(_ key: Key) -> String? {
    lenient(String.self, key)?.trimmed ?? lenient(Decimal.self, key).map { "\($0)" }
  }

  /// A whole number that the vendor sends as a number or as a text; nil for everything else.
  public func wholeNumber(_ key: Key) -> Int? { lenient(Int.self, key) ?? digits(key).flatMap { Int($0) } }
}

/// An element of a list that may be of another type without making the list unreadable.
public struct Lenient<Value: Decodable>: Decodable {
  /// Nil where the element is not what was expected.
  public let value: Value?

  public init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension Lenient: Sendable where Value: Sendable {}
