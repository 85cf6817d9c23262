/// A search: one comparison, or a group of them. Intercom allows two levels of groups.
public indirect enum SearchQuery: Encodable, Sendable {
  /// The field is greater than the number.
  case greater(String, Int64)
  /// The field is less than the number.
  case less(String, Int64)
  /// The field is the text.
  case equal(String, String)
  /// The field is one of the texts, 15 at most.
  case anyOf(String, [String])
  /// Every query matches (AND).
  case all([SearchQuery])
  /// At least one query matches (OR).
  case any([SearchQuery])

  /// A field within `[start, end)` in epoch seconds. The search is one second wider on each side, because Intercom is
  /// not consistent in whether a bound is inclusive. The caller leaves out the rest.
  public static func within(_ field: String, _ window: Range<Int64>) -> [SearchQuery] {
    [.greater(field, window.lowerBound - 1), .less(field, window.upperBound + 1)]
  }

  private enum CodingKeys: String, CodingKey { case field, `operator`, value }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .greater(let field, let value):
      try container.encode(field, forKey: .field)
      try container.encode(">", forKey: .operator)
      try container.encode(value, forKey: .value)
    case .less(let field, let value):
      try container.encode(field, forKey: .field)
      try container.encode("<", forKey: .operator)
      try container.encode(value, forKey: .value)
    case .equal(let field, let value):
      try container.encode(field, forKey: .field)
      try container.encode("=", forKey: .operator)
      try container.encode(value, forKey: .value)
    case .anyOf(let field, let values):
      try container.encode(field, forKey: .field)
      try container.encode("IN", forKey: .operator)
      try container.encode(values, forKey: .value)
    case .all(let queries):
      try container.encode("AND", forKey: .operator)
      try container.encode(queries, forKey: .value)
    case .any(let queries):
      try container.encode("OR", forKey: .operator)
      try container.encode(queries, forKey: .value)
    }
  }
}
