import HTTPClient

/// A `json` result, the columns asked for. Bulk: a row for each brand, of which the instance may have many.
struct LookerTable {
  /// Cells in the columns' order; nil where a row has no such field.
  private(set) var rows: [[LookerCell?]] = []
  /// Positions of rows with a number that is none, or too large for one.
  private(set) var unreadable: Set<Int> = []
  /// Rows come with an error in place of data where the database behind Looker failed, under a status of 200.
  private(set) var hasErrors = false

  /// - Parameter columns: Full field names.
  /// - Throws: `JSONBodyError` where it is not a list of rows.
  init(json body: [UInt8], columns: [String]) throws {
    try JSONScanner.scan(body) { scanner in
      try scanner.list { scanner in
        var row = [LookerCell?](repeating: nil, count: columns.count)
        try scanner.object { key, scanner in
          if case "looker_error" = key { hasErrors = true }
          guard let position = columns.firstIndex(where: { key.isSame(as: $0) }), row[position] == nil else { return }
          let kind = try scanner.kind()
          let cell = try LookerCell(&scanner)
          if cell == .null, kind == .number || kind == .string { unreadable.insert(rows.count) }
          row[position] = cell
        }
        rows.append(row)
      }
    }
  }
}

extension LookerCell {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    switch try scanner.kind() {
    case .string: self = try scanner.string().map { .text($0) } ?? .null
    case .boolean: self = try scanner.flag().map { .text($0 ? "true" : "false") } ?? .null
    case .number:
      let number = try scanner.numberText()
      self = number?.integer.map { .integer($0) } ?? number?.double.map { .number($0) } ?? .null
    case .null, .object, .list: self = .null
    }
  }
}
