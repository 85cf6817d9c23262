/// A field's value as queries return it; nested records count as null.
enum SalesforceValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)

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
    switch self {
    case .flag(let flag): flag
    case .text(let text): Bool(text.lowercased())
    default: nil
    }
  }
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
    let statusCode: String?
    let message: String?
    let fields: [String]?
  }

  /// Nil where the outcome can't be read: the record may have been written or not.
  let success: Bool?
  let created: Bool?
  let errors: [Problem]?

  private enum CodingKeys: String, CodingKey { case success, created, errors }

  /// One odd outcome must not cost the other 199.
  init(from decoder: any Decoder) throws {
    let container = try? decoder.container(keyedBy: CodingKeys.self)
    success = try? container?.decode(Bool.self, forKey: .success)
    created = try? container?.decode(Bool.self, forKey: .created)
    errors = try? container?.decode([Problem].self, forKey: .errors)
  }
}

struct BulkJob: Codable {
  let id: String
  let state: String
  let contentUrl: String?
  let errorMessage: String?
  let numberRecordsFailed: Int?
}
