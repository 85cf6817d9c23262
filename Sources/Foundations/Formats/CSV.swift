/// Comma-separated values as in RFC 4180.
public enum CSV {
  /// One record as text. Fields are quoted where RFC 4180 requires it.
  public static func line(_ fields: some Sequence<String>, ending: String = "\n") -> String {
    fields.map(quoted).joined(separator: ",") + ending
  }

  private static func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else { return field }
    var text = "\""
    for character in field.unicodeScalars {
      if character == "\"" { text += "\"\"" } else { text.unicodeScalars.append(character) }
    }
    return text + "\""
  }

  /// A record and the line that it starts on, counted from 1.
  public struct Record: Sendable, Equatable {
    public var line: Int
    /// Without quotes.
    public var fields: [String]
  }

  /// A text is not valid CSV.
  public struct Malformed: Error, Sendable, Equatable {
    /// Counted from 1.
    public var line: Int
    public var message: String
  }

  /// All records, without blank lines. Accepts LF and CRLF line ends, and a byte-order mark.
  ///
  /// - Parameter separator: What stands between fields; RFC 4180 has a comma.
  /// - Throws: ``Malformed`` for a quote that is never closed, or text after a closing one.
  public static func records(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) throws -> [Record] {
    try located(UTF8Text.withoutMark(bytes), separator: separator).map(\.record)
  }

  /// All records, without blank lines, and where their bytes are, without the line ends.
  ///
  /// - Parameter bytes: Without a byte-order mark.
  /// - Throws: As ``records(_:separator:)``.
  public static func located(
    _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")
  ) throws -> [(record: Record, place: Range<Int>)] {
    var reader = Reader(bytes: bytes, separator: separator)
    var records: [(Record, Range<Int>)] = []
    while true {
      let start = reader.position
      guard let record = try reader.next() else { return records }
      if record.fields != [""] { records.append((record, start..<reader.end)) }
    }
  }

  /// What separates the fields of the first line: a semicolon, or else a comma.
  public static func separator(of bytes: [UInt8]) -> UInt8 {
    let line = bytes.prefix { $0 != 10 && $0 != 13 }
    let (comma, semicolon) = (UInt8(ascii: ","), UInt8(ascii: ";"))
    return line.count { $0 == semicolon } > line.count { $0 == comma } ? semicolon : comma
  }

  /// The records below the header, each as column name → field. Empty for a malformed text.
  public static func rows(_ bytes: [UInt8]) -> [[String: String]] {
    guard let records = try? records(bytes), let header = records.first?.fields else { return [] }
    return records.dropFirst().map { Dictionary(zip(header, $0.fields)) { first, _ in first } }
  }

  private struct Reader {
    let bytes: [UInt8]
    let separator: UInt8
    var position = 0
    var line = 1
    /// Where the last record ended, before its line end.
    var end = 0

    mutating func next() throws -> Record? {
      guard position < bytes.count else { return nil }
      var record = Record(line: line, fields: [])
      while true {
        record.fields.append(try field())
        guard position < bytes.count, bytes[position] == separator else { break }
        position += 1
      }
      end = position
      if position < bytes.count, bytes[position] == 13 { position += 1 }
      if position < bytes.count, bytes[position] == 10 { position += 1 }
      line += 1
      return record
    }

    private mutating func field() throws -> String {
      var value: [UInt8] = []
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        while position < bytes.count, bytes[position] != separator, bytes[position] != 10, bytes[position] != 13 {
          value.append(bytes[position])
          position += 1
        }
        return String(decoding: value, as: UTF8.self)
      }
      let start = line
      position += 1
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\"") {
          guard position < bytes.count, bytes[position] == byte else {
            guard position == bytes.count || bytes[position] == separator || [10, 13].contains(bytes[position]) else {
              throw Malformed(line: line, message: "text after a closing quote")
            }
            return String(decoding: value, as: UTF8.self)
          }
          position += 1
        } else if byte == 10 {
          line += 1
        }
        value.append(byte)
      }
      throw Malformed(line: start, message: "a quote that is never closed")
    }
  }
}
