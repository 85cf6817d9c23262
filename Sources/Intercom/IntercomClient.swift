import HTTPClient
import HealthModel

/// Sends calls and reads pages. 401 is final here: the token is the app's own and is not renewed.
struct IntercomClient: Sendable {
  let api: APIClient
  let credentials: IntercomCredentials
  let version: String

  func search(_ query: SearchQuery, cursor: String?) async throws -> ConversationPage {
    try await send(.searchConversations(query, cursor: cursor)).decode(ConversationPage.self)
  }

  /// Intercom's own id of a company; nil where neither its own nor the workspace's id is known.
  func companyID(of account: MappedAccount) async throws -> String? {
    if let id = account.intercomInternalID, let found = try await company(.company(id)) { return found }
    guard let id = account.intercomCompanyID else { return nil }
    if let found = try await company(.companyByCompanyID(id)) { return found }
    return try await company(.company(id))
  }

  private func company(_ endpoint: IntercomEndpoint) async throws -> String? {
    let response = try await send(endpoint, accepting: [404])
    return response.status == 404 ? nil : try response.decode(CompanyReference.self).id
  }

  func contacts(ofCompany id: String) async throws -> [Contact] { try await pages { .contacts(company: id, page: $0) } }

  /// Companies with at least one user, 10,000 at most; one that is not listed may still exist.
  func companies() async throws -> [CompanyReference] { try await pages { .companies(page: $0) } }

  private func pages<Item: Decodable>(_ endpoint: (Int) -> IntercomEndpoint) async throws -> [Item] {
    var items: [Item] = []
    var page = 1
    while true {
      let list = try await send(endpoint(page)).decode(ListPage<Item>.self)
      items += list.data
      let isLast = list.pages?.totalPages.map { page >= $0 } ?? (list.pages?.next == nil)
      if isLast || list.data.isEmpty { return items }
      page += 1
    }
  }

  private func send(_ endpoint: IntercomEndpoint, accepting: Set<Int> = []) async throws -> HTTPResponse {
    let response = try await api.send(endpoint.request(credentials, version: version))
    if response.isSuccess || accepting.contains(response.status) { return response }
    let code = (try? response.decode(ErrorList.self))?.errors.first?.code
    let detail = "HTTP \(response.status)\(code.map { " " + $0.prefix(60) } ?? "")"
    switch response.status {
    case 401, 403:
      throw SourceError(
        .refused, "Intercom refused the token (\(detail)); check INTERCOM_API_TOKEN and its region's INTERCOM_BASE_URL")
    default:
      throw SourceError(.malformed, "Intercom refused a request (\(detail))")
    }
  }
}
