import Formats
import HTTPClient

/// The calls of BILL's v3 API that this module makes.
///
/// https://developer.bill.com/docs/v3-overview
enum BILLEndpoint {
  /// The API's maximum for a page of a list.
  static let pageSize = 100

  /// `POST /v3/login`.
  case login
  /// `GET /v3/bills`: those whose field has that value; without a cursor, the first page.
  case bills(field: String, value: String, cursor: String?)
  /// `GET /v3/vendors`; without a cursor, the first page.
  case vendors(cursor: String?)
  /// `GET /v3/vendors/{id}`.
  case vendor(String)

  func request(_ credentials: BILLCredentials, session: Secret?) throws -> HTTPRequest {
    let base = credentials.baseURL + "/v3"
    var headers: HTTPFields = ["Accept": "application/json"]
    if let session {
      headers.append("devKey", credentials.developerKey.text)
      headers.append("sessionId", session.text)
    }
    func list(_ path: String, _ query: String, _ cursor: String?) -> HTTPRequest {
      let page = cursor.map { "&" + String.query(["page": $0]) } ?? ""
      return HTTPRequest(.get, "\(base)\(path)?max=\(Self.pageSize)\(query)\(page)", headers: headers)
    }
    switch self {
    case .login:
      headers.append("Content-Type", "application/json")
      let body = try JSONBody.encode([
        "username": credentials.username.text, "password": credentials.password.text,
        "organizationId": credentials.organizationID, "devKey": credentials.developerKey.text,
      ])
      return HTTPRequest(.post, base + "/login", headers: headers, body: body)
    case .bills(let field, let value, let cursor):
      return list("/bills", "&" + .query(["filters": "\(field):eq:\(value)"]), cursor)
    case .vendors(let cursor): return list("/vendors", "", cursor)
    case .vendor(let id):
      var request = HTTPRequest(.get, "\(base)/vendors/\(id.percentEncoded())", headers: headers)
      request.label = "/v3/vendors/{id}"
      return request
    }
  }
}
