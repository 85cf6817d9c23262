/// One cell. Pivoted cells and other shapes count as null.
enum LookerCell: Codable, Sendable, Equatable {
  case null
  case integer(Int64)
  case number(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let integer = try? container.decode(Int64.self) {
      self = .integer(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .text(flag ? "true" : "false")
    } else {
      self = .null
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  var isNull: Bool { self == .null || self == .text("") }

  /// A number, also one in quotes.
  var number: Double? {
    switch self {
    case .null: nil
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
  }

  /// Ids compare as strings: 123 is "123".
  var id: String? {
    switch self {
    case .null: nil
    case .integer(let integer): String(integer)
    case .number(let number): Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .text(let text): text.isEmpty ? nil : text
    }
  }
}

struct LoginAnswer: Decodable {
  let accessToken: String
  /// Seconds.
  let expiresIn: Double

  private enum CodingKeys: String, CodingKey {
    case accessToken = "access_token"
    case expiresIn = "expires_in"
  }
}

/// A query run without being saved first.
struct InlineQuery: Encodable {
  let model: String
  /// The explore's name.
  let view: String
  let fields: [String]
  let filters: [String: String]
  /// A string here, unlike the run's own parameter.
  let limit: String
}
