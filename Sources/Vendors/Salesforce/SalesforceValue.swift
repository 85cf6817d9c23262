/// A field's value as queries return it.
public enum SalesforceValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  /// There is something that is no field's value: a nested record, a list, a text that is no Unicode.
  case unreadable

  /// Nil for everything else.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// A number, also one in quotes; a formatted one is none.
  public var number: Double? {
    switch self {
    case .number(let number): number
    case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
    default: nil
    }
  }

  public var flag: Bool? {
    switch self {
    case .flag(let flag): flag
    case .text(let text): Bool(text.lowercased())
    default: nil
    }
  }
}
