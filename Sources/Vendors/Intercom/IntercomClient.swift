import Connectors
import Formats
import HTTPClient

/// Sends calls and reads pages. 401 is final here: the token is the app's own and is not renewed.
///
/// Throws ``SourceError`` of kind `refused` or `malformed` for an answer that another try does not help, `RequestFailure`
/// where retries are used up, `JSONBodyError` for an answer that is not the documented JSON.
public struct IntercomClient: Sendable {
  /// The most conversations or companies that a page has.
  public static let pageSize = IntercomEndpoint.pageSize

  private let api: APIClient
  private let credentials: IntercomCredentials
  private let version: String

  public init(api: APIClient, credentials: IntercomCredentials, options: IntercomOptions) {
    self.api = api
    self.credentials = credentials
    version = options.apiVersion
  }

  /// A page of the conversations that match, 150 at most.
  ///
  /// - Parameter cursor: The one that the page before named; nil for the first page.
  public func search(_ query: SearchQuery, cursor: String?) async throws -> ConversationPage {
    try await askingTwice { try ConversationPage(json: await send(.searchConversations(query, cursor: cursor)).body) }
  }

  /// Intercom's own id of a company; nil where neither its own nor the workspace's id is known.
  ///
  /// - Parameters:
  ///   - companyID: What the workspace calls it.
  ///   - internalID: Intercom's own id, tried first.
  public func resolvedID(companyID: String?, internalID: String?) async throws -> String? {
    if let internalID, let found = try await company(internalID) { return found }
    guard let id = companyID else { return nil }
    let response = try await send(.companyByCompanyID(id), accepting: [404])
    if response.status != 404 {
      let companies = try response.decode(CompanyLookup.self).companies
      // It may be spelled otherwise there (case, HTML entities); a single one is what the look-up found.
      let found =
        companies.first { $0.companyID == id }
        ?? companies.first { $0.companyID == nil || $0.companyID?.comparisonKey == id.comparisonKey }
      if let found = found?.id { return found }
    }
    return try await company(id)
  }

  private func company(_ id: String) async throws -> String? {
    let response = try await send(.company(id), accepting: [404])
    return response.status == 404 ? nil : try response.decode(CompanyReference.self).id
  }

  /// Names of the workspace's tags; nil where it does not list them.
  public func tags() async throws -> Set<String>? {
    let response = try await send(.tags, accepting: [404])
    return response.status == 404 ? nil : Set(try response.decode(TagList.self).data.compactMap(\.name))
  }

  /// All contacts of a company, by Intercom's own id of it.
  public func contacts(ofCompany id: String) async throws -> [Contact] {
    try await list(key: \.id) { .contacts(company: id, $0) }
  }

  /// What Intercom says of a contact's companies.
  public enum FirstCompany: Sendable {
    case company(CompanyReference)
    case none
    /// There is no such contact (any more).
    case unknownContact
  }

  public func firstCompany(ofContact id: String) async throws -> FirstCompany {
    let response = try await send(.companiesOfContact(id, .init()), accepting: [404])
    guard response.status != 404 else { return .unknownContact }
    return try response.decode(ListPage<CompanyReference>.self).data.first.map { .company($0) } ?? .none
  }

  /// Companies with at least one user, 10,000 at most; one that is not listed may still exist.
  ///
  /// - Parameter limit: How many pages are worth it; nil where there are more.
  public func companies(atMost limit: Int) async throws -> [CompanyReference]? {
    let first = try await send(.companies(.init())).decode(ListPage<CompanyReference>.self)
    let count = first.pages?.totalPages ?? 1
    guard count <= limit else { return nil }
    guard count > 1 else { return first.data }
    // By numbers, which need not wait for each other.
    return try await withThrowingTaskGroup(of: [CompanyReference].self) { group in
      for page in 2...count {
        group.addTask { try await send(.companies(.init(page: page))).decode(ListPage<CompanyReference>.self).data }
      }
      return try await group.reduce(into: first.data) { $0 += $1 }
    }
  }

  /// All pages, each item once, by the cursor where the vendor names one and by numbers where it does not.
  private func list<Item: Decodable>(
    key: KeyPath<Item, String?>, _ endpoint: (IntercomEndpoint.ListPosition) -> IntercomEndpoint
  ) async throws -> [Item] {
    var items: [Item] = []
    var seen: Set<String> = []
    var position = IntercomEndpoint.ListPosition()
    var pager = Pager(.intercom)
    while true {
      let page = try await send(endpoint(position)).decode(ListPage<Item>.self)
      items += page.data.filter { $0[keyPath: key].map { seen.insert($0).inserted } ?? false }
      let cursor = page.pages?.next?.startingAfter
      let isLast = cursor == nil && (page.pages?.totalPages.map { position.page >= $0 } ?? (page.pages?.next == nil))
      if isLast || page.data.isEmpty {
        guard seen.count >= page.totalCount ?? 0 else {
          throw SourceError(
            .unavailable, "Intercom announced \(page.totalCount ?? 0) list entries but gave \(seen.count)")
        }
        return items
      }
      position = .init(page: position.page + 1, cursor: cursor)
      try pager.follow(cursor ?? "page \(position.page)", rows: seen.count)
    }
  }

  private func send(_ endpoint: IntercomEndpoint, accepting: Set<Int> = []) async throws -> HTTPResponse {
    let response = try await api.send(endpoint.request(credentials, version: version))
    if response.isSuccess || accepting.contains(response.status) { return response }
    let code = VendorCode((try? response.decode(ErrorList.self))?.errors.first?.code)
    let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
    switch response.status {
    case 401, 403:
      throw SourceError(
        .refused, "Intercom refused the token (\(detail)); check INTERCOM_API_TOKEN and its region's INTERCOM_BASE_URL")
    default:
      throw SourceError(.malformed, "Intercom refused a request (\(detail))")
    }
  }
}
