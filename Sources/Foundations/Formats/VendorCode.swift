/// A vendor's error code, if the text looks like one: 1 to 60 letters, `_`, `.` and `:`.
///
/// Codes come from answer bodies, which may contain anything. Since digits, `@`, `=` and spaces are refused, the code
/// can't be an address, a token or a sentence about a person.
public struct VendorCode: Sendable, Equatable, CustomStringConvertible {
  public let description: String

  /// Nil for anything else.
  public init?(_ text: String?) {
    guard let text, (1...60).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0.isASCIILetter || "_.:".utf8.contains($0) })
    else { return nil }
    description = text
  }
}
