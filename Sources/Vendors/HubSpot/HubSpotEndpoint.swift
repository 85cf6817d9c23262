import Formats
import HTTPClient

/// The HubSpot calls that this module makes.
///
/// https://developers.hubspot.com/docs/api-reference
enum HubSpotEndpoint {
  /// The most rows of one search page.
  static let pageSize = 200
  /// The most rows that a query gives, whatever its cursor.
  static let rowsPerQuery = 10_000
  /// The most inputs of a batch.
  static let batchSize = 100

  /// `POST /crm/objects/{version}/{type}/search`.
  case search(type: String, HubSpotSearch)
  /// `POST /crm/associations/{version}/meetings/contacts/batch/read`.
  case contactsOfMeetings([AssociationInput])
  /// `GET /crm/objects/{version}/contacts?limit=1`: whether the token is accepted.
  case firstContact

  func request(_ credentials: HubSpotCredentials, version: String) throws -> HTTPRequest {
    let headers: HTTPFields = [
      "Authorization": "Bearer \(credentials.token.text)", "Accept": "application/json",
      "Content-Type": "application/json",
    ]
    // Versions without a date have other paths, and associations one of their own.
    let isDated = version.contains("-")
    let objects = credentials.baseURL + (isDated ? "/crm/objects/\(version)" : "/crm/\(version)/objects")
    switch self {
    case .search(let type, let search):
      return HTTPRequest(.post, "\(objects)/\(type)/search", headers: headers, body: try JSONBody.encode(search))
    case .contactsOfMeetings(let inputs):
      let associations = isDated ? "/crm/associations/\(version)" : "/crm/v4/associations"
      return HTTPRequest(
        .post, "\(credentials.baseURL)\(associations)/meetings/contacts/batch/read", headers: headers,
        body: try JSONBody.encode(["inputs": inputs]))
    case .firstContact:
      return HTTPRequest(.get, "\(objects)/contacts?limit=1&properties=hs_object_id", headers: headers)
    }
  }
}

struct HubSpotSearch: Encodable {
  struct Group: Encodable { let filters: [HubSpotFilter] }

  struct Sort: Encodable {
    let propertyName: String
    let direction: String
  }

  let filterGroups: [Group]
  let properties: [String]
  /// By id, so that a query can go on after the last row of another one.
  let sorts = [Sort(propertyName: "hs_object_id", direction: "ASCENDING")]
  let limit: Int
  /// Nil on the first page.
  let after: String?

  init(_ filters: [HubSpotFilter], properties: [String], limit: Int, after: String? = nil) {
    filterGroups = [Group(filters: filters)]
    self.properties = properties
    self.limit = limit
    self.after = after
  }
}

struct AssociationInput: Encodable {
  let id: String
  let after: String?
}
