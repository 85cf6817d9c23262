/// A search: a comparison, or a group of them. Two levels of groups at most.
public indirect enum SearchQuery: Encodable, Sendable {
  case greater(String, Int64)
  case less(String, Int64)
  case all([SearchQuery])
  case any([SearchQuery])

  /// A field within `[start, end)`, asked one second wider: whether a bound is inclusive differs in practice.
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
    case .all(let queries):
      try container.encode("AND", forKey: .operator)
      try container.encode(queries, forKey: .value)
    case .any(let queries):
      try container.encode("OR", forKey: .operator)
      try container.encode(queries, forKey: .value)
    }
  }
}
