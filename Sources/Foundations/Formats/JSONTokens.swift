#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The raw bytes between a string's quotes.
struct JSONText {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Whether the bytes contain no escapes.
  let isPlain: Bool

  /// The decoded text; nil for invalid Unicode or an invalid escape.
  var text: String? {
    if isPlain {
      guard !bytes.contains(where: { $0 < 0x20 }) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    }
    var unescaped: [UInt8] = []
    unescaped.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      guard byte >= 0x20 else { return nil }
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        unescaped.append(byte)
        continue
      }
      guard let scalar = unescape(&position) else { return nil }
      unescaped += String(scalar).utf8
    }
    return String(validating: unescaped, as: UTF8.self)
  }

  /// - Parameter position: Of the character after the backslash; moved past the escape.
  private func unescape(_ position: inout Int) -> Unicode.Scalar? {
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal(&position) else { return nil }
      guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      else { return nil }
      position += 2
      guard let trail = hexadecimal(&position), UTF16.isTrailSurrogate(trail) else { return nil }
      return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00))
    default: return nil
    }
  }

  private func hexadecimal(_ position: inout Int) -> UInt16? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt16 = 0
    for byte in bytes[position..<(position + 4)] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | UInt16(digit)
    }
    position += 4
    return value
  }
}

/// A member's name. Valid only inside the `visit` closure that gets it.
public struct JSONKey {
  private let raw: JSONText
  /// The decoded name if it contains escapes, else nil.
  private let unescaped: String?
  let isUnicode: Bool

  init(_ raw: JSONText) {
    self.raw = raw
    if raw.isPlain {
      unescaped = nil
      isUnicode = raw.bytes.allSatisfy { (0x20..<0x80).contains($0) } || raw.text != nil
    } else {
      unescaped = raw.text
      isUnicode = unescaped != nil
    }
  }

  /// The decoded name. Builds a string; matching a literal by `switch` does not.
  public var text: String { unescaped ?? raw.text ?? "" }

  /// For `switch key`: compares the bytes and builds no string, unless the name contains escapes.
  public static func ~= (name: StaticString, key: JSONKey) -> Bool {
    if let unescaped = key.unescaped { return unescaped == name.description }
    let bytes = key.raw.bytes
    guard bytes.count == name.utf8CodeUnitCount else { return false }
    guard let start = bytes.baseAddress else { return true }
    return memcmp(start, name.utf8Start, bytes.count) == 0
  }

  /// Whether the names are equal without regard to case.
  public func isSame(as name: String) -> Bool {
    if let unescaped { return unescaped.lowercased() == name.lowercased() }
    return raw.bytes.count == name.utf8.count
      && zip(raw.bytes, name.utf8).allSatisfy { $0 == $1 || ($0 ^ $1 == 0x20 && (97...122).contains($0 | 0x20)) }
  }
}

/// A number's text, readable as `Int64` or `Double`. Valid only while the body is scanned.
public struct JSONNumber {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isWhole: Bool
  private let isValid: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    func digits() -> Int {
      let count = rest.prefix { $0 >= 48 && $0 <= 57 }.count
      rest.removeFirst(count)
      return count
    }
    let isZero = rest.first == UInt8(ascii: "0")
    let count = digits()
    var isValid = count > 0 && (!isZero || count == 1)
    var isWhole = true
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      isWhole = false
      isValid = digits() > 0 && isValid
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest.removeFirst()
      isWhole = false
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      isValid = digits() > 0 && isValid
    }
    self.isWhole = isWhole
    self.isValid = isValid && rest.isEmpty
  }

  private var digits: String { String(decoding: bytes, as: UTF8.self) }

  /// As sent, with every digit; nil where it is not valid.
  public var text: String? { isValid ? digits : nil }

  /// Nil where it is not whole or does not fit.
  public var integer: Int64? {
    guard isValid else { return nil }
    if isWhole { return Int64(digits) }
    return Double(digits).flatMap { Int64(exactly: $0) }
  }

  /// Nil where it does not fit.
  public var double: Double? {
    guard isValid, let value = Double(digits), value.isFinite else { return nil }
    // Not 0, but too small for a `Double`. Like `JSONDecoder`, this refuses 0e3 too.
    if value == 0, bytes.contains(where: { (49...57).contains($0) }) { return nil }
    return value
  }
}
