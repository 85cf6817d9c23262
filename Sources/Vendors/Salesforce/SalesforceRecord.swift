/// The value to write to a field. Null empties the field.
public enum RecordValue: Encodable, Sendable, Equatable {
  case null
  case number(Double)
  case text(String)

  public init(_ number: Double?) { self = number.map { .number($0) } ?? .null }

  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}

/// A record on its way to the org, with the fields in the order of a bulk job's columns.
public struct SalesforceRecord: Sendable {
  /// The value of the external id that it is matched by.
  public let key: String
  /// The external id itself is among them.
  public let values: [(field: String, value: RecordValue)]

  public init(key: String, values: [(field: String, value: RecordValue)]) {
    self.key = key
    self.values = values
  }
}
