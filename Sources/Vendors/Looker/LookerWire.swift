import Formats
import Time

/// One cell.
enum LookerCell: Codable, Sendable, Equatable {
  case null
  case integer(Int64)
  case number(Double)
  case text(String)
  /// There is something that is no value: a pivoted cell, a list, a number too large, a text that is no Unicode.
  case unreadable

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
    } else {
      self = .unreadable
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .unreadable: try container.encode([String]())
    }
  }

  /// Null, or what stands for it where a column is formatted as text.
  var isNull: Bool {
    switch self {
    case .null: true
    case .text(let text): ["", "null", "\u{2205}"].contains(text.trimmed.lowercased())
    default: false
    }
  }

  /// As a number's cell: a number, null, or unreadable; a number in quotes counts, a formatted one ("1,234", "42.5%")
  /// does not.
  var asNumber: LookerCell {
    guard case .text(let text) = self else { return self }
    if isNull { return .null }
    let isPlain = text.utf8.allSatisfy { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
    return isPlain ? Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .unreadable : .unreadable
  }

  /// Nil for everything that is no number.
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null, .text, .unreadable: nil
    }
  }

  /// Ids compare as strings: 123 is "123". Nil for null and what can't be read.
  var id: String? {
    switch self {
    case .null, .unreadable: nil
    case .integer(let integer): String(integer)
    case .number(let number): Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .text(let text): isNull ? nil : text
    }
  }

  /// The month that a cell names, as `2026-10` or a day of it; nil for everything else.
  var month: Period? {
    guard case .text(let text) = self, let month = Period(String(text.prefix(7))) else { return nil }
    return text.utf8.count == 7 || text.dropFirst(7).first == "-" ? month : nil
  }
}

/// `GET /looks/{id}`, the part that says how many rows it gives at most.
struct LookDefinition: Decodable {
  struct Query: Decodable {
    let limit: String?
  }

  let query: Query?

  /// Nil where there is none, or it is "all rows".
  var rowLimit: Int? { query?.limit.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
}

/// `GET /setting`, the part that says when a month ends.
struct InstanceSetting: Decodable {
  let timezone: String?
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
