import Concurrency
import Formats
import HTTPClient
import HealthModel

/// Sends calls to the org; owns 401 by logging in once more.
///
/// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/
struct SalesforceClient: Sendable {
  let api: APIClient
  let login: SalesforceLogin
  let session: SalesforceSession
  let apiVersion: String
  /// An org keeps ten cursors a user open and drops the oldest: fewer queries than that at once, from their first page to
  /// their last.
  let openQueries = ConcurrencyLimit(8)

  var dataPath: String { "/services/data/v\(apiVersion)" }

  func checkLogin() async throws { _ = try await access(replacing: nil) }

  /// - Parameter stale: A token that was just refused.
  private func access(replacing stale: String?) async throws -> SalesforceAccess {
    try await session.access(
      for: login.credentials, isUsable: { $0.token != stale },
      isRefusal: { ($0 as? SourceError)?.kind == .refused }, login: { try await login.perform() })
  }

  /// What an object has; nil where the org has no such object, or none that this user may see.
  func describe(_ object: String) async throws -> ObjectDescription? {
    let response = try await send(.get, dataPath + "/sobjects/\(object.percentEncoded())/describe", accepting: [404])
    return response.status == 404 ? nil : try response.decode(ObjectDescription.self)
  }

  /// What every org has; an org that answers 404 even to this lacks the API's version, and nothing else is absent either.
  ///
  /// - Throws: ``SourceError`` that names the version.
  func describeAccount() async throws -> ObjectDescription {
    if let description = try await describe("Account") { return description }
    throw SourceError(
      .unavailable,
      "Salesforce answers 404 for Account itself: the org does not have API version \(apiVersion) (any more), or the user may not see accounts; check salesforce.api_version in sources.yaml and the user's permissions"
    )
  }

  /// A query, in parts: it is continued by key where the org has dropped its cursor.
  struct Query: Sendable {
    /// What is selected; a column may be wrapped, as in `convertCurrency(ARR__c)`.
    var selection: [String]
    /// Names under which the selection comes back, `Id` included.
    var columns: [String]
    var object: String
    var conditions: [String]
    /// Asks `queryAll`, which gives archived and deleted rows too.
    var includesArchived = false

    init(_ columns: [String], from object: String, where conditions: [String], includesArchived: Bool = false) {
      selection = columns
      self.columns = columns
      self.object = object
      self.conditions = conditions
      self.includesArchived = includesArchived
    }

    /// - Parameter last: Goes on behind that id, in the ids' order; empty from the beginning, nil in any order.
    func soql(after last: String?) -> String {
      let all = conditions + (last.map { $0.isEmpty ? [] : ["Id > \(SOQL.quoted($0))"] } ?? [])
      let clause = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
      return "SELECT \(selection.joined(separator: ", ")) FROM \(object)\(clause)\(last == nil ? "" : " ORDER BY Id")"
    }
  }

  /// Hands on all rows of a query, each id once, as its pages come.
  ///
  /// - Parameter partial: Incomplete where an error is thrown.
  func rows(
    _ query: Query, into partial: inout SalesforcePartial, _ use: (SalesforceRow, inout SalesforcePartial) -> Void
  ) async throws {
    try await openQueries.run { try await continuedRows(query, into: &partial, use) }
  }

  private func continuedRows(
    _ query: Query, into partial: inout SalesforcePartial, _ use: (SalesforceRow, inout SalesforcePartial) -> Void
  ) async throws {
    let columns = SalesforceRow.Columns(query.columns)
    var ids: Set<String> = []
    var last: String?
    var fruitless = 0
    while true {
      // A query that is continued announces what is left.
      var came: Set<String> = []
      let before = ids.count
      var others = 0
      do {
        let total = try await pages(query, after: last, columns, into: &partial) { row, partial in
          guard let id = row.value("Id")?.text else {
            others += 1
            return use(row, &partial)
          }
          last = last.map { max($0, id) }
          guard came.insert(id).inserted else { return partial.received.skip("duplicate") }
          if ids.insert(id).inserted { use(row, &partial) }
        }
        guard total >= 0 else {
          throw SourceError(.malformed, "Salesforce announced a number of rows that is not possible")
        }
        guard came.count + others >= total else {
          throw SourceError(.unavailable, "Salesforce announced \(total) rows but gave \(came.count + others)")
        }
        return try partial.received.announce(ids.count + others, came: ids.count + others, by: .salesforce)
      } catch let error as SalesforceRefusal where error.code == "INVALID_QUERY_LOCATOR" && fruitless < 3 {
        // The org has dropped the cursor: once more in the ids' order, then on from the last one.
        if ids.count == before { fruitless += 1 }
        last = last ?? ""
      }
    }
  }

  /// - Returns: How many rows Salesforce announced.
  private func pages(
    _ query: Query, after last: String?, _ columns: SalesforceRow.Columns, into partial: inout SalesforcePartial,
    _ use: (SalesforceRow, inout SalesforcePartial) -> Void
  ) async throws -> Int {
    // Commas, quotes and parentheses may stand in a query and keep long lists of ids short.
    let text = query.soql(after: last).percentEncoded(keeping: ",'()")
    var path: String? = dataPath + (query.includesArchived ? "/queryAll" : "/query") + "?q=" + text
    var count = 0
    var paging = Paging(.salesforce)
    var total = 0
    while let current = path {
      let page = try await askingTwice {
        try QueryPage(json: await queryPage(current, naming: query.columns).body, columns: columns)
      }
      for row in page.records { use(row, &partial) }
      count += page.records.count
      partial.received.pages += 1
      total = page.totalSize
      guard page.isDone || page.nextRecordsPath != nil else {
        throw SourceError(.malformed, "Salesforce gave no next page of an unfinished query")
      }
      // Relative as documented, or with the host that was asked.
      path = page.isDone ? nil : page.nextRecordsPath.map { Self.withoutHost($0) }
      if let path { try paging.follow(path, rows: count) }
    }
    return total
  }

  /// The currency that amounts are converted to: that of the user who asks; nil where it can't be told.
  func currency() async throws -> String? {
    guard let user = try await access(replacing: nil).userID else { return nil }
    let soql = "SELECT Id, DefaultCurrencyIsoCode FROM User WHERE Id = \(SOQL.quoted(user))"
    let path = dataPath + "/query?q=" + soql.percentEncoded(keeping: ",'()")
    let columns = SalesforceRow.Columns(["Id", "DefaultCurrencyIsoCode"])
    let page = try QueryPage(json: await queryPage(path, naming: []).body, columns: columns)
    let code = page.records.first?.value("DefaultCurrencyIsoCode")?.text
    return VendorCode(code)?.description
  }

  /// Whether the user sees any row of an object at all.
  func hasRows(_ object: String) async throws -> Bool {
    let path = dataPath + "/query?q=" + "SELECT Id FROM \(object) LIMIT 1".percentEncoded()
    let page = try QueryPage(json: await queryPage(path, naming: []).body, columns: SalesforceRow.Columns(["Id"]))
    return page.totalSize > 0 || !page.records.isEmpty
  }

  private static func withoutHost(_ url: String) -> String {
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), let start = url.firstRange(of: "/services/data/")
    else {
      return url
    }
    return String(url[start.lowerBound...])
  }

  /// Repeats what the org could not do just now: these come as 400, which nobody else repeats.
  private func queryPage(_ path: String, naming names: [String]) async throws -> HTTPResponse {
    try await repeating({ $0.isPassingForReaders }, "a Salesforce query") { try await send(.get, path, naming: names) }
  }

  /// Repeats a request that was refused for a moment.
  private func repeating(
    _ isPassing: (SalesforceRefusal) -> Bool, _ what: String, _ send: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    var attempt = 1
    while true {
      do {
        return try await send()
      } catch let error as SalesforceRefusal where isPassing(error) && attempt < 5 {
        try await api.wait(.milliseconds(500) * (1 << attempt), for: what)
        attempt += 1
      }
    }
  }

  /// - Parameter names: Names of ours that a refusal may be about.
  /// - Throws: ``SalesforceRefusal`` for an answer that is neither success nor accepted.
  func send(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json",
    isIdempotent: Bool = true, accepting: Set<Int> = [], grace: Duration = .zero, maximumResponseBytes: Int? = nil,
    naming names: [String] = []
  ) async throws -> HTTPResponse {
    // Too many at once: nothing was done, so even a write may be sent again.
    try await repeating({ $0.isTooManyAtOnce }, "Salesforce, which has too many requests at once") {
      try await sendOnce(
        method, path, body: body, contentType: contentType, isIdempotent: isIdempotent, accepting: accepting,
        grace: grace, maximumResponseBytes: maximumResponseBytes, naming: names)
    }
  }

  private func sendOnce(
    _ method: HTTPMethod, _ path: String, body: [UInt8]?, contentType: String, isIdempotent: Bool, accepting: Set<Int>,
    grace: Duration, maximumResponseBytes: Int?, naming names: [String]
  ) async throws -> HTTPResponse {
    // Paths come from answers too; behind a host, ".elsewhere.example" or "@elsewhere.example" would be another one.
    guard path.hasPrefix("/services/data/") else {
      throw SourceError(.malformed, "Salesforce named a path outside of its API")
    }
    var access = try await self.access(replacing: nil)
    var isRenewed = false
    while true {
      var headers: HTTPFields = [
        "Authorization": "Bearer \(access.token)",
        "Accept": contentType == "text/csv" ? "text/csv" : "application/json",
      ]
      if body != nil {
        headers.append("Content-Type", contentType == "text/csv" ? "text/csv; charset=UTF-8" : contentType)
      }
      var request = HTTPRequest(
        method, access.instanceURL + path, headers: headers, body: body, timeout: .seconds(120))
      request.label = Self.label(path)
      if let maximumResponseBytes { request.maximumResponseBytes = maximumResponseBytes }
      let response = try await api.send(request, isIdempotent: isIdempotent, grace: grace)
      if response.status == 401, !isRenewed {
        access = try await self.access(replacing: access.token)
        isRenewed = true
        continue
      }
      if response.isSuccess || accepting.contains(response.status) { return response }
      let item = (try? response.decode([ErrorItem].self))?.first
      throw SalesforceRefusal(
        status: response.status, code: VendorCode(item?.errorCode)?.description, request: request.description,
        names: names.filter { item?.message?.contains($0) ?? false },
        isDaily: item?.message?.contains("TotalRequests") ?? false)
    }
  }

  /// The path as messages name it: without queries, and without what an answer put into it.
  private static func label(_ path: String) -> String {
    let names = path.prefix { $0 != "?" }.split(separator: "/").prefix(8).map { name in
      name.utf8.count <= 40 && name.utf8.allSatisfy { $0 != UInt8(ascii: "@") && (33...126).contains($0) }
        ? String(name) : "…"
    }
    return "/" + names.joined(separator: "/")
  }
}

/// The org's "no" to a request.
struct SalesforceRefusal: Error, Sendable, CustomStringConvertible {
  let status: Int
  let code: String?
  let request: String
  /// Names of ours that it speaks of.
  var names: [String] = []
  /// Whether the day's requests are used up.
  var isDaily = false

  /// Requests or long transactions at the same time, of all users together; only `TotalRequests` is the day's limit.
  var isTooManyAtOnce: Bool { code == "REQUEST_LIMIT_EXCEEDED" && !isDaily }

  /// What a query may be asked again after.
  var isPassingForReaders: Bool {
    ["QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"].contains(code)
  }

  /// Whether a wrapped column may be what is refused.
  var isAboutSelection: Bool { status == 400 && ["MALFORMED_QUERY", "INVALID_FIELD"].contains(code) }

  var description: String {
    let reason = "HTTP \(status)\(code.map { " " + $0 } ?? "")"
    let fields = names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
    switch code {
    case "REQUEST_LIMIT_EXCEEDED":
      return isDaily
        ? "Salesforce's API requests for today are used up (\(reason)); run again later"
        : "Salesforce has too many requests at the same time, of all users together (\(reason)); run again later"
    case "INVALID_FIELD" where !names.isEmpty:
      return
        "Salesforce can't query \(names.joined(separator: ", ")) (\(reason)), though it describes it; an encrypted field can't be filtered by"
    default:
      return status == 401
        ? "Salesforce refused the session again after a new login (\(reason))"
        : "Salesforce refused \(request) (\(reason)\(fields))"
    }
  }
}
