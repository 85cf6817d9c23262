/// A condition of SOQL or JQL, as far as the sandbox needs it.
indirect enum FakeCondition: Sendable {
  case all([FakeCondition])
  case any([FakeCondition])
  /// Field, operator in upper case (`=`, `!=`, `<`, `<=`, `>`, `>=`, `IN`, `INCLUDES`, `IS EMPTY`), values.
  case compare(String, String, [String])
  /// `status CHANGED TO "x" DURING (a, b)`.
  case changed(to: String, from: String, until: String)

  var values: [String] {
    switch self {
    case .all(let parts), .any(let parts): parts.flatMap(\.values)
    case .compare(_, _, let values): values
    case .changed(_, let from, let until): [from, until]
    }
  }

  func matches(_ leaf: (FakeCondition) -> Bool) -> Bool {
    switch self {
    case .all(let parts): parts.allSatisfy { $0.matches(leaf) }
    case .any(let parts): parts.contains { $0.matches(leaf) }
    default: leaf(self)
    }
  }
}

/// Parses a query that consists of words, quoted texts and symbols.
struct FakeQueryParser {
  struct Failure: Error {
    let message: String
  }

  enum Token: Equatable {
    case word(String)
    case text(String)
    case symbol(String)
  }

  private var tokens: ArraySlice<Token>

  init(_ text: String) throws { tokens = try FakeQueryParser.tokens(of: text)[...] }

  var isAtEnd: Bool { tokens.isEmpty }

  mutating func take(_ keyword: String) -> Bool {
    guard case .word(let word)? = tokens.first, word.uppercased() == keyword else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func takeSymbol(_ symbol: String) -> Bool {
    guard tokens.first == .symbol(symbol) else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func value() throws -> String {
    switch tokens.popFirst() {
    case .word(let text), .text(let text): return text
    default: throw Failure(message: "a value is missing")
    }
  }

  mutating func list() throws -> [String] {
    guard takeSymbol("(") else { return [try value()] }
    var values = [try value()]
    while takeSymbol(",") { values.append(try value()) }
    guard takeSymbol(")") else { throw Failure(message: "a list is not closed") }
    return values
  }

  mutating func condition() throws -> FakeCondition {
    var parts = [try conjunction()]
    while take("OR") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func conjunction() throws -> FakeCondition {
    var parts = [try primary()]
    while take("AND") { parts.append(try primary()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func primary() throws -> FakeCondition {
    if takeSymbol("(") {
      let inner = try condition()
      guard takeSymbol(")") else { throw Failure(message: "a parenthesis is not closed") }
      return inner
    }
    let field = try value()
    if take("CHANGED") {
      guard take("TO") else { throw Failure(message: "expected TO") }
      let status = try value()
      guard take("DURING") else { throw Failure(message: "expected DURING") }
      let bounds = try list()
      guard bounds.count == 2 else { throw Failure(message: "DURING takes two dates") }
      return .changed(to: status, from: bounds[0], until: bounds[1])
    }
    if take("IS") {
      guard take("EMPTY") else { throw Failure(message: "expected EMPTY") }
      return .compare(field, "IS EMPTY", [])
    }
    if take("IN") { return .compare(field, "IN", try list()) }
    if take("INCLUDES") { return .compare(field, "INCLUDES", try list()) }
    guard case .symbol(let symbol)? = tokens.popFirst(), ["=", "!=", "<", "<=", ">", ">="].contains(symbol) else {
      throw Failure(message: "an operator is missing after \(field)")
    }
    return .compare(field, symbol, [try value()])
  }

  /// Reads code points, like the real parsers: a combining mark after a quote does not hide the quote.
  private static func tokens(of text: String) throws -> [Token] {
    var tokens: [Token] = []
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      if scalar.properties.isWhitespace {
        rest.removeFirst()
      } else if scalar == "'" || scalar == "\"" {
        tokens.append(.text(try quoted(&rest, scalar)))
      } else if "(),".unicodeScalars.contains(scalar) {
        tokens.append(.symbol(String(rest.removeFirst())))
      } else if "=!<>".unicodeScalars.contains(scalar) {
        let symbol = rest.prefix { "=!<>".unicodeScalars.contains($0) }
        tokens.append(.symbol(String(symbol)))
        rest = rest.dropFirst(symbol.count)
      } else {
        let word = rest.prefix { !$0.properties.isWhitespace && !"(),=!<>'\"".unicodeScalars.contains($0) }
        tokens.append(.word(String(word)))
        rest = rest.dropFirst(word.count)
      }
    }
    return tokens
  }

  private static func quoted(_ rest: inout Substring.UnicodeScalarView, _ quote: Unicode.Scalar) throws -> String {
    rest.removeFirst()
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == quote { return String(value) }
      guard scalar == "\\" else {
        value.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "n": value.append("\n")
      case "r": value.append("\r")
      case "t": value.append("\t")
      case "b": value.append("\u{8}")
      case "f": value.append("\u{c}")
      case "u":
        guard let code = UInt32(String(rest.prefix(4)), radix: 16).flatMap(Unicode.Scalar.init) else {
          throw Failure(message: "an escape is not closed")
        }
        value.append(code)
        rest = rest.dropFirst(4)
      case let escaped?: value.append(escaped)
      case nil: break
      }
    }
    throw Failure(message: "a text is not closed")
  }
}
