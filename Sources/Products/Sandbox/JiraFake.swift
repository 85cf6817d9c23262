import Concurrency
import Foundation
import HTTPClient
import Time

/// A fake of Jira Cloud: `search/jql`, bulk changelogs, components. The old search answers 410, as the real one does.
final class JiraFake: Sendable {
  static let email = "sandbox@sandbox.example"
  static let token = "sandbox-jira-token"

  private let world: SandboxWorld
  private let time: TimeSource
  private let months = Lock<[Period: [FakeIssue]]>([:])
  /// Found issues by query and day.
  private let searches = Lock<[String: [FakeIssue]]>([:])

  init(world: SandboxWorld, time: TimeSource) {
    self.world = world
    self.time = time
  }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    let login = Data("\(Self.email):\(Self.token)".utf8).base64EncodedString()
    guard request.headers["Authorization"] == "Basic \(login)" else {
      return error(401, "Client must be authenticated to access this resource.")
    }
    let segments = target.segments.dropFirst(3).map { $0 }
    guard target.path.hasPrefix("/rest/api/3/") || target.path.hasPrefix("/rest/api/2/") else {
      return error(404, "not found")
    }
    switch (request.method, segments) {
    case (.get, ["myself"]): return SandboxJSON.response(["accountId": "sandbox", "active": true])
    case (_, ["search"]):
      return error(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
      )
    case (.get, ["project", segments.dropFirst().first ?? "", "components"]):
      guard SandboxWorld.projects.contains(segments[1]) else {
        return error(404, "No project could be found with key '\(segments[1])'.")
      }
      if world.has(.jiraComponentsHidden) { return SandboxJSON.response([Any]()) }
      let components = world.accounts.filter { $0.project == segments[1] && $0.peculiarity != .unknownComponent }
      let others = world.unmapped.organisations.compactMap(\.component).filter { $0.id.hasPrefix(segments[1] + "/") }
      return SandboxJSON.response(
        components.map { ["id": "\(10_000 + $0.index)", "name": $0.component] }
          + others.enumerated().map { ["id": "\(20_000 + $0)", "name": $1.name] })
    case (.get, ["project", "search"]):
      let start = Int(target.query["startAt"] ?? "") ?? 0
      let size = min(Int(target.query["maxResults"] ?? "") ?? 50, 50)
      let page = SandboxWorld.projects.dropFirst(start).prefix(size)
      return SandboxJSON.response([
        "values": page.map { ["key": $0, "name": "Project \($0)"] }, "startAt": start, "maxResults": size,
        "total": SandboxWorld.projects.count, "isLast": start + page.count >= SandboxWorld.projects.count,
      ])
    case (.get, ["project", segments.dropFirst().first ?? "", "statuses"]):
      guard SandboxWorld.projects.contains(segments[1]) else {
        return error(404, "No project could be found with key '\(segments[1])'.")
      }
      return SandboxJSON.response([
        ["id": "10001", "name": "Task", "statuses": [Any]()] as [String: Any],
        ["id": "10004", "name": FakeIssue.typeName(segments[1], world), "statuses": [Any]()],
      ])
    case (.get, ["priority"]):
      return SandboxJSON.response(
        FakeIssue.priorities.map { ["id": $0.id, "name": FakeIssue.priorityName($0.name, world)] })
    case (.get, ["status"]):
      return SandboxJSON.response([
        ["id": "3", "name": "In Progress"], ["id": "4", "name": "Reopened"], ["id": "10001", "name": "Done"],
      ])
    case (.post, ["search", "jql"]): return search(SandboxJSON.object(request.body))
    case (.post, ["changelog", "bulkfetch"]): return changelogs(SandboxJSON.object(request.body))
    default: return error(404, "not found")
    }
  }

  private func error(_ status: Int, _ message: String) -> HTTPResponse {
    SandboxJSON.response(["errorMessages": [message], "errors": [String: Any]()], status: status)
  }

  private func search(_ body: [String: Any]) -> HTTPResponse {
    let jql = body["jql"] as? String ?? ""
    let key = "\(now.date) \(jql)"
    let found: [FakeIssue]
    if let known = searches.withLock({ $0[key] }) {
      found = known
    } else {
      let condition: FakeCondition
      do {
        var parser = try FakeQueryParser(jql)
        condition = try parser.condition()
      } catch {
        return self.error(
          400, "Error in the JQL Query: \((error as? FakeQueryParser.Failure)?.message ?? "unreadable")")
      }
      if let problem = unknownValue(condition) { return error(400, problem) }
      found = issues(for: condition).filter(filter(condition))
      searches.withLock { $0[key] = found }
    }
    // A page may be shorter than asked for.
    let size = world.has(.jiraContradicting) ? 20 : min(body["maxResults"] as? Int ?? 50, 100)
    let offset = (body["nextPageToken"] as? String).flatMap { Int($0.dropFirst(1)) } ?? 0
    let page = found.dropFirst(offset).prefix(size)
    let fields = body["fields"] as? [String] ?? []
    let end = offset + page.count
    let now = now
    return SandboxJSON.written { json in
      json.object { json in
        json.key("issues")
        json.list { json in
          for issue in page { issue.write(to: &json, fields: fields, now: now, world) }
        }
        json.key("isLast")
        json.write(end >= found.count || world.has(.jiraContradicting))
        if end < found.count { json.field("nextPageToken", "p\(end)") }
      }
    }
  }

  private func unknownValue(_ condition: FakeCondition) -> String? {
    switch condition {
    case .all(let parts), .any(let parts): return parts.compactMap(unknownValue).first
    case .compare(let field, _, let values) where field.lowercased() == "project":
      return values.first {
        !SandboxWorld.projects.contains($0.uppercased()) || ($0 == "KEYS" && world.has(.jiraProjectRefused))
      }
      .map { "The value '\($0)' does not exist for the field 'project'." }
    case .changed(let status, _, _):
      return status.lowercased() == "reopened" ? nil : "The value '\(status)' does not exist for the field 'status'."
    default: return nil
    }
  }

  private var now: Timestamp { time.now }

  /// The bugs of all months that a query can match.
  private func issues(for condition: FakeCondition) -> [FakeIssue] {
    let earliest = condition.values.compactMap { Timestamp(iso8601: $0) }.min() ?? world.period.start
    var month = Period(containing: earliest).advanced(by: -5)
    var issues: [FakeIssue] = []
    while month.start < now, month <= world.period.advanced(by: 24) {
      issues += self.issues(in: month)
      month = month.advanced(by: 1)
    }
    return issues.filter { $0.createdAt < now }
  }

  private func issues(in month: Period) -> [FakeIssue] {
    months.withLock { months in
      if let known = months[month] { return known }
      let made = world.accounts.flatMap { FakeIssue.all(of: $0, in: month, world: world) }
      months[month] = made
      return made
    }
  }

  /// The condition as a function, so that its values are parsed once for many issues.
  private func filter(_ condition: FakeCondition) -> (FakeIssue) -> Bool {
    switch condition {
    case .all(let parts):
      let filters = parts.map(filter)
      return { issue in filters.allSatisfy { $0(issue) } }
    case .any(let parts):
      let filters = parts.map(filter)
      return { issue in filters.contains { $0(issue) } }
    case .changed(_, let from, let until):
      guard let from = Timestamp(iso8601: from), let until = Timestamp(iso8601: until) else { return { _ in false } }
      return { issue in issue.reopenedAt.map { $0 >= from && $0 < until } ?? false }
    case .compare(let field, let sign, let values):
      let now = now
      switch field.lowercased() {
      case "project": return { values.contains($0.project) }
      case "issuetype":
        let world = world
        return { values.contains(FakeIssue.typeName($0.project, world)) || values.contains("10004") }
      case "statuscategory": return { issue in (issue.resolvedAt.map { $0 > now } ?? true) == (sign == "!=") }
      case "created": return within(sign, values[0]) { $0.createdAt }
      case "updated":
        return within(sign, values[0]) { issue in
          [issue.createdAt, issue.resolvedAt, issue.reopenedAt].compactMap(\.self).filter { $0 <= now }.max()
        }
      case "resolved":
        let isUnresolved = world.has(.jiraUnresolved)
        let resolved = { (issue: FakeIssue) in
          isUnresolved ? nil : issue.resolvedAt.flatMap { $0 <= now ? $0 : nil }
        }
        return sign == "IS EMPTY" ? { resolved($0) == nil } : within(sign, values[0], resolved)
      default: return { _ in false }
      }
    }
  }

  private func within(
    _ sign: String, _ value: String, _ instant: @escaping (FakeIssue) -> Timestamp?
  ) -> (FakeIssue) -> Bool {
    guard let bound = Timestamp(iso8601: value) else { return { _ in false } }
    switch sign {
    case ">=": return { issue in instant(issue).map { $0 >= bound } ?? false }
    case "<": return { issue in instant(issue).map { $0 < bound } ?? false }
    default: return { instant($0) == bound }
    }
  }

  private func changelogs(_ body: [String: Any]) -> HTTPResponse {
    let ids = Set(body["issueIdsOrKeys"] as? [String] ?? [])
    guard ids.count <= 1000 else { return error(400, "too many issues") }
    let logs = ids.compactMap { Int($0) }.sorted().compactMap { id -> [String: Any]? in
      guard let issue = issue(id), let at = issue.reopenedAt else { return nil }
      return [
        "issueId": "\(id)",
        "changeHistories": [
          [
            "id": "1", "created": at.jiraText,
            "items": [
              [
                "field": "status", "fieldId": "status", "fieldtype": "jira", "from": "10001", "fromString": "Done",
                "to": "4", "toString": world.has(.jiraTranslated) ? "\u{91CD}\u{65B0}\u{6253}\u{5F00}" : "Reopened",
              ]
            ],
          ]
        ],
      ]
    }
    return SandboxJSON.response(["issueChangeLogs": logs, "nextPageToken": NSNull()])
  }

  /// The issue with an id, which contains its month, account and number; nil if there is none.
  private func issue(_ id: Int) -> FakeIssue? {
    let (month, account) = (id / 1_000_000, id % 1_000_000 / 20)
    guard month > 12, world.accounts.indices.contains(account) else { return nil }
    return FakeIssue.all(
      of: world.accounts[account], in: Period(year: (month - 1) / 12, month: (month - 1) % 12 + 1), world: world
    ).first { $0.id == id }
  }
}

extension Timestamp {
  /// `2026-10-03T09:15:27.123+0000`, as Jira and Salesforce write it.
  var jiraText: String {
    let text = Timestamp(milliseconds: milliseconds - milliseconds % 1000).description.dropLast()
    return "\(text).\(padded(Int(milliseconds % 1000), to: 3))+0000"
  }
}
