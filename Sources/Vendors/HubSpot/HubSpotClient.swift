import Connectors
import Formats
import HTTPClient

/// Searches HubSpot's CRM.
///
/// Throws ``SourceError``, `RequestFailure` or `JSONBodyError`.
public struct HubSpotClient: Sendable {
  private let api: APIClient
  /// Searches have a limit of their own.
  private let searchAPI: APIClient
  private let credentials: HubSpotCredentials
  private let version: String

  public init(api: APIClient, searchAPI: APIClient, credentials: HubSpotCredentials, options: HubSpotOptions) {
    self.api = api
    self.searchAPI = searchAPI
    self.credentials = credentials
    version = options.version
  }

  /// What an answer of HubSpot means: which limit was reached stands in its body only. How many requests are left in the
  /// window stands in its headers, but not of searches.
  @Sendable public static func verdict(_ response: HTTPResponse) -> AnswerVerdict? {
    guard response.status == 429 else {
      guard let left = response.headers["X-HubSpot-RateLimit-Remaining"].flatMap({ Int($0) }),
        left < HubSpotOptions.rateLimit.maximumConcurrency,
        let length = response.headers["X-HubSpot-RateLimit-Interval-Milliseconds"].flatMap({ Int64($0) })
      else { return nil }
      return .exhausted(refillsIn: .milliseconds(length))
    }
    switch (try? response.decode(HubSpotFailure.self))?.policyName?.uppercased() {
    case "DAILY": return .final
    case "SECONDLY": return .throttled(retryAfter: .seconds(1))
    default: return .throttled(retryAfter: .seconds(10))
    }
  }

  /// - Throws: ``SourceError`` of kind `refused` where the token is wrong.
  public func checkAccess() async throws { _ = try await send(.firstContact, by: api) }

  /// How many objects match.
  ///
  /// - Parameter type: Such as `contacts`.
  public func count(_ type: String, _ filters: [HubSpotFilter]) async throws -> Int {
    try await page(type, HubSpotSearch(filters, properties: ["hs_object_id"], limit: 1)).total
  }

  /// All objects that match, each once, by id. A query gives 10,000 rows at most; further ones are read by the id.
  public func objects(
    _ type: String, _ filters: [HubSpotFilter], properties: [String]
  ) async throws -> [HubSpotObject] {
    var found: [HubSpotObject] = []
    var seen: Set<String> = []
    var announced: Int?
    var last: HubSpotFilter?
    var unreadable = 0
    var pager = Pager(.hubSpot)
    while true {
      var after: String?
      var rows = 0
      repeat {
        let search = HubSpotSearch(
          filters + (last.map { [$0] } ?? []), properties: properties, limit: HubSpotEndpoint.pageSize, after: after)
        let page = try await page(type, search)
        announced = announced ?? page.total
        let objects = page.results.compactMap(\.value)
        unreadable += page.results.count - objects.count
        found += objects.filter { seen.insert($0.id).inserted }
        rows += page.results.count
        after = page.results.isEmpty ? nil : page.paging?.next?.after
        if let after { try pager.follow("\(last?.value ?? "") \(after)", rows: seen.count + unreadable) }
      } while after != nil && rows < HubSpotEndpoint.rowsPerQuery
      guard after != nil || rows >= HubSpotEndpoint.rowsPerQuery, let id = found.last?.id else { break }
      last = .after(id: id)
    }
    guard unreadable == 0 else {
      throw SourceError(.malformed, "HubSpot sent \(unreadable) \(type) that can't be read")
    }
    if let announced, found.count < announced {
      throw SourceError(.unavailable, "HubSpot announced \(announced) \(type) but sent \(found.count)")
    }
    return found
  }

  private func page(_ type: String, _ search: HubSpotSearch) async throws -> HubSpotPage {
    try await askingTwice { try await send(.search(type: type, search), by: searchAPI).decode(HubSpotPage.self) }
  }

  /// Ids of the contacts of each meeting. A meeting that HubSpot could not look up is missing; one without contacts is not.
  public func contacts(ofMeetings ids: [String]) async throws -> [String: Set<String>] {
    var contacts: [String: Set<String>] = [:]
    var open = ids.map { AssociationInput(id: $0, after: nil) }
    var pager = Pager(.hubSpot)
    while !open.isEmpty {
      let batch = Array(open.prefix(HubSpotEndpoint.batchSize))
      open.removeFirst(batch.count)
      let answer = try await askingTwice {
        try await send(.contactsOfMeetings(batch), by: api).decode(AssociationBatch.self)
      }
      for result in answer.results {
        contacts[result.from.id, default: []].formUnion(result.to.compactMap(\.id))
        guard let after = result.paging?.next?.after else { continue }
        try pager.follow("\(result.from.id) \(after)", rows: nil)
        open.append(AssociationInput(id: result.from.id, after: after))
      }
      let errors = answer.errors ?? []
      let failed = max(answer.numErrors ?? 0, errors.count) - errors.count { $0.isNone }
      if failed <= 0 { for input in batch { contacts[input.id, default: []].formUnion([]) } }
    }
    return contacts
  }

  private func send(_ endpoint: HubSpotEndpoint, by api: APIClient) async throws -> HTTPResponse {
    let response = try await api.send(endpoint.request(credentials, version: version))
    if response.isSuccess { return response }
    let code = VendorCode((try? response.decode(HubSpotFailure.self))?.category)
    let detail = "HTTP \(response.status)\(code.map { " \($0)" } ?? "")"
    switch response.status {
    case 401: throw SourceError(.refused, "HubSpot refused the token (\(detail)); check HUBSPOT_ACCESS_TOKEN")
    case 403:
      throw SourceError(
        .refused,
        "HubSpot refused a call (\(detail)): the token lacks a scope, such as crm.objects.contacts.read or sales-email-read"
      )
    case 404:
      throw SourceError(
        .notConfigured, "HubSpot has no such call (\(detail)); check hubspot_version and HUBSPOT_BASE_URL")
    case 429: throw SourceError(.unavailable, "HubSpot's daily limit is reached (\(detail))")
    default: throw SourceError(.malformed, "HubSpot refused a request (\(detail))")
    }
  }
}
