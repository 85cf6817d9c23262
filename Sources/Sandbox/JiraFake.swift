import Foundation
import HTTPClient
import HealthModel

/// Jira Cloud: `search/jql`, bulk changelogs, components; the old search answers 410 as the real one does.
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
      let components = world.accounts.filter { $0.project == segments[1] && $0.peculiarity != .unknownComponent }
      return SandboxJSON.response(components.map { ["id": "\(10_000 + $0.index)", "name": $0.component] })
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
    let size = min(body["maxResults"] as? Int ?? 50, 100)
    let offset = (body["nextPageToken"] as? String).flatMap { Int($0.dropFirst(1)) } ?? 0
    let page = found.dropFirst(offset).prefix(size)
    let fields = body["fields"] as? [String] ?? []
    let end = offset + page.count
    let now = now
    return SandboxJSON.written { json in
      json.object { json in
        json.key("issues")
        json.list { json in
          for issue in page { issue.write(to: &json, fields: fields, now: now) }
        }
        json.key("isLast")
        json.write(end >= found.count)
        if end < found.count { json.field("nextPageToken", "p\(end)") }
      }
    }
  }

  private func unknownValue(_ condition: FakeCondition) -> String? {
    switch condition {
    case .all(let parts), .any(let parts): return parts.compactMap(unknownValue).first
    case .compare(let field, _, let values) where field.lowercased() == "project":
      return values.first { !SandboxWorld.projects.contains($0.uppercased()) }
        .map { "The value '\($0)' does not exist for the field 'project'." }
    case .changed(let status, _, _):
      return status.lowercased() == "reopened" ? nil : "The value '\(status)' does not exist for the field 'status'."
    default: return nil
    }
  }

  private var now: Timestamp { Timestamp(milliseconds: time.wall().inMilliseconds) }

  /// Bugs of the months that a query can reach.
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

  /// The condition with its values read once for many issues.
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
      case "issuetype": return { _ in values.contains("Bug") }
      case "statuscategory": return { issue in (issue.resolvedAt.map { $0 > now } ?? true) == (sign == "!=") }
      case "created": return within(sign, values[0]) { $0.createdAt }
      case "resolved": return within(sign, values[0]) { issue in issue.resolvedAt.flatMap { $0 <= now ? $0 : nil } }
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
                "to": "4", "toString": "Reopened",
              ]
            ],
          ]
        ],
      ]
    }
    return SandboxJSON.response(["issueChangeLogs": logs, "nextPageToken": NSNull()])
  }

  /// An id tells its month, account and number.
  private func issue(_ id: Int) -> FakeIssue? {
    let (month, account) = (id / 1_000_000, id % 1_000_000 / 20)
    guard month > 12, world.accounts.indices.contains(account) else { return nil }
    return FakeIssue.all(
      of: world.accounts[account], in: Period(year: (month - 1) / 12, month: (month - 1) % 12 + 1), world: world
    ).first { $0.id == id }
  }
}

/// A bug of the sandbox.
struct FakeIssue: Sendable {
  let id: Int
  let project: String
  let component: String
  let priority: String
  let createdAt: Timestamp
  let resolvedAt: Timestamp?
  let reopenedAt: Timestamp?

  static func all(of account: SandboxAccount, in month: Period, world: SandboxWorld) -> [FakeIssue] {
    guard account.peculiarity != .justSigned else { return [] }
    var random = SandboxRandom(world.seed, "bugs", "\(account.index)")
    let trouble = 1 - account.quality
    let count = Int((trouble * 5 + random.unit() * 1.5).rounded(.down))
    return (0..<count).map { number in
      let createdAt = month.start.advanced(bySeconds: Int64(random.unit() * 27 * 86_400))
      let days = (3 + trouble * 60) * random.number(0.2...1.5)
      let isReopened = random.isTrue(0.05 + trouble * 0.25)
      return FakeIssue(
        id: (month.year * 12 + month.month) * 1_000_000 + account.index * 20 + number, project: account.project,
        component: account.component,
        priority: random.isTrue(0.1 + trouble * 0.2)
          ? random.pick(["Highest", "Critical"]) : random.pick(["Medium", "Low"]),
        createdAt: createdAt, resolvedAt: createdAt.advanced(bySeconds: Int64(days * 86_400)),
        reopenedAt: isReopened ? createdAt.advanced(bySeconds: Int64(random.number(0...1) * 86_400)) : nil)
    }
  }

  /// Without a list of fields Cloud gives ids only.
  func write(to json: inout JSONWriter, fields: [String], now: Timestamp) {
    let isDone = resolvedAt.map { $0 <= now } ?? false
    json.object { json in
      json.field("id", "\(id)")
      json.field("key", "\(project)-\(id)")
      json.field("self", "https://sandbox.example/rest/api/3/issue/\(id)")
      json.key("fields")
      json.object { json in
        for field in fields { write(field, isDone: isDone, to: &json) }
      }
    }
  }

  private func write(_ field: String, isDone: Bool, to json: inout JSONWriter) {
    func named(_ fields: KeyValuePairs<String, String>) {
      json.object { json in
        for (name, value) in fields { json.field(name, value) }
      }
    }
    guard ["project", "components", "priority", "status", "created", "resolutiondate", "issuetype"].contains(field)
    else { return }
    json.key(field)
    switch field {
    case "project": named(["id": "1", "key": project, "name": project])
    case "components": json.list { json in json.object { $0.field("name", component) } }
    case "priority": named(["id": "1", "name": priority])
    case "status":
      json.object { json in
        let name = isDone ? "Done" : "In Progress"
        json.field("name", name)
        json.key("statusCategory")
        json.object { json in
          json.field("id", 3)
          json.field("key", isDone ? "done" : "indeterminate")
          json.field("name", name)
        }
      }
    case "created": json.write(createdAt.jiraText)
    case "resolutiondate": json.write(isDone ? resolvedAt?.jiraText : nil)
    default: named(["name": "Bug"])
    }
  }
}

extension Timestamp {
  /// `2026-10-03T09:15:27.123+0000`, as Jira and Salesforce write it.
  var jiraText: String {
    let text = Timestamp(milliseconds: milliseconds - milliseconds % 1000).description.dropLast()
    return "\(text).\(padded(Int(milliseconds % 1000), to: 3))+0000"
  }
}
