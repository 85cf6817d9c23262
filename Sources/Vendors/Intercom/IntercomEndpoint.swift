import Formats
import HTTPClient

/// The calls that are made, as documented for API version 2.16.
///
/// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/
enum IntercomEndpoint {
  /// The most that the API gives per page.
  static let pageSize = 150
  case searchConversations(SearchQuery, cursor: String?)
  case companyByCompanyID(String)
  case company(String)
  case contacts(company: String, ListPosition)
  case companiesOfContact(String, ListPosition)
  case companies(ListPosition)
  case tags

  /// Where a page of a list begins: by number, or by the cursor that the page before named.
  struct ListPosition {
    var page = 1
    var cursor: String?

    func query(size: Int) -> String {
      guard let cursor else { return .query(["page": "\(page)", "per_page": "\(size)"]) }
      return .query(["starting_after": cursor, "per_page": "\(size)"])
    }
  }

  func request(_ credentials: IntercomCredentials, version: String) throws -> HTTPRequest {
    let headers: HTTPFields = [
      "Authorization": "Bearer \(credentials.token.text)", "Accept": "application/json",
      "Content-Type": "application/json", "Intercom-Version": version,
    ]
    // Messages name the call, not whose it is.
    func get(_ path: String, as label: String) -> HTTPRequest {
      var request = HTTPRequest(.get, credentials.baseURL + path, headers: headers)
      request.label = label
      return request
    }
    switch self {
    case .searchConversations(let query, let cursor):
      let body = SearchBody(query: query, pagination: .init(perPage: Self.pageSize, startingAfter: cursor))
      return HTTPRequest(
        .post, credentials.baseURL + "/conversations/search", headers: headers, body: try JSONBody.encode(body))
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

  let query: SearchQuery
  let pagination: Pagination
}
