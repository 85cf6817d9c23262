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
