import Formats
import HTTPClient

/// The calls that are made.
///
/// https://cloud.google.com/looker/docs/reference/looker-api/latest
enum LookerEndpoint {
  /// A table comes in one piece, however many brands there are.
  private static let maximumTableBytes = 64 << 20

  case login
  case look(id: String)
  case setting
  case runLook(id: String, limit: Int, timeout: Duration)
  case runQuery(InlineQuery, timeout: Duration)

  func request(_ credentials: LookerCredentials, token: Secret?) throws -> HTTPRequest {
    let base = credentials.baseURL + "/api/4.0"
    var headers: HTTPFields = ["Accept": "application/json"]
    if let token { headers.append("Authorization", "Bearer \(token.text)") }
    switch self {
    case .login:
      // In the body: credentials in the query string end up in logs and are being phased out.
      headers.append("Content-Type", "application/x-www-form-urlencoded")
      let form = String.query(["client_id": credentials.clientID, "client_secret": credentials.clientSecret.text])
      return HTTPRequest(.post, base + "/login", headers: headers, body: Array(form.utf8))
    case .look(let id):
      return HTTPRequest(.get, base + "/looks/\(id.percentEncoded())", headers: headers)
    case .setting:
      return HTTPRequest(.get, base + "/setting?" + .query(["fields": "timezone"]), headers: headers)
    case .runLook(let id, let limit, let timeout):
      return HTTPRequest(
        .get, base + "/looks/\(id.percentEncoded())/run/json?" + .query(["limit": "\(limit)"]), headers: headers,
        timeout: timeout, maximumResponseBytes: Self.maximumTableBytes)
    case .runQuery(let query, let timeout):
      headers.append("Content-Type", "application/json")
      return HTTPRequest(
        .post, base + "/queries/run/json", headers: headers, body: try JSONBody.encode(query), timeout: timeout,
        maximumResponseBytes: Self.maximumTableBytes)
    }
  }
}
