#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pull reader for JSON. It builds only the values that the caller asks for and skips everything else.
///
/// For bulk pages, where `JSONDecoder` would take most of a run's time, because it builds every field of every record.
/// The scanner accepts, refuses and returns the same as `JSONDecoder`, including its leniency: the first of two equal
/// keys counts, a comma may precede a closing bracket, 512 levels are the limit. Differential fuzzing checks this.
public struct JSONScanner {
  /// The JSON types. `number` covers whole numbers and fractions.
  public enum Kind: Sendable {
    case object, list, string, number, boolean, null
  }

  /// The nesting limit of `JSONDecoder`.
  static let maximumDepth = 512

  private var next: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>
  private var depth = 0

  /// Calls `read` at the body's only value. What `read` does not consume is skipped.
  ///
  /// - Throws: ``JSONBodyError``, and what `read` throws.
  public static func scan<Value>(
    _ body: [UInt8], _ read: (inout JSONScanner) throws -> Value
  ) throws -> Value {
    try body.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { throw invalid }
      var scanner = JSONScanner(next: start, end: start + bytes.count)
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { scanner.next += 3 }
      let value = try scanner.consume(read)
      scanner.skipSpace()
      guard scanner.next == scanner.end else { throw invalid }
      return value
    }
  }

  private init(next: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
    self.next = next
    self.end = end
  }

  private static var invalid: JSONBodyError { JSONBodyError(description: "not valid JSON") }

  // MARK: Values

  /// The type of the next value, from its first character. Does not consume the value.
  public mutating func kind() throws -> Kind {
    switch try peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw Self.invalid
    }
  }

  /// Skips the next value, of any type.
  public mutating func skip() throws {
    switch try kind() {
    case .object, .list: try skipContainer()
    case .string: _ = try rawString()
    case .number: _ = rawNumber()
    case .boolean: _ = try boolean()
    case .null: try literal("null")
    }
  }

  /// What `read` returns for the next value. Nil, with the value skipped, where `read` returns nil or throws.
  ///
  /// - Throws: ``JSONBodyError`` where the value is not valid JSON.
  public mutating func lenient<Value>(_ read: (inout JSONScanner) throws -> Value?) throws -> Value? {
    var attempt = self
    if let value = try? attempt.consume(read) {
      self = attempt
      return value
    }
    try skip()
    return nil
  }

  /// A string; nil for another kind, or one that is not Unicode.
  public mutating func string() throws -> String? {
    guard try kind() == .string else {
      try skip()
      return nil
    }
    return try rawString().text
  }

  /// A whole number that fits into `Int64`; nil for anything else.
  public mutating func integer() throws -> Int64? {
    guard try kind() == .number else {
      try skip()
      return nil
    }
    return JSONNumber(rawNumber()).integer
  }

  /// A number; nil for another kind, or one that does not fit into a `Double`.
  public mutating func number() throws -> Double? {
    guard try kind() == .number else {
      try skip()
      return nil
    }
    return JSONNumber(rawNumber()).double
  }

  /// True or false; nil for another kind.
  public mutating func flag() throws -> Bool? {
    guard try kind() == .boolean else {
      try skip()
      return nil
    }
    return try boolean()
  }

  /// A number's text, for callers that read it both as `Int64` and as `Double`; nil for another kind.
  public mutating func numberText() throws -> JSONNumber? {
    guard try kind() == .number else {
      try skip()
      return nil
    }
    return JSONNumber(rawNumber())
  }

  /// Calls `visit` for each member of an object. A value that `visit` does not consume is skipped.
  ///
  /// - Throws: ``JSONBodyError`` for another kind.
  public mutating func object(_ visit: (borrowing JSONKey, inout JSONScanner) throws -> Void) throws {
    try open("{", expected: "an object")
    while try !close("}") {
      let key = JSONKey(try rawString())
      guard key.isUnicode else { throw Self.invalid }
      guard try peek() == UInt8(ascii: ":") else { throw Self.invalid }
      next += 1
      try consume { try visit(key, &$0) }
      try separate("}")
    }
  }

  /// Calls `visit` for each element of a list. An element that `visit` does not consume is skipped.
  ///
  /// - Throws: ``JSONBodyError`` for another kind.
  public mutating func list(_ visit: (inout JSONScanner) throws -> Void) throws {
    try open("[", expected: "a list")
    while try !close("]") {
      try consume(visit)
      try separate("]")
    }
  }

  // MARK: Syntax

  private mutating func consume<Value>(_ read: (inout JSONScanner) throws -> Value) throws -> Value {
    skipSpace()
    let start = next
    let value = try read(&self)
    if next == start { try skip() }
    return value
  }

  private mutating func open(_ bracket: Unicode.Scalar, expected: String) throws {
    guard try peek() == UInt8(ascii: bracket) else { throw JSONBodyError(description: "expected \(expected)") }
    guard depth < Self.maximumDepth else { throw Self.invalid }
    depth += 1
    next += 1
  }

  private mutating func close(_ bracket: Unicode.Scalar) throws -> Bool {
    guard try peek() == UInt8(ascii: bracket) else { return false }
    depth -= 1
    next += 1
    return true
  }

  private mutating func separate(_ bracket: Unicode.Scalar) throws {
    let byte = try peek()
    if byte == UInt8(ascii: ",") {
      next += 1
    } else if byte != UInt8(ascii: bracket) {
      throw Self.invalid
    }
  }

  /// The next byte that is not white space; not consumed.
  private mutating func peek() throws -> UInt8 {
    skipSpace()
    guard next < end else { throw Self.invalid }
    return next.pointee
  }

  private mutating func skipSpace() {
    while next < end, next.pointee == 0x20 || (0x09...0x0A).contains(next.pointee) || next.pointee == 0x0D { next += 1 }
  }

  private mutating func skipContainer() throws {
    if next.pointee == UInt8(ascii: "{") {
      try open("{", expected: "an object")
      while try !close("}") {
        guard try peek() == UInt8(ascii: "\"") else { throw Self.invalid }
        _ = try rawString()
        guard try peek() == UInt8(ascii: ":") else { throw Self.invalid }
        next += 1
        try skip()
        try separate("}")
      }
    } else {
      try open("[", expected: "a list")
      while try !close("]") {
        try skip()
        try separate("]")
      }
    }
  }

  private mutating func literal(_ text: StaticString) throws {
    guard end - next >= text.utf8CodeUnitCount, memcmp(next, text.utf8Start, text.utf8CodeUnitCount) == 0 else {
      throw Self.invalid
    }
    next += text.utf8CodeUnitCount
  }

  private mutating func boolean() throws -> Bool {
    let isTrue = next.pointee == UInt8(ascii: "t")
    try literal(isTrue ? "true" : "false")
    return isTrue
  }

  private mutating func rawNumber() -> UnsafeBufferPointer<UInt8> {
    let start = next
    while next < end {
      switch next.pointee {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        next += 1
      default: return UnsafeBufferPointer(start: start, count: next - start)
      }
    }
    return UnsafeBufferPointer(start: start, count: next - start)
  }

  /// The bytes between the quotes. Reads eight at a time, because most of a bulk page is text that is skipped.
  private mutating func rawString() throws -> JSONText {
    guard try peek() == UInt8(ascii: "\"") else { throw Self.invalid }
    next += 1
    let start = next
    let quote = UInt8(ascii: "\"")
    var isPlain = true
    while true {
      while end - next >= 8 {
        let word = UnsafeRawPointer(next).loadUnaligned(as: UInt64.self).littleEndian
        let hits = Self.matches(word, quote) | Self.matches(word, UInt8(ascii: "\\"))
        if hits == 0 {
          next += 8
        } else {
          next += hits.trailingZeroBitCount / 8
          break
        }
      }
      guard next < end else { throw Self.invalid }
      switch next.pointee {
      case quote:
        defer { next += 1 }
        return JSONText(bytes: UnsafeBufferPointer(start: start, count: next - start), isPlain: isPlain)
      case UInt8(ascii: "\\"):
        isPlain = false
        guard end - next >= 2 else { throw Self.invalid }
        let length = next[1] == UInt8(ascii: "u") ? 6 : 2
        guard end - next >= length, length == 2 || !UnsafeBufferPointer(start: next + 2, count: 4).contains(quote)
        else {
          throw Self.invalid
        }
        next += length
      default: next += 1
      }
    }
  }

  /// Sets the high bit of each byte that equals `byte`. Only the lowest set bit is reliable.
  private static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let difference = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }
}
