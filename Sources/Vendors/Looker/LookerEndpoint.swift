import Formats
import HTTPClient

/// The Looker API calls that this module makes, in version 4.0.
///
/// https://cloud.google.com/looker/docs/reference/looker-api/latest
enum LookerEndpoint {
  /// 64 MiB: Looker sends a whole table in one body, and an instance may have many brands.
  private static let maximumTableBytes = 64 << 20

  /// `POST /login`.
  case login
  /// `GET /looks/{id}`: the definition of a Look.
  case look(id: String)
  /// `GET /setting`: the instance's time zone.
  case setting
  /// `GET /looks/{id}/run/json`. A limit of -1 asks for all rows.
  case runLook(id: String, limit: Int, timeout: Duration)
  /// `POST /queries/run/json`: a query that is not saved.
  case runQuery(InlineQuery, timeout: Duration)

  func request(_ credentials: LookerCredentials, token: Secret?) throws -> HTTPRequest {
    let base = credentials.baseURL + "/api/4.0"
    var headers: HTTPFields = ["Accept": "application/json"]
    if let token { headers.append("Authorization", "Bearer \(token.text)") }
    switch self {
    case .login:
      // In the body, because credentials in the query string end up in logs, and Looker is phasing them out.
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
