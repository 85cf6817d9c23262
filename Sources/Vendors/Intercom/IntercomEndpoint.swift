import Formats
import HTTPClient

/// The Intercom API calls that this module makes, as documented for version 2.16.
///
/// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/
enum IntercomEndpoint {
  /// The API's maximum for one page of a search or of the company list.
  static let pageSize = 150
  /// `POST /conversations/search`; without a cursor, the first page.
  case searchConversations(SearchQuery, cursor: String?, size: Int = Self.pageSize)
  /// `GET /companies?company_id=`, by the workspace's own id.
  case companyByCompanyID(String)
  /// `GET /companies/{id}`, by Intercom's own id.
  case company(String)
  /// `GET /companies/{id}/contacts`, by Intercom's own id, 50 on a page.
  case contacts(company: String, ListPosition)
  /// `GET /contacts/{id}/companies`, 50 on a page.
  case companiesOfContact(String, ListPosition)
  /// `POST /companies/list`, 150 on a page.
  case companies(ListPosition)
  /// `GET /companies/scroll`: all companies, where the list ends at 10,000. Without a parameter, the first part.
  case scrollCompanies(String?)
  /// `GET /tags`, which has no pages.
  case tags
  /// `GET /contacts`; without a cursor, the first page.
  case allContacts(cursor: String?)
  /// `POST /contacts/search`, the least recently updated first; without a cursor, the first page.
  case searchContacts(SearchQuery, cursor: String?)
  /// `GET /contacts/{id}`.
  case contact(String)
  /// `GET /conversations/{id}`, with its messages.
  case conversation(String)

  /// Where a page of a list begins: at a page number, or at the cursor that the page before gave.
  struct ListPosition {
    /// Counted from 1; used where there is no cursor.
    var page = 1
    var cursor: String?

    /// The query string for a page of `size` entries.
    func query(size: Int) -> String {
      guard let cursor else { return .query(["page": "\(page)", "per_page": "\(size)"]) }
      return .query(["starting_after": cursor, "per_page": "\(size)"])
    }
  }

  /// The request, with the token and the version as headers.
  ///
  /// - Throws: What encoding the search as JSON throws.
  func request(_ credentials: IntercomCredentials, version: String) throws -> HTTPRequest {
    let headers: HTTPFields = [
      "Authorization": "Bearer \(credentials.token.text)", "Accept": "application/json",
      "Content-Type": "application/json", "Intercom-Version": version,
    ]
    // Messages show this label in place of the path, so they contain no customer's id.
    func get(_ path: String, as label: String) -> HTTPRequest {
      var request = HTTPRequest(.get, credentials.baseURL + path, headers: headers)
      request.label = label
      return request
    }
    switch self {
    case .searchConversations(let query, let cursor, let size):
      let body = SearchBody(query: query, pagination: .init(perPage: size, startingAfter: cursor))
      return HTTPRequest(
        .post, credentials.baseURL + "/conversations/search", headers: headers, body: try JSONBody.encode(body))
    case .searchContacts(let query, let cursor):
      var body = SearchBody(query: query, pagination: .init(perPage: Self.pageSize, startingAfter: cursor))
      body.sort = .init(field: "updated_at", order: "ascending")
      return HTTPRequest(
        .post, credentials.baseURL + "/contacts/search", headers: headers, body: try JSONBody.encode(body))
    case .allContacts(let cursor):
      var query = String.query(["per_page": "\(Self.pageSize)"])
      if let cursor { query += "&" + .query(["starting_after": cursor]) }
      return HTTPRequest(.get, credentials.baseURL + "/contacts?" + query, headers: headers)
    case .contact(let id): return get("/contacts/\(id.percentEncoded())", as: "/contacts/{id}")
    case .conversation(let id): return get("/conversations/\(id.percentEncoded())", as: "/conversations/{id}")
    case .companyByCompanyID(let id):
      return HTTPRequest(.get, credentials.baseURL + "/companies?" + .query(["company_id": id]), headers: headers)
    case .company(let id):
      return get("/companies/\(id.percentEncoded())", as: "/companies/{id}")
    case .contacts(let company, let position):
      let path = "/companies/\(company.percentEncoded())/contacts?" + position.query(size: 50)
      return get(path, as: "/companies/{id}/contacts")
    case .companiesOfContact(let contact, let position):
      let path = "/contacts/\(contact.percentEncoded())/companies?" + position.query(size: 50)
      return get(path, as: "/contacts/{id}/companies")
    case .scrollCompanies(let parameter):
      let query = parameter.map { "?" + .query(["scroll_param": $0]) } ?? ""
      return HTTPRequest(.get, credentials.baseURL + "/companies/scroll" + query, headers: headers)
    case .tags: return HTTPRequest(.get, credentials.baseURL + "/tags", headers: headers)
    case .companies(let position):
      let path = "/companies/list?" + position.query(size: Self.pageSize)
      return HTTPRequest(.post, credentials.baseURL + path, headers: headers, body: [])
    }
  }
}

private struct SearchBody: Encodable {
  struct Pagination: Encodable {
    let perPage: Int
    let startingAfter: String?

    private enum CodingKeys: String, CodingKey {
      case perPage = "per_page"
      case startingAfter = "starting_after"
    }
  }

  struct Sort: Encodable {
    let field: String
    let order: String
  }

  let query: SearchQuery
  let pagination: Pagination
  /// Nil leaves the order to Intercom.
  var sort: Sort?
}
