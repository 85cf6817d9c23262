import Formats
import FoundationEssentials
import HTTPClient

/// Which of Jira's two lines a site runs; they search differently.
public enum JiraFlavour: Sendable {
  /// `search/jql` with page tokens; `search` is gone (410).
  case cloud
  /// `search` with offsets; there is no `search/jql` and no version 3.
  case server

  var api: String { self == .cloud ? "/rest/api/3" : "/rest/api/2" }
}

/// The calls that are made.
///
/// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
enum JiraEndpoint {
  case myself(JiraFlavour)
  case components(project: String, JiraFlavour)
  /// A project's issue types, each with its statuses.
  case types(project: String, JiraFlavour)
  case priorities(JiraFlavour)
  case statuses(JiraFlavour)
  case search(JiraQuery, position: Position, JiraFlavour)
  case changelogs(issues: [String], pageToken: String?)

  /// Where a page begins.
  enum Position {
    case token(String?)
    case offset(Int)
  }

  static let pageSize = 100
  /// The most issues that one bulk fetch of changelogs may name.
  static let maximumChangelogIssues = 1000

  func request(_ credentials: JiraCredentials) throws -> HTTPRequest {
    let login = Data("\(credentials.email.text):\(credentials.token.text)".utf8).base64EncodedString()
    let headers: HTTPFields = [
      "Authorization": credentials.isPersonalAccessToken ? "Bearer \(credentials.token.text)" : "Basic \(login)",
      "Accept": "application/json", "Content-Type": "application/json",
    ]
    func get(_ path: String) -> HTTPRequest { HTTPRequest(.get, credentials.baseURL + path, headers: headers) }
    func post(_ path: String, _ body: some Encodable) throws -> HTTPRequest {
      HTTPRequest(.post, credentials.baseURL + path, headers: headers, body: try JSONBody.encode(body))
    }
    switch self {
    case .myself(let flavour): return get(flavour.api + "/myself")
    case .components(let project, let flavour):
      return get(flavour.api + "/project/\(project.percentEncoded())/components")
    case .types(let project, let flavour):
      return get(flavour.api + "/project/\(project.percentEncoded())/statuses")
    case .priorities(let flavour): return get(flavour.api + "/priority")
    case .statuses(let flavour): return get(flavour.api + "/status")
    case .search(let query, .token(let token), let flavour):
      return try post(
        flavour.api + "/search/jql",
        TokenSearch(jql: query.jql, fields: query.fields, maxResults: Self.pageSize, nextPageToken: token))
    case .search(let query, .offset(let offset), let flavour):
      return try post(
        flavour.api + "/search",
        OffsetSearch(
          jql: query.jql, fields: query.fields, maxResults: Self.pageSize, startAt: offset,
          expand: query.withChangelog ? ["changelog"] : nil))
    case .changelogs(let issues, let token):
      return try post(
        JiraFlavour.cloud.api + "/changelog/bulkfetch",
        ChangelogFetch(issueIdsOrKeys: issues, fieldIds: ["status"], maxResults: 1000, nextPageToken: token))
    }
  }
}

private struct TokenSearch: Encodable {
  let jql: String
  let fields: [String]
  let maxResults: Int
  let nextPageToken: String?
}

private struct OffsetSearch: Encodable {
  let jql: String
  let fields: [String]
  let maxResults: Int
  let startAt: Int
  let expand: [String]?
}

private struct ChangelogFetch: Encodable {
  let issueIdsOrKeys: [String]
  let fieldIds: [String]
  let maxResults: Int
  let nextPageToken: String?
}
