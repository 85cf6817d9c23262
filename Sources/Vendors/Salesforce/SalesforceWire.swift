import Formats
import HealthModel

/// A field's value as queries return it.
enum SalesforceValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  /// There is something that is no field's value: a nested record, a list, a text that is no Unicode.
  case unreadable

  /// Nil for everything else.
  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// A number, also one in quotes; a formatted one is none.
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
  struct PicklistValue: Decodable, Sendable {
    /// What the API takes and gives; labels are for people, and translated.
    let value: String?
  }

  struct Field: Decodable, Sendable {
    let name: String
    let type: String?
    let createable: Bool?
    let updateable: Bool?
    /// Inactive ones too: records may still have them. Nil for other fields.
    let picklistValues: [PicklistValue]?

    var isPicklist: Bool { type == "picklist" || type == "multipicklist" }
  }

  let fields: [Field]

  /// The field as the org spells it; nil where there is none, or none that this user may see.
  func field(_ name: String) -> Field? {
    fields.first { $0.name.lowercased() == name.lowercased() }
  }

  /// Whether records have a currency of their own, as they do in orgs with several.
  var hasCurrencies: Bool { field("CurrencyIsoCode") != nil }

  /// What a picklist has, where none of the configured values is there: they would match nothing. Nil where all is well, or
  /// the field takes any text.
  func mismatch(_ field: String, _ configured: [String]) -> String? {
    guard let field = self.field(field), field.isPicklist, let picklist = field.picklistValues else { return nil }
    let values = picklist.compactMap(\.value)
    let wanted = Set(configured.map(\.comparisonKey))
    guard wanted.isDisjoint(with: values.map(\.comparisonKey)) else { return nil }
    return "\(field.name) has no value \(configured.joined(separator: ", ")); there are: \(NameInventory.words(values))"
  }
}

/// Request-level errors come as a list.
struct ErrorItem: Decodable {
  let errorCode: String?
  /// May quote data; only our own names are taken from it.
  let message: String?
}

struct TokenAnswer: Decodable {
  let accessToken: String
  let instanceURL: String
  /// `https://login…/id/{org}/{user}`.
  let id: String?

  private enum CodingKeys: String, CodingKey {
    case accessToken = "access_token"
    case instanceURL = "instance_url"
    case id
  }
}

struct OAuthError: Decodable {
  let error: String
  let description: String?

  private enum CodingKeys: String, CodingKey {
    case error
    case description = "error_description"
  }
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
