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

  /// Hands on all rows of a query, each id once, as its pages come.
  ///
  /// - Parameters:
  ///   - columns: What the query selects, `Id` included.
  ///   - includesArchived: Asks `queryAll`, which gives deleted rows too.
  ///   - partial: Incomplete where an error is thrown.
  func rows(
    _ soql: String, columns: [String], includesArchived: Bool = false, into partial: inout SalesforcePartial,
    _ use: (SalesforceRow, inout SalesforcePartial) -> Void
  ) async throws {
    let columns = SalesforceRow.Columns(columns)
    // Commas, quotes and parentheses may stand in a query and keep long lists of ids short.
    let query = soql.percentEncoded(keeping: ",'()")
    var path: String? = dataPath + (includesArchived ? "/queryAll" : "/query") + "?q=" + query
    var count = 0
    var ids: Set<String> = []
    var paging = Paging(.salesforce)
    var total = 0
    while let current = path {
      let page = try await askingTwice { try QueryPage(json: await queryPage(current).body, columns: columns) }
      for row in page.records {
        if let id = row.value("Id")?.text, !ids.insert(id).inserted {
          partial.received.skip("duplicate")
          continue
        }
        count += 1
        use(row, &partial)
      }
      partial.received.pages += 1
      total = page.totalSize
      guard page.isDone || page.nextRecordsPath != nil else {
        throw SourceError(.malformed, "Salesforce gave no next page of an unfinished query")
      }
      // Relative as documented, or with the host that was asked.
      path = page.isDone ? nil : page.nextRecordsPath.map { Self.withoutHost($0) }
      if let path { try paging.follow(path, rows: count) }
    }
    try partial.received.announce(total, by: .salesforce)
    guard count >= total else {
      throw SourceError(.unavailable, "Salesforce announced \(total) rows but gave \(count)")
    }
  }

  private static func withoutHost(_ url: String) -> String {
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), let start = url.firstRange(of: "/services/data/")
    else {
      return url
    }
    return String(url[start.lowerBound...])
  }

  /// Repeats what the org could not do just now: these come as 400, which nobody else repeats.
  private func queryPage(_ path: String) async throws -> HTTPResponse {
    var attempt = 1
    while true {
      do {
        return try await send(.get, path)
      } catch let error as SalesforceRefusal where error.isTransient && attempt < 4 {
        try await api.wait(.milliseconds(250) * (1 << attempt), for: "a Salesforce query")
        attempt += 1
      }
    }
  }

  /// - Throws: ``SalesforceRefusal`` for an answer that is neither success nor accepted.
  func send(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json",
    isIdempotent: Bool = true, accepting: Set<Int> = [], grace: Duration = .zero, maximumResponseBytes: Int? = nil
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
      let code = VendorCode((try? response.decode([ErrorItem].self))?.first?.errorCode)
      throw SalesforceRefusal(status: response.status, code: code?.description, request: request.description)
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

  var isTransient: Bool { code == "QUERY_TIMEOUT" || code == "UNABLE_TO_LOCK_ROW" }

  /// An object or field that the org lacks, or hides: the two look alike.
  var isMissingSchema: Bool { code == "INVALID_TYPE" || code == "INVALID_FIELD" }

  var description: String {
    let reason = "HTTP \(status)\(code.map { " " + $0 } ?? "")"
    switch code {
    case "REQUEST_LIMIT_EXCEEDED":
      return "Salesforce's API requests for today are used up (\(reason)); run again later"
    default:
      return status == 401
        ? "Salesforce refused the session again after a new login (\(reason))"
        : "Salesforce refused \(request) (\(reason))"
    }
  }
}
