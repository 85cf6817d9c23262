import Connectors
import Formats
import HTTPClient

/// Sends calls to Intercom and reads their pages. HTTP 401 is final: the token belongs to the app and can't be renewed.
///
/// Throws ``SourceError`` of kind `refused` or `malformed` for an answer that another try does not help, `RequestFailure`
/// where retries are used up, `JSONBodyError` for an answer that is not the documented JSON.
public struct IntercomClient: Sendable {
  /// The most conversations or companies that a page has.
  public static let pageSize = IntercomEndpoint.pageSize

  private let api: APIClient
  private let credentials: IntercomCredentials
  /// Sent as header `Intercom-Version`, such as 2.16.
  private let version: String

  public init(api: APIClient, credentials: IntercomCredentials, options: IntercomOptions) {
    self.api = api
    self.credentials = credentials
    version = options.apiVersion
  }

  /// One page of a conversation search. Asks again once where the body is not a page.
  ///
  /// - Parameters:
  ///   - cursor: From the page before; nil for the first page.
  ///   - reading: What else is read of each conversation.
  public func search(
    _ query: SearchQuery, cursor: String?, reading: ConversationReading = ConversationReading()
  ) async throws -> ConversationPage {
    try await askingTwice {
      try ConversationPage(json: await send(.searchConversations(query, cursor: cursor)).body, reading)
    }
  }

  /// Intercom's own id of the account's company; nil where Intercom knows neither of the account's two ids.
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
      // Intercom may spell the id in another way (case, HTML entities). A company without `company_id` counts as found.
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

  /// Names of the workspace's tags; nil where Intercom answers 404.
  public func tags() async throws -> Set<String>? {
    let response = try await send(.tags, accepting: [404])
    return response.status == 404 ? nil : Set(try response.decode(TagList.self).data.compactMap(\.name))
  }

  /// All contacts of a company, by Intercom's own id of it. Contacts without an id are left out.
  public func contacts(ofCompany id: String) async throws -> [Contact] {
    try await list(key: \.id) { .contacts(company: id, $0) }
  }

  /// The first company of a contact.
  public enum FirstCompany: Sendable {
    case company(CompanyReference)
    /// Intercom lists no company for the contact.
    case none
    /// Intercom has no such contact, or not any more (404).
    case unknownContact
  }

  /// The first entry of `GET /contacts/{id}/companies`.
  public func firstCompany(ofContact id: String) async throws -> FirstCompany {
    let response = try await send(.companiesOfContact(id, .init()), accepting: [404])
    guard response.status != 404 else { return .unknownContact }
    return try response.decode(ListPage<CompanyReference>.self).data.first.map { .company($0) } ?? .none
  }

  /// Companies with at least one user, up to 10,000. A company that is not listed may still exist.
  ///
  /// - Parameter limit: The most pages to read.
  /// - Returns: Nil where there are more pages than that.
  public func companies(atMost limit: Int) async throws -> [CompanyReference]? {
    let first = try await send(.companies(.init())).decode(ListPage<CompanyReference>.self)
    let count = first.pages?.totalPages ?? 1
    guard count <= limit else { return nil }
    guard count > 1 else { return first.data }
    // Pages that are asked for by number can be read at the same time.
    return try await withThrowingTaskGroup(of: [CompanyReference].self) { group in
      for page in 2...count {
        group.addTask { try await send(.companies(.init(page: page))).decode(ListPage<CompanyReference>.self).data }
      }
      return try await group.reduce(into: first.data) { $0 += $1 }
    }
  }

  /// Where `POST /companies/list` ends.
  private static let longestList = 10_000

  /// All companies with at least one user, with what they say of themselves, each once, in Intercom's order.
  ///
  /// - Throws: ``SourceError`` too where somebody else scrolls through the workspace's companies at the same time
  ///   (`malformed`): Intercom allows one.
  public func companyProfiles() async throws -> [CompanyProfile] {
    let first = try await send(.companies(.init())).decode(ListPage<CompanyProfile>.self)
    guard first.totalCount ?? 0 > Self.longestList else { return try await list(key: \.id) { .companies($0) } }
    var companies: [CompanyProfile] = []
    var seen: Set<String> = []
    var parameter: String?
    var pager = Pager(.intercom)
    while true {
      let part = try await send(.scrollCompanies(parameter)).decode(CompanyScroll.self)
      guard !part.data.isEmpty else { return companies }
      companies += part.data.filter { $0.id.map { seen.insert($0).inserted } ?? false }
      guard let next = part.parameter else { return companies }
      // The parameter may stay the same from part to part.
      parameter = next
      try pager.follow("\(next) \(companies.count)", rows: companies.count)
    }
  }

  /// All pages of a list, each item once; items without a key are left out. Goes on by the cursor where Intercom gives
  /// one, else by page number.
  ///
  /// - Throws: Also ``SourceError`` where a page repeats (`malformed`) or items are missing (`unavailable`).
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

  func send(_ endpoint: IntercomEndpoint, accepting: Set<Int> = []) async throws -> HTTPResponse {
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
