/// A vendor's own name for what went wrong, as far as it looks like one: letters, `_`, `.` and `:`, 60 at most.
///
/// Such names come out of bodies, which may hold anything. Without digits, `@`, `=` and spaces neither an address nor a
/// token nor a sentence about a person gets through.
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
