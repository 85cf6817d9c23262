import Formats

/// The rows of a result in format `json`, with the columns that were asked for. There may be many, one for each brand
/// of the instance.
public struct LookerTable: Sendable {
  /// Cells in the order of the columns; nil where a row has no such field.
  public private(set) var rows: [[LookerCell?]] = []
  /// Whether a row has an error in place of data. If its database failed, Looker still answers with status 200.
  private(set) var hasErrors = false

  /// - Parameter columns: Full field names.
  /// - Throws: `JSONBodyError` where the body is not a list of rows.
  init(json body: [UInt8], columns: [String]) throws {
    try JSONScanner.scan(body) { scanner in
      try scanner.list { scanner in
        var row = [LookerCell?](repeating: nil, count: columns.count)
        try scanner.object { key, scanner in
          if case "looker_error" = key { hasErrors = true }
          guard let position = columns.firstIndex(where: { key.isSame(as: $0) }), row[position] == nil else { return }
          row[position] = try LookerCell(&scanner)
        }
        rows.append(row)
      }
    }
  }
}

extension LookerCell {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    switch try scanner.kind() {
    case .string: self = try scanner.string().map { .text($0) } ?? .unreadable
    case .boolean: self = try scanner.flag().map { .text($0 ? "true" : "false") } ?? .unreadable
    case .number:
      let number = try scanner.numberText()
      self = number?.integer.map { .integer($0) } ?? number?.double.map { .number($0) } ?? .unreadable
    case .null: self = .null
    case .object, .list: self = .unreadable
    }
  }
}
