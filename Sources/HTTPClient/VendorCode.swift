/// A vendor's own name for what went wrong, as far as it looks like one: letters, `_`, `.` and `:`, 60 at most.
///
/// Such names come out of bodies, which may hold anything. Without digits, `@`, `=` and spaces neither an address nor a
/// token nor a sentence about a person gets through.
public struct VendorCode: Sendable, Equatable, CustomStringConvertible {
  public let description: String

  /// Nil for anything else.
  public init?(_ text: String?) {
    guard let text, (1...60).contains(text.utf8.count),
      text.utf8.allSatisfy({ byte in
        (65...90).contains(byte) || (97...122).contains(byte) || "_.:".utf8.contains(byte)
      })
    else { return nil }
    description = text
  }
}
