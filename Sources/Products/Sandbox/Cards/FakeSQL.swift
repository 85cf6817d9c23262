import Foundation
import Time

/// Runs the kind of query that the shipped samples are: sums and counts of one table, with conditions and groups.
enum FakeSQL {
  struct Result: Sendable {
    var columns: [String]
    /// Nil is NULL.
    var rows: [[String?]]
  }

  enum Failure: Error {
    case missingTable(String)
    case syntax(String)
  }

  static func run(
    _ sql: String, on tables: [String: CardWorld.Table], _ parameters: [String: String]
  ) throws -> Result {
    var parser = Parser(tokens: tokens(sql))
    let query = try parser.query()
    guard let table = tables[query.table] else { throw Failure.missingTable(query.table) }
    let rows = try table.filter { row in
      try query.condition.map { try isTrue($0, row, parameters) } ?? true
    }
    var groups: [(key: String, rows: CardWorld.Table)] = []
    if let column = query.group {
      for row in rows {
        let key = try text(.column(column), row, parameters) ?? ""
        if let index = groups.firstIndex(where: { $0.key == key }) {
          groups[index].rows.append(row)
        } else {
          groups.append((key, [row]))
        }
      }
    } else {
      groups = [("", rows)]
    }
    var result = Result(columns: query.items.map(\.name), rows: [])
    for group in groups {
      result.rows.append(try query.items.map { try aggregate($0.value, group.rows, parameters) })
    }
    if let order = query.order, let position = result.columns.firstIndex(of: order.column) {
      result.rows.sort { left, right in
        let (first, second) = (Int(left[position] ?? "") ?? 0, Int(right[position] ?? "") ?? 0)
        return order.isDescending ? first > second : first < second
      }
    }
    return result
  }

  // MARK: Evaluating

  indirect enum Expression {
    case column(String)
    case parameter(String)
    case literal(String)
    case sum(Expression)
    case count
    case extract(String, Expression)
    case compare(Expression, String, Expression)
    case and(Expression, Expression)
  }

  private static func text(
    _ expression: Expression, _ row: [String: CardWorld.Cell], _ parameters: [String: String]
  ) throws -> String? {
    switch expression {
    case .column(let name):
      guard let cell = row[name] else { throw Failure.syntax("Unrecognized name: \(name)") }
      switch cell {
      case .text(let text): return text
      case .number(let number): return "\(number)"
      }
    case .parameter(let name):
      guard let value = parameters[name] else { throw Failure.syntax("Query parameter '\(name)' not found") }
      return value
    case .literal(let text): return text
    case .extract(let part, let value):
      guard let date = try text(value, row, parameters).flatMap({ Timestamp(iso8601: $0) })?.date.components else {
        throw Failure.syntax("no date")
      }
      return part == "YEAR" ? "\(date.year)" : part == "QUARTER" ? "\((date.month + 2) / 3)" : "\(date.month)"
    default: throw Failure.syntax("an aggregate is not allowed here")
    }
  }

  private static func isTrue(
    _ expression: Expression, _ row: [String: CardWorld.Cell], _ parameters: [String: String]
  ) throws -> Bool {
    switch expression {
    case .and(let left, let right): return try isTrue(left, row, parameters) && isTrue(right, row, parameters)
    case .compare(let left, let sign, let right):
      guard let first = try text(left, row, parameters), let second = try text(right, row, parameters) else {
        return false
      }
      switch sign {
      case "=": return first == second
      case ">=": return first >= second
      case "<=": return first <= second
      case ">": return first > second
      case "<": return first < second
      default: throw Failure.syntax("unknown operator \(sign)")
      }
    default: throw Failure.syntax("expected a condition")
    }
  }

  private static func aggregate(
    _ expression: Expression, _ rows: CardWorld.Table, _ parameters: [String: String]
  ) throws -> String? {
    switch expression {
    case .count: return "\(rows.count)"
    case .sum(let value):
      guard !rows.isEmpty else { return nil }
      return "\(try rows.reduce(0) { $0 + (Int(try text(value, $1, parameters) ?? "") ?? 0) })"
    default: return try rows.first.flatMap { try text(expression, $0, parameters) }
    }
  }

  // MARK: Parsing

  private static func tokens(_ sql: String) -> [String] {
    let lines = sql.split(separator: "\n").map { line in
      line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line
    }
    var tokens: [String] = []
    var rest = Substring(lines.joined(separator: " "))
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" || first == "`" {
        let body = rest.dropFirst().prefix { $0 != first }
        tokens.append("\(first)\(body)")
        rest = rest.dropFirst(body.count + 2)
      } else if first.isLetter || first.isNumber || first == "@" || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || "@_.".contains($0) }
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      } else if "<>=".contains(first) {
        let sign = rest.prefix { "<>=".contains($0) }
        tokens.append(String(sign))
        rest = rest.dropFirst(sign.count)
      } else {
        tokens.append(String(first))
        rest.removeFirst()
      }
    }
    return tokens
  }

  struct Query {
    var items: [(name: String, value: Expression)] = []
    var table = ""
    var condition: Expression?
    var group: String?
    var order: (column: String, isDescending: Bool)?
  }

  private struct Parser {
    var tokens: [String]
    var position = 0

    init(tokens: [String]) { self.tokens = tokens }

    private var next: String { position < tokens.count ? tokens[position] : "" }

    private mutating func take() -> String {
      defer { position += 1 }
      return next
    }

    private mutating func skip(_ word: String) -> Bool {
      guard next.uppercased() == word else { return false }
      position += 1
      return true
    }

    private mutating func need(_ word: String) throws {
      guard skip(word) else { throw Failure.syntax("Expected \(word) but got \(next)") }
    }

    mutating func query() throws -> Query {
      var query = Query()
      try need("SELECT")
      repeat {
        let value = try value()
        var name = "f\(query.items.count)_"
        if case .column(let column) = value { name = column }
        if skip("AS") { name = take() }
        query.items.append((name, value))
      } while skip(",")
      try need("FROM")
      let table = take()
      query.table = table.hasPrefix("`") ? String(table.dropFirst()) : table
      if skip("WHERE") {
        var condition = try comparison()
        while skip("AND") { condition = .and(condition, try comparison()) }
        query.condition = condition
      }
      if skip("GROUP") {
        try need("BY")
        query.group = take()
      }
      if skip("ORDER") {
        try need("BY")
        query.order = (take(), skip("DESC"))
      }
      guard next.isEmpty else { throw Failure.syntax("Unexpected \(next)") }
      return query
    }

    private mutating func comparison() throws -> Expression {
      let left = try value()
      let sign = take()
      return .compare(left, sign, try value())
    }

    private mutating func value() throws -> Expression {
      let word = take()
      switch word.uppercased() {
      case "SUM":
        try need("(")
        let inner = try value()
        try need(")")
        return .sum(inner)
      case "COUNT":
        try need("(")
        try need("*")
        try need(")")
        return .count
      case "EXTRACT":
        try need("(")
        let part = take().uppercased()
        try need("FROM")
        let inner = try value()
        try need(")")
        return .extract(part, inner)
      default: break
      }
      if word.hasPrefix("'") { return .literal(String(word.dropFirst())) }
      if word.hasPrefix("@") { return .parameter(String(word.dropFirst())) }
      if word.first?.isNumber == true { return .literal(word) }
      guard word.first?.isLetter == true else { throw Failure.syntax("Unexpected \(word)") }
      return .column(word)
    }
  }
}
