/// A field's value as queries return it; nested records count as null.
enum SalesforceValue: Decodable, Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    guard let container = try? decoder.singleValueContainer(), !container.decodeNil() else {
      self = .null
      return
    }
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .null
    }
  }

  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var number: Double? {
    switch self {
    case .number(let number): number
    case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
    default: nil
    }
  }

  var flag: Bool? {
    if case .flag(let flag) = self { flag } else { nil }
  }
}

typealias SalesforceRow = [String: SalesforceValue]

struct QueryPage: Decodable {
  let totalSize: Int
  let done: Bool
  let nextRecordsUrl: String?
  let records: [SalesforceRow]
}

/// `GET /sobjects/{name}/describe`, the parts that decide what can be asked and written.
struct ObjectDescription: Decodable, Sendable {
  struct Field: Decodable, Sendable {
    let name: String
    let type: String?
    let updateable: Bool?
  }

  let fields: [Field]

  /// The field as the org spells it; nil where there is none, or none that this user may see.
  func field(_ name: String) -> Field? {
    fields.first { $0.name.lowercased() == name.lowercased() }
  }
}

/// Request-level errors come as a list.
struct ErrorItem: Decodable {
  let errorCode: String?
}

struct TokenAnswer: Decodable {
  let accessToken: String
  let instanceURL: String

  private enum CodingKeys: String, CodingKey {
    case accessToken = "access_token"
    case instanceURL = "instance_url"
  }
}

struct OAuthError: Decodable {
  let error: String
}

/// One record's outcome in a collection call; its code is called `statusCode`, not `errorCode`.
struct UpsertOutcome: Decodable {
  struct Problem: Decodable {
    let statusCode: String
    let message: String?
    let fields: [String]?
  }

  let success: Bool
  let created: Bool?
  let errors: [Problem]?
}

struct BulkJob: Codable {
  let id: String
  let state: String
  let contentUrl: String?
  let errorMessage: String?
  let numberRecordsFailed: Int?
}
