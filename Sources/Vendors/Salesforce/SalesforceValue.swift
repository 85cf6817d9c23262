/// A field's value as queries return it.
public enum SalesforceValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  /// Something that is not a field's value: a nested record, a list, or invalid Unicode.
  case unreadable

  /// Nil for every other value.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// A number, also in quotes. Nil for a formatted number, and for every other value.
  public var number: Double? {
    switch self {
    case .number(let number): number
    case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
    default: nil
    }
  }

  /// A checkbox's value, also in quotes; nil for every other value.
  public var flag: Bool? {
    switch self {
    case .flag(let flag): flag
    case .text(let text): Bool(text.lowercased())
    default: nil
    }
  }
}
