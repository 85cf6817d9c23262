import Formats
import Time

/// The value of one cell.
public enum LookerCell: Codable, Sendable, Equatable {
  case null
  case integer(Int64)
  /// A number that is not an `Int64`.
  case number(Double)
  case text(String)
  /// Something that is not a single value: a pivoted cell, a list, a number out of range, or invalid Unicode.
  case unreadable

  public init(from decoder: any Decoder) throws {
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

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .unreadable: try container.encode([String]())
    }
  }

  /// Whether it is null, or a text that stands for null: empty, "null" or U+2205, the sign for the empty set.
  public var isNull: Bool {
    switch self {
    case .null: true
    case .text(let text): ["", "null", "\u{2205}"].contains(text.trimmed.lowercased())
    default: false
    }
  }

  /// The cell as a number, null or `unreadable`. A number in quotes counts, a formatted one ("1,234", "42.5%") does
  /// not.
  public var asNumber: LookerCell {
    guard case .text(let text) = self else { return self }
    if isNull { return .null }
    let isPlain = text.utf8.allSatisfy { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
    return isPlain ? Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .unreadable : .unreadable
  }

  /// Nil for every other cell, also for a number in quotes; see ``asNumber``.
  public var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null, .text, .unreadable: nil
    }
  }

  /// The cell as an id. Ids compare as strings, so 123 equals "123". Nil for null and unreadable cells.
  public var id: String? {
    switch self {
    case .null, .unreadable: nil
    case .integer(let integer): String(integer)
    case .number(let number): Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .text(let text): isNull ? nil : text
    }
  }

  /// The month that a cell names, as `2026-10` or a day of it; nil for everything else.
  public var month: Period? {
    guard case .text(let text) = self, let month = Period(String(text.prefix(7))) else { return nil }
    return text.utf8.count == 7 || text.dropFirst(7).first == "-" ? month : nil
  }
}
