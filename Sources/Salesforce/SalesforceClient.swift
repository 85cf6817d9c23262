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
      for: login.credentials, isUsable: { $0.token != stale }, login: { try await login.perform() })
  }

  /// What an object has; nil where the org has no such object, or none that this user may see.
  func describe(_ object: String) async throws -> ObjectDescription? {
    let response = try await send(.get, dataPath + "/sobjects/\(object.percentEncoded())/describe", accepting: [404])
    return response.status == 404 ? nil : try response.decode(ObjectDescription.self)
  }

  /// All rows of a query, each id once.
  ///
  /// - Parameter includesArchived: Asks `queryAll`, which gives deleted rows too.
  func rows(
    _ soql: String, includesArchived: Bool = false, received: inout Received
  ) async throws -> [SalesforceRow] {
    // Commas, quotes and parentheses may stand in a query and keep long lists of ids short.
    let query = soql.percentEncoded(keeping: ",'()")
    var path: String? = dataPath + (includesArchived ? "/queryAll" : "/query") + "?q=" + query
    var rows: [SalesforceRow] = []
    var ids: Set<String> = []
    var seen: Set<String> = []
    var total = 0
    while let current = path {
      guard seen.insert(current).inserted else {
        throw SourceError(.malformed, "Salesforce repeated a page; the query would never end")
      }
      let page = try await queryPage(current)
      received.pages += 1
      total = page.totalSize
      for row in page.records {
        if let id = row["Id"]?.text, !ids.insert(id).inserted {
          received.skip("duplicate")
          continue
        }
        rows.append(row)
      }
      guard page.done || page.nextRecordsUrl != nil else {
        throw SourceError(.malformed, "Salesforce gave no next page of an unfinished query")
      }
      path = page.done ? nil : page.nextRecordsUrl
    }
    received.announced = (received.announced ?? 0) + total
    guard rows.count >= total else {
      throw SourceError(.unavailable, "Salesforce announced \(total) rows but gave \(rows.count)")
    }
    return rows
  }

  /// Repeats what the org could not do just now: these come as 400, which nobody else repeats.
  private func queryPage(_ path: String) async throws -> QueryPage {
    var attempt = 1
    while true {
      do {
        return try await send(.get, path).decode(QueryPage.self)
      } catch let error as SalesforceRefusal where error.isTransient && attempt < 4 {
        try await api.wait(.milliseconds(250) * (1 << attempt), for: "a Salesforce query")
        attempt += 1
      }
    }
  }

  /// - Throws: ``SalesforceRefusal`` for an answer that is neither success nor accepted.
  func send(
    _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json",
    isIdempotent: Bool = true, accepting: Set<Int> = []
  ) async throws -> HTTPResponse {
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
      let response = try await api.send(
        HTTPRequest(method, access.instanceURL + path, headers: headers, body: body, timeout: .seconds(120)),
        isIdempotent: isIdempotent)
      if response.status == 401, !isRenewed {
        access = try await self.access(replacing: access.token)
        isRenewed = true
        continue
      }
      if response.isSuccess || accepting.contains(response.status) { return response }
      let code = (try? response.decode([ErrorItem].self))?.first?.errorCode
      throw SalesforceRefusal(
        status: response.status, code: code.map { String($0.prefix(60)) },
        request: "\(method.rawValue) \(path.prefix { $0 != "?" })")
    }
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
