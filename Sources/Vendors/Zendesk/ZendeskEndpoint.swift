import Formats
import FoundationEssentials
import HTTPClient
import Time

/// The Zendesk calls that this module makes.
///
/// https://developer.zendesk.com/api-reference/ticketing/introduction/
enum ZendeskEndpoint {
  /// `POST /oauth/tokens`.
  case login
  /// `GET /search/count`.
  case count(query: String)
  /// `GET /search/export`: all results of a search of tickets; without a cursor, the first page.
  case export(query: String, cursor: String?)
  /// `GET /incremental/tickets/cursor`: tickets that changed since an instant, with their metrics.
  case changes(since: Timestamp)
  /// Its next page.
  case moreChanges(cursor: String)
  /// `GET /tickets/show_many`: with their metrics, 100 at most.
  case tickets(ids: [String])

  func request(_ credentials: ZendeskCredentials, authorization: String?) throws -> HTTPRequest {
    var headers: HTTPFields = ["Accept": "application/json"]
    if let authorization { headers.append("Authorization", authorization) }
    func get(_ path: String, _ query: String) -> HTTPRequest {
      HTTPRequest(.get, "\(credentials.baseURL)/api/v2\(path)?\(query)", headers: headers)
    }
    switch self {
    case .login:
      guard case .client(let id, let secret) = credentials.login else {
        preconditionFailure("a token needs no login")
      }
      headers.append("Content-Type", "application/json")
      let body = try JSONBody.encode([
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret.text, "scope": "read",
      ])
      return HTTPRequest(.post, credentials.baseURL + "/oauth/tokens", headers: headers, body: body)
    case .count(let query): return get("/search/count", .query(["query": query]))
    case .export(let query, let cursor):
      let page = cursor.map { "&" + String.query(["page[after]": $0]) } ?? ""
      return get(
        "/search/export", .query(["query": query, "filter[type]": "ticket", "page[size]": "100"]) + page)
    case .changes(let since):
      return get(
        "/incremental/tickets/cursor.json", .query(["start_time": "\(since.seconds)", "include": "metric_sets"]))
    case .moreChanges(let cursor):
      return get("/incremental/tickets/cursor.json", .query(["cursor": cursor, "include": "metric_sets"]))
    case .tickets(let ids):
      return get(
        "/tickets/show_many",
        "ids=\(ids.joined(separator: ",").percentEncoded(keeping: ","))&include=metric_sets")
    }
  }
}
