import Connectors
import Formats
import HTTPClient

/// Sends calls to Jira and reads their pages. HTTP 401 is final: the token belongs to a person and can't be renewed.
///
/// All calls throw ``SourceError`` (`refused` for HTTP 401 and 403, `malformed` for another status that is not
/// expected), ``JiraQueryError`` for HTTP 400, `JSONBodyError` for a body that is not expected, and what ``APIClient``
/// throws.
///
/// Throws ``SourceError`` of kind `refused` or `malformed` and ``JiraQueryError`` where another try does not help,
/// `RequestFailure` where retries are used up, `JSONBodyError` for an answer that is not the documented JSON.
public struct JiraClient: Sendable {
  private let api: APIClient
  private let credentials: JiraCredentials

  public init(api: APIClient, credentials: JiraCredentials) {
    self.api = api
    self.credentials = credentials
  }

  /// Finds out whether the site is Jira Cloud, by asking for the user of the token. This also checks the token:
  /// searches with a wrong one may look like a site without issues.
  ///
  /// - Throws: Also ``SourceError`` of kind `refused` where there is no Jira at the URL.
  public func flavour() async throws -> JiraFlavour {
    for flavour in [JiraFlavour.cloud, .server] {
      let response = try await send(.myself(flavour), accepting: [404])
      if response.status != 404 { return flavour }
    }
    throw SourceError(
      .refused, "there is no Jira at JIRA_BASE_URL: neither /rest/api/3/myself nor /rest/api/2/myself exists")
  }

  /// Names of a project's components, as `comparisonKey`; nil where the site has no such project (404).
  public func components(ofProject project: String, _ flavour: JiraFlavour) async throws -> Set<String>? {
    let response = try await send(.components(project: project, flavour), accepting: [403, 404])
    switch response.status {
    case 404: return nil
    case 403: throw SourceError(.refused, "Jira refused access to the project \(project) (HTTP 403)")
    default: return Set(try response.decode([Component].self).map { $0.name.comparisonKey })
    }
  }

  /// All projects that the user may see.
  public func projects(_ flavour: JiraFlavour) async throws -> [JiraProject] {
    guard flavour == .cloud else { return try await send(.projects(start: 0, flavour)).decode([JiraProject].self) }
    var projects: [JiraProject] = []
    var pager = Pager(.jira)
    while true {
      let page = try await send(.projects(start: projects.count, flavour)).decode(ProjectPage.self)
      projects += page.values
      if page.values.isEmpty || page.isLast ?? true { return projects }
      try pager.follow("\(projects.count)", rows: projects.count)
    }
  }

  /// A project's components; nil where the user may not see them (403, 404).
  public func componentList(ofProject project: String, _ flavour: JiraFlavour) async throws -> [JiraComponent]? {
    let response = try await send(.components(project: project, flavour), accepting: [403, 404])
    return response.isSuccess ? try response.decode([JiraComponent].self) : nil
  }

  /// A project's issue types; nil where the site does not list them.
  public func issueTypes(ofProject project: String, _ flavour: JiraFlavour) async throws -> [JiraName]? {
    try await names(.types(project: project, flavour))
  }

  /// The site's priorities; nil where it does not list them.
  public func priorities(_ flavour: JiraFlavour) async throws -> [JiraName]? { try await names(.priorities(flavour)) }

  /// The site's statuses; nil where it does not list them.
  public func statuses(_ flavour: JiraFlavour) async throws -> [JiraName]? { try await names(.statuses(flavour)) }

  private func names(_ endpoint: JiraEndpoint) async throws -> [JiraName]? {
    let response = try await send(endpoint, accepting: [404, 410])
    guard response.isSuccess else { return nil }
    return try (try? response.decode([JiraName].self)) ?? response.decode(NamePage.self).values
  }

  /// Calls `use` for each issue that matches, each id once, page by page.
  ///
  /// - Parameters:
  ///   - query: What is asked, and the names in it that the site may not know.
  ///   - received: Incomplete where an error is thrown.
  ///   - use: Notes in `received` whether it used the issue.
  public func issues(
    _ query: JiraQuery, _ flavour: JiraFlavour, received: inout Received, _ use: (JiraIssue, inout Received) -> Void
  ) async throws {
    var ids: Set<String> = []
    var pager = Pager(.jira)
    var others = 0
    var position = flavour == .cloud ? JiraEndpoint.Position.token(nil) : .offset(0)
    while true {
      let current = position
      let page = try await askingTwice {
        try await send(.search(query, position: current, flavour), naming: query.names).decode(IssuePage.self)
      }
      received.pages += 1
      for issue in page.issues.map(\.value) {
        guard let issue, issue.id != nil || issue.project != nil else {
          others += 1
          received.skip(Received.malformed)
          continue
        }
        // Without an id, a duplicate can't be recognised. The project of the issue still shows whose metrics are
        // unavailable.
        if issue.id == nil { others += 1 }
        if issue.id.map({ ids.insert($0).inserted }) ?? true {
          use(issue, &received)
        } else {
          received.skip("duplicate")
        }
      }
      switch position {
      case .token:
        // A token means that there is another page, even where `isLast` is true.
        guard let token = page.nextPageToken, !token.isEmpty else {
          guard page.isLast != false else {
            throw SourceError(.malformed, "Jira gave no next page of an unfinished search")
          }
          return
        }
        try pager.follow(token, rows: ids.count)
        position = .token(token)
      case .offset(let offset):
        guard let total = page.total else {
          throw SourceError(.malformed, "Jira did not say how many issues there are")
        }
        let next = offset + page.issues.count
        if next < total, !page.issues.isEmpty {
          try pager.follow("\(next)", rows: ids.count)
          position = .offset(next)
          continue
        }
        return try received.announce(total, came: ids.count + others, by: .jira)
      }
    }
  }

  /// Status changes of issues, by issue id. Jira Cloud only.
  public func histories(of issues: [String], received: inout Received) async throws -> [String: [JiraHistory]] {
    var histories: [String: [JiraHistory]] = [:]
    for start in stride(from: 0, to: issues.count, by: JiraEndpoint.maximumChangelogIssues) {
      let chunk = Array(issues[start..<min(start + JiraEndpoint.maximumChangelogIssues, issues.count)])
      let wanted = Set(chunk)
      var pager = Pager(.jira)
      var count = 0
      var token: String?
      repeat {
        let current = token
        let page = try await askingTwice {
          try await send(.changelogs(issues: chunk, pageToken: current)).decode(ChangelogPage.self)
        }
        received.pages += 1
        let logs = page.issueChangeLogs.filter { wanted.contains($0.issueId) }
        for log in logs { histories[log.issueId, default: []] += log.changeHistories }
        count += logs.count
        token = page.nextPageToken.flatMap { $0.isEmpty ? nil : $0 }
        if let token { try pager.follow(token, rows: count) }
      } while token != nil
    }
    return histories
  }

  /// - Parameter names: Names in a query that the site may not know.
  private func send(
    _ endpoint: JiraEndpoint, accepting: Set<Int> = [], naming names: [String] = []
  ) async throws -> HTTPResponse {
    let request = try endpoint.request(credentials)
    let response = try await api.send(request)
    if response.isSuccess || accepting.contains(response.status) { return response }
    switch response.status {
    case 401, 403:
      throw SourceError(
        .refused,
        credentials.isPersonalAccessToken
          ? "Jira refused the login (HTTP \(response.status)); JIRA_EMAIL is empty, so JIRA_API_TOKEN was sent as a personal access token of Server or Data Center: check it, or set JIRA_EMAIL for Jira Cloud"
          : "Jira refused the login (HTTP \(response.status)); check JIRA_EMAIL and JIRA_API_TOKEN (tokens of Cloud expire after a year at most; a personal access token of Server or Data Center needs an empty JIRA_EMAIL)"
      )
    case 410:
      throw SourceError(
        .malformed,
        "Jira has removed \(request) (HTTP 410): this site is Jira Cloud, whose search is /rest/api/3/search/jql; check that JIRA_BASE_URL reaches /rest/api/3"
      )
    case 400:
      // Jira's message may quote any data, so only our own names are taken from it.
      let message = (try? response.decode(ErrorMessages.self))?.errorMessages.joined(separator: " ") ?? ""
      throw JiraQueryError(
        names: names.filter { name in ["'", "\""].contains { message.contains($0 + name + $0) } })
    default:
      throw SourceError(.malformed, "Jira answered HTTP \(response.status) to \(request)")
    }
  }
}

/// Jira rejected a query (HTTP 400), most likely because a name in it does not exist on this site.
public struct JiraQueryError: Error, Sendable, CustomStringConvertible {
  /// The names of the query that Jira's message contains; empty where it contains none.
  public let names: [String]

  public var description: String {
    names.isEmpty
      ? "Jira does not accept a query (HTTP 400)" : "Jira does not know \(names.joined(separator: ", ")) (HTTP 400)"
  }
}
