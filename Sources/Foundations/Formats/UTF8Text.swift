/// Checks that a file is UTF-8 before it is parsed. Otherwise letters in another encoding would be lost silently.
public enum UTF8Text {
  /// Why the bytes are not UTF-8, and where; nil if they are. Line and column count from 1, the column in bytes.
  public static func defect(_ bytes: [UInt8]) -> (line: Int, column: Int, message: String)? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(64).contains(0) {
      return (1, 1, "UTF-16, not UTF-8")
    }
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    // Find the length of the valid beginning; the first wrong byte follows it.
    var position = 0
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    scan: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): position += UTF8.width(scalar)
      case .emptyInput, .error: break scan
      }
    }
    let before = bytes.prefix(position)
    let line = before.count { $0 == 10 } + 1
    return (line, position - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1, "not UTF-8")
  }

  /// Without the byte-order mark that some editors add at the start.
  public static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }
}
