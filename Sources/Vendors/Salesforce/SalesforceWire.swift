/// An error of a whole request. Salesforce sends a list of them.
struct ErrorItem: Decodable {
  let errorCode: String?
  /// May quote data, so only our own names are taken from it.
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

  /// If one outcome can't be read, the other 199 still can.
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
