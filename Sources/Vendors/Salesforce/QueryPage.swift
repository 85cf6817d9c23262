import Formats

/// A page of a query, 2,000 rows at most.
struct QueryPage {
  /// Number of rows of the whole query.
  private(set) var totalSize = 0
  private(set) var isDone = false
  /// The next page, as a path on the same host or as a URL; nil on the last page.
  private(set) var nextRecordsPath: String?
  private(set) var records: [SalesforceRow] = []

  /// - Throws: `JSONBodyError` where it is not a page.
  init(json body: [UInt8], columns: SalesforceRow.Columns) throws {
    var total: Int64?
    var done: Bool?
    var isList = false
    try JSONScanner.scan(body) { scanner in
      try scanner.object { key, scanner in
        switch key {
        case "totalSize" where total == nil: total = try scanner.integer()
        case "done" where done == nil: done = try scanner.flag()
        case "nextRecordsUrl" where nextRecordsPath == nil: nextRecordsPath = try scanner.string()
        case "records" where !isList:
          isList = true
          do {
            try scanner.list { scanner in records.append(try Self.row(&scanner, columns)) }
          } catch let error as JSONBodyError {
            throw JSONBodyError(description: "records: \(error)")
          }
        default: break
        }
      }
    }
    for (name, isPresent) in [("totalSize", total != nil), ("done", done != nil), ("records", isList)]
    where !isPresent { throw JSONBodyError(description: "\(name): is missing") }
    totalSize = Int(total ?? 0)
    isDone = done ?? false
  }

  private static func row(_ scanner: inout JSONScanner, _ columns: SalesforceRow.Columns) throws -> SalesforceRow {
    var row = SalesforceRow(columns: columns, values: Array(repeating: nil, count: columns.names.count))
    try scanner.object { key, scanner in
      if let position = columns.names.firstIndex(where: { key.isSame(as: $0) }), row.values[position] == nil {
        row.values[position] = try SalesforceValue(&scanner)
      } else if let parent = columns.parents.first(where: { key.isSame(as: $0.name) }),
        row.values[parent.position] == nil, try scanner.kind() == .object
      {
        try scanner.object { key, scanner in
          guard key.isSame(as: parent.field), row.values[parent.position] == nil else { return }
          row.values[parent.position] = try SalesforceValue(&scanner)
        }
      }
    }
    return row
  }
}

extension SalesforceValue {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    switch try scanner.kind() {
    case .string: self = try scanner.string().map { .text($0) } ?? .unreadable
    case .boolean: self = try scanner.flag().map { .flag($0) } ?? .unreadable
    case .number: self = try scanner.number().map { .number($0) } ?? .unreadable
    case .null: self = .null
    case .object, .list: self = .unreadable
    }
  }
}
