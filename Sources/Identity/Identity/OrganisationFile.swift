import Formats

/// A CSV file of organisations: the column `id`, and any of `name`, `domain`, `website`, `email`, `phone`, `street`,
/// `postcode`, `city`, `state`, `country` and `key:…`.
public struct OrganisationFile: Sendable {
  public var rows: [Organisation]
  /// Columns that are not used.
  public var ignored: [String]

  private static let columns: [(name: String, field: any WritableKeyPath<Organisation, String> & Sendable)] = [
    ("name", \.name), ("domain", \.domain), ("website", \.website), ("email", \.email), ("phone", \.phone),
    ("street", \.street), ("postcode", \.postcode), ("city", \.city), ("state", \.state), ("country", \.country),
  ]

  /// - Throws: `RowProblems` with everything that is wrong: no `id` column, an empty or repeated id, an open quote, not
  ///   UTF-8.
  public init(_ bytes: [UInt8]) throws {
    let table = try CSVTable(bytes, needing: ["id"], expected: "id and any of \(Self.expected)")
    let keys = table.header.filter { $0.hasPrefix("key:") && $0.utf8.count > 4 }
    ignored = table.header.filter { name in
      name != "id" && !keys.contains(name) && !Self.columns.contains { $0.name == name }
    }
    rows = []
    var lines: [String: Int] = [:]
    var problems: [String] = []
    for row in table.rows {
      guard let id = table.text("id", row) else {
        problems.append("\(row.line): id is empty")
        continue
      }
      if let line = lines[id] {
        problems.append("\(row.line): the id stands in line \(line) already")
        continue
      }
      lines[id] = row.line
      var organisation = Organisation(id: id)
      for (name, field) in Self.columns { organisation[keyPath: field] = table.text(name, row) ?? "" }
      for key in keys {
        if let value = table.text(key, row) { organisation.keys[String(key.dropFirst(4))] = value }
      }
      rows.append(organisation)
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
  }

  private static var expected: String { columns.map(\.name).joined(separator: ",") + ",key:…" }
}

extension Matcher {
  /// Reads decided pairs: the columns `left_id`, `right_id` and `match`, which is yes or no.
  ///
  /// - Throws: `RowProblems` with every row that can't be used, also one that names an id that its file does not have.
  public static func labels(_ bytes: [UInt8], left: [Organisation], right: [Organisation]) throws -> [Label] {
    let table = try CSVTable(bytes, needing: ["left_id", "right_id", "match"], allowsSemicolons: true)
    let places = [left, right].map { rows in
      Dictionary(rows.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
    }
    var problems: [String] = []
    var labels: [Label] = []
    for row in table.rows {
      let a = table.text("left_id", row).flatMap { places[0][$0] }
      let b = table.text("right_id", row).flatMap { places[1][$0] }
      let isMatch = table.text("match", row).flatMap { Answer.isYes($0) }
      if a == nil { problems.append("\(row.line): left_id: the left file has no such id") }
      if b == nil { problems.append("\(row.line): right_id: the right file has no such id") }
      if isMatch == nil { problems.append("\(row.line): match is neither yes nor no") }
      if let a, let b, let isMatch { labels.append(Label(left: a, right: b, isMatch: isMatch)) }
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    guard !labels.isEmpty else { throw RowProblems(["1: there is no row below the header"]) }
    return labels
  }
}

/// What a person answered.
enum Answer {
  /// Nil for anything but a clear yes or no.
  static func isYes(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "yes", "y", "true", "1", "match": true
    case "no", "n", "false", "0", "distinct": false
    default: nil
    }
  }
}
