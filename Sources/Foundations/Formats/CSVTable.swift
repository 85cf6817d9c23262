/// What is wrong with the rows of a file: all of it, each with its line.
public struct RowProblems: Error, Sendable, Equatable, CustomStringConvertible {
  /// `N: what is wrong, what was expected`, where N is the line, counted from 1.
  public let problems: [String]

  public init(_ problems: [String]) { self.problems = problems }

  public var description: String { problems.map { "line \($0)" }.joined(separator: "\n") }

  /// One line a problem, each as `file:N: …`.
  public func description(in file: String) -> String { problems.map { "\(file):\($0)" }.joined(separator: "\n") }
}

/// A CSV file with a header.
public struct CSVTable: Sendable {
  public let header: [String]
  public let rows: [CSV.Record]
  private let positions: [String: Int]

  /// - Parameters:
  ///   - needed: Columns that it has to have; told before anything about rows.
  ///   - expected: All columns, for the message; the needed ones where nil.
  ///   - allowsSemicolons: Whether the fields may be separated by semicolons, as spreadsheets of many countries
  ///   write them.
  /// - Throws: ``RowProblems`` where it is not a table: each row with another number of fields than the header.
  public init(
    _ bytes: [UInt8], needing needed: [String] = [], expected: String? = nil, allowsSemicolons: Bool = false
  ) throws {
    if let defect = UTF8Text.defect(bytes) { throw RowProblems(["\(defect.line): \(defect.message)"]) }
    let records: [CSV.Record]
    do {
      let separator = allowsSemicolons ? CSV.separator(of: bytes) : UInt8(ascii: ",")
      records = try CSV.records(bytes, separator: separator).filter { record in
        record.fields.contains { !$0.trimmed.isEmpty }
      }
    } catch let error as CSV.Malformed {
      throw RowProblems(["\(error.line): \(error.message)"])
    }
    guard let first = records.first else { throw RowProblems(["1: the file is empty, expected a header"]) }
    header = first.fields.map(\.trimmed)
    let names = header.filter { !$0.isEmpty }
    guard names.count == header.count, Set(names).count == names.count else {
      throw RowProblems(["\(first.line): a column has no name, or the name of another one"])
    }
    let missing = needed.filter { !names.contains($0) }
    guard missing.isEmpty else {
      throw RowProblems([
        "\(first.line): the column \(missing.joined(separator: ", ")) is missing, expected \(expected ?? needed.joined(separator: ","))"
      ])
    }
    rows = Array(records.dropFirst())
    let count = header.count
    let odd = rows.filter { $0.fields.count != count }
    guard odd.isEmpty else {
      throw RowProblems(odd.map { "\($0.line): the row has \($0.fields.count) fields, expected \(count)" })
    }
    positions = Dictionary(uniqueKeysWithValues: header.enumerated().map { ($0.element, $0.offset) })
  }

  /// A cell without white space around it; nil for an empty one and where there is no such column.
  public func text(_ column: String, _ row: CSV.Record) -> String? {
    guard let position = positions[column] else { return nil }
    let text = row.fields[position].trimmed
    return text.isEmpty ? nil : text
  }
}
