import FoundationEssentials

/// A value in DynamoDB's JSON: an object with exactly one key, its type.
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
public enum AttributeValue: Sendable, Equatable {
  case string(String)
  /// As text, so that no digit is lost.
  case number(String)
  case binary([UInt8])
  case bool(Bool)
  case null
  case map([String: AttributeValue])
  case list([AttributeValue])
  /// A string set. Never empty, like the other sets.
  case strings([String])
  case numbers([String])
  case binaries([[UInt8]])

  public static func number(_ value: Int) -> AttributeValue { .number("\(value)") }

  /// `null` for infinity and NaN, which DynamoDB does not have.
  public static func number(_ value: Double) -> AttributeValue { value.isFinite ? .number("\(value)") : .null }

  /// Nil unless it is a string.
  public var text: String? { if case .string(let text) = self { text } else { nil } }

  /// Nil unless it is a whole number that fits into `Int`.
  public var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
}

extension AttributeValue: Codable {
  private enum Kind: String, CodingKey, CaseIterable { case S, N, B, BOOL, NULL, M, L, SS, NS, BS }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Kind.self)
    guard let kind = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a typed attribute value"))
    }
    switch kind {
    case .S: self = .string(try container.decode(String.self, forKey: kind))
    case .N: self = .number(try container.decode(String.self, forKey: kind))
    case .B: self = .binary(Array(try container.decode(Data.self, forKey: kind)))
    case .BOOL: self = .bool(try container.decode(Bool.self, forKey: kind))
    case .NULL: self = .null
    case .M: self = .map(try container.decode([String: AttributeValue].self, forKey: kind))
    case .L: self = .list(try container.decode([AttributeValue].self, forKey: kind))
    case .SS: self = .strings(try container.decode([String].self, forKey: kind))
    case .NS: self = .numbers(try container.decode([String].self, forKey: kind))
    case .BS: self = .binaries(try container.decode([Data].self, forKey: kind).map { Array($0) })
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Kind.self)
    switch self {
    case .string(let value): try container.encode(value, forKey: .S)
    case .number(let value): try container.encode(value, forKey: .N)
    case .binary(let value): try container.encode(Data(value), forKey: .B)
    case .bool(let value): try container.encode(value, forKey: .BOOL)
    case .null: try container.encode(true, forKey: .NULL)
    case .map(let value): try container.encode(value, forKey: .M)
    case .list(let value): try container.encode(value, forKey: .L)
    case .strings(let value): try container.encode(value, forKey: .SS)
    case .numbers(let value): try container.encode(value, forKey: .NS)
    case .binaries(let value): try container.encode(value.map { Data($0) }, forKey: .BS)
    }
  }
}
