/// Appends JSON to a buffer, for files of many lines where an encoder would take most of a run's time.
public struct JSONWriter: Sendable {
  /// What was written so far, as UTF-8.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init() {}

  /// Makes room for `count` bytes in all.
  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Writes an object; `body` writes its members by `field`, or by `key` and a value.
  public mutating func object(_ body: (inout JSONWriter) -> Void) { container("{", "}", body) }

  /// Writes a list; `body` writes its elements.
  public mutating func list(_ body: (inout JSONWriter) -> Void) { container("[", "]", body) }

  private mutating func container(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(UInt8(ascii: open))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: close))
    needsComma = true
  }

  /// Writes a member's name. Exactly one value must follow.
  public mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Nil is written as `null`.
  public mutating func field(_ name: String, _ value: String?) {
    key(name)
    write(value)
  }

  /// Nil, infinity and NaN are written as `null`.
  public mutating func field(_ name: String, _ value: Double?) {
    key(name)
    write(value)
  }

  /// Nil is written as `null`.
  public mutating func write(_ value: String?) {
    guard let value else { return null() }
    separate()
    quote(value)
    needsComma = true
  }

  /// Writes the shortest text that reads back as the same number. Nil, infinity and NaN are written as `null`.
  public mutating func write(_ value: Double?) {
    guard let value, value.isFinite else { return null() }
    separate()
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53, !(whole == 0 && value.sign == .minus) {
      append(String(whole))
    } else {
      append(value.description)
    }
    needsComma = true
  }

  public mutating func write(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
    needsComma = true
  }

  /// Writes a value that is JSON already, such as what an encoder made.
  public mutating func write(json value: [UInt8]) {
    separate()
    bytes += value
    needsComma = true
  }

  public mutating func null() {
    separate()
    append("null")
    needsComma = true
  }

  /// Ends a line of a JSON Lines file.
  public mutating func endLine() {
    bytes.append(10)
    needsComma = false
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      if utf8.allSatisfy({ $0 >= 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
        bytes.append(contentsOf: utf8)
      } else {
        for byte in utf8 { escape(byte) }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0..<32:
      let digits = Array("0123456789abcdef".utf8)
      bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    default: bytes.append(byte)
    }
  }
}
