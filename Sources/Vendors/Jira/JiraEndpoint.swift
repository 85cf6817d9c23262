import Formats
import FoundationEssentials
import HTTPClient

/// Jira Cloud, or Jira Server and Data Center. Their searches differ.
public enum JiraFlavour: Sendable {
  /// Searches by `search/jql`, with page tokens. The older `search` is removed (410).
  case cloud
  /// Server and Data Center. Searches by `search`, with offsets; `search/jql` and API version 3 do not exist there.
  case server

  /// Path of the API's version that all calls begin with.
  var api: String { self == .cloud ? "/rest/api/3" : "/rest/api/2" }
}

/// The Jira API calls that this module makes.
///
/// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
enum JiraEndpoint {
  /// `GET /myself`: the user of the token.
  case myself(JiraFlavour)
  /// `GET /project/search`, 50 on a page; Server and Data Center list all at once.
  case projects(start: Int, JiraFlavour)
  /// `GET /project/{key}/components`.
  case components(project: String, JiraFlavour)
  /// `GET /project/{key}/statuses`: a project's issue types, each with its statuses.
  case types(project: String, JiraFlavour)
  /// `GET /priority`.
  case priorities(JiraFlavour)
  /// `GET /status`.
  case statuses(JiraFlavour)
  /// `POST /search/jql` by token, or `POST /search` by offset.
  case search(JiraQuery, position: Position, JiraFlavour)
  /// `POST /changelog/bulkfetch`: the status changes of issues, by id. Jira Cloud only.
  case changelogs(issues: [String], pageToken: String?)

  /// Where a page begins.
  enum Position {
    /// Of Jira Cloud; nil for the first page.
    case token(String?)
    /// Of Server and Data Center, from 0.
    case offset(Int)
  }

  /// Issues on one page of a search.
  static let pageSize = 100
  /// The most issues that one bulk fetch of changelogs may name.
  static let maximumChangelogIssues = 1000

  /// The request, with the login as a header: basic, or a bearer token where the e-mail address is empty.
  ///
  /// - Throws: What encoding the body as JSON throws.
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
    case .projects(_, .server): return get(JiraFlavour.server.api + "/project")
    case .projects(let start, let flavour):
      return get(flavour.api + "/project/search?" + .query(["startAt": "\(start)", "maxResults": "50"]))
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
