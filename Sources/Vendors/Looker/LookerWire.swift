/// `GET /looks/{id}`: only the row limit.
struct LookDefinition: Decodable {
  struct Query: Decodable {
    let limit: String?
  }

  let query: Query?

  /// Nil where no limit is saved with the Look, or the saved one is not above 0.
  var rowLimit: Int? { query?.limit.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
}

/// `GET /setting`: only the time zone.
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
