import HTTPClient
import HealthModel

/// Sends calls and follows pages. 401 is final: the token belongs to a person and is not renewed.
struct JiraClient: Sendable {
  let api: APIClient
  let credentials: JiraCredentials

  /// Finds out which Jira this is by asking who we are: a wrong token may otherwise look like a site without issues.
  func flavour() async throws -> JiraFlavour {
    for flavour in [JiraFlavour.cloud, .server] {
      let response = try await send(.myself(flavour), accepting: [404])
      if response.status != 404 { return flavour }
    }
    throw SourceError(
      .refused, "there is no Jira at JIRA_BASE_URL: neither /rest/api/3/myself nor /rest/api/2/myself exists")
  }

  /// Names of a project's components in lower case; nil where the site has no such project.
  func components(ofProject project: String, _ flavour: JiraFlavour) async throws -> Set<String>? {
    let response = try await send(.components(project: project, flavour), accepting: [403, 404])
    switch response.status {
    case 404: return nil
    case 403: throw SourceError(.refused, "Jira refused access to the project \(project) (HTTP 403)")
    default: return Set(try response.decode([Component].self).map { $0.name.lowercased() })
    }
  }

  /// All issues that match, each once.
  func issues(
    jql: String, fields: [String], withChangelog: Bool = false, _ flavour: JiraFlavour, received: inout Received
  ) async throws -> [Issue] {
    var issues: [Issue] = []
    var ids: Set<String> = []
    var tokens: Set<String> = []
    var pagesWithoutNews = 0
    var position = flavour == .cloud ? JiraEndpoint.Position.token(nil) : .offset(0)
    while true {
      let page = try await send(
        .search(jql: jql, fields: fields, position: position, withChangelog: withChangelog, flavour)
      ).decode(IssuePage.self)
      received.pages += 1
      let known = ids.count
      for issue in page.issues {
        if ids.insert(issue.id).inserted { issues.append(issue) } else { received.skip("duplicate") }
      }
      pagesWithoutNews = ids.count > known ? 0 : pagesWithoutNews + 1
      switch position {
      case .token:
        guard let token = page.nextPageToken, !token.isEmpty, page.isLast != true else {
          guard page.isLast != false else {
            throw SourceError(.malformed, "Jira gave no next page of an unfinished search")
          }
          return issues
        }
        guard tokens.insert(token).inserted, pagesWithoutNews < 3 else {
          throw SourceError(.malformed, "Jira repeated a page; the search would never end")
        }
        position = .token(token)
      case .offset(let offset):
        let next = offset + page.issues.count
        let total = page.total ?? next
        if next < total, !page.issues.isEmpty {
          position = .offset(next)
          continue
        }
        received.announced = (received.announced ?? 0) + total
        guard issues.count >= total else {
          throw SourceError(.unavailable, "Jira announced \(total) issues but gave \(issues.count)")
        }
        return issues
      }
    }
  }

  /// Status histories of issues, by issue id.
  func histories(of issues: [String], received: inout Received) async throws -> [String: [History]] {
    var histories: [String: [History]] = [:]
    for start in stride(from: 0, to: issues.count, by: JiraEndpoint.maximumChangelogIssues) {
      let chunk = Array(issues[start..<min(start + JiraEndpoint.maximumChangelogIssues, issues.count)])
      var tokens: Set<String> = []
      var token: String?
      repeat {
        let page = try await send(.changelogs(issues: chunk, pageToken: token)).decode(ChangelogPage.self)
        received.pages += 1
        for log in page.issueChangeLogs { histories[log.issueId, default: []] += log.changeHistories }
        token = page.nextPageToken.flatMap { $0.isEmpty ? nil : $0 }
        if let token, !tokens.insert(token).inserted {
          throw SourceError(.malformed, "Jira repeated a page token; the changelogs would never end")
        }
      } while token != nil
    }
    return histories
  }

  private func send(_ endpoint: JiraEndpoint, accepting: Set<Int> = []) async throws -> HTTPResponse {
    let request = try endpoint.request(credentials)
    let response = try await api.send(request)
    if response.isSuccess || accepting.contains(response.status) { return response }
    switch response.status {
    case 401, 403:
      throw SourceError(
        .refused,
        "Jira refused the login (HTTP \(response.status)); check JIRA_EMAIL and JIRA_API_TOKEN (tokens expire after a year at most)"
      )
    case 410:
      throw SourceError(
        .malformed,
        "Jira has removed \(request) (HTTP 410): this site is Jira Cloud, whose search is /rest/api/3/search/jql; check that JIRA_BASE_URL reaches /rest/api/3"
      )
    case 400:
      let message = (try? response.decode(ErrorMessages.self))?.errorMessages?.first
      throw JiraQueryError(message: message.map { String($0.prefix(200)) })
    default:
      throw SourceError(.malformed, "Jira answered HTTP \(response.status) to \(request)")
    }
  }
}

/// Jira does not accept a query: a name in it does not exist on this site.
struct JiraQueryError: Error, CustomStringConvertible {
  let message: String?

  var description: String { "Jira does not accept a query: \(message ?? "no reason given")" }
}
