import Foundation
import HTTPClient
import HealthModel

/// Jira Cloud: `search/jql`, bulk changelogs, components; the old search answers 410 as the real one does.
final class JiraFake: Sendable {
  static let email = "sandbox@sandbox.example"
  static let token = "sandbox-jira-token"

  private let world: SandboxWorld
  private let time: TimeSource

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
    let condition: FakeCondition
    do {
      var parser = try FakeQueryParser(body["jql"] as? String ?? "")
      condition = try parser.condition()
    } catch {
      return self.error(400, "Error in the JQL Query: \((error as? FakeQueryParser.Failure)?.message ?? "unreadable")")
    }
    if let problem = unknownValue(condition) { return error(400, problem) }
    let found = issues(for: condition).filter { issue in condition.matches { matches(issue, $0) } }
    let size = min(body["maxResults"] as? Int ?? 50, 100)
    let offset = (body["nextPageToken"] as? String).flatMap { Int($0.dropFirst(1)) } ?? 0
    let page = found.dropFirst(offset).prefix(size)
    let fields = body["fields"] as? [String] ?? []
    var answer: [String: Any] = [
      "issues": page.map { $0.json(fields: fields, now: now) }, "isLast": offset + page.count >= found.count,
    ]
    if offset + page.count < found.count { answer["nextPageToken"] = "p\(offset + page.count)" }
    return SandboxJSON.response(answer)
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
      for account in world.accounts { issues += FakeIssue.all(of: account, in: month, world: world) }
      month = month.advanced(by: 1)
    }
    return issues.filter { $0.createdAt < now }.sorted { $0.id < $1.id }
  }

  private func matches(_ issue: FakeIssue, _ leaf: FakeCondition) -> Bool {
    switch leaf {
    case .changed(_, let from, let until):
      guard let at = issue.reopenedAt, let from = Timestamp(iso8601: from), let until = Timestamp(iso8601: until) else {
        return false
      }
      return at >= from && at < until
    case .compare(let field, let sign, let values):
      switch field.lowercased() {
      case "project": return values.contains(issue.project)
      case "issuetype": return values.contains("Bug")
      case "statuscategory": return (issue.resolvedAt.map { $0 > now } ?? true) == (sign == "!=")
      case "created": return compare(issue.createdAt, sign, values[0])
      case "resolved": return issue.resolvedAt.map { $0 <= now && compare($0, sign, values[0]) } ?? false
      default: return false
      }
    default: return false
    }
  }

  private func compare(_ instant: Timestamp, _ sign: String, _ value: String) -> Bool {
    guard let bound = Timestamp(iso8601: value) else { return false }
    return sign == ">=" ? instant >= bound : sign == "<" ? instant < bound : instant == bound
  }

  private func changelogs(_ body: [String: Any]) -> HTTPResponse {
    let ids = Set(body["issueIdsOrKeys"] as? [String] ?? [])
    guard ids.count <= 1000 else { return error(400, "too many issues") }
    var logs: [[String: Any]] = []
    var months: Set<Period> = []
    for id in ids {
      guard let number = Int(id), number >= 1_000_000_000 else { continue }
      let month = number / 1_000_000
      months.insert(Period(year: (month - 1) / 12, month: (month - 1) % 12 + 1))
    }
    for month in months.sorted() {
      for account in world.accounts {
        for issue in FakeIssue.all(of: account, in: month, world: world) where ids.contains("\(issue.id)") {
          guard let at = issue.reopenedAt else { continue }
          logs.append([
            "issueId": "\(issue.id)",
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
          ])
        }
      }
    }
    return SandboxJSON.response(["issueChangeLogs": logs, "nextPageToken": NSNull()])
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

  func json(fields: [String], now: Timestamp) -> [String: Any] {
    let isDone = resolvedAt.map { $0 <= now } ?? false
    let all: [String: Any] = [
      "project": ["id": "1", "key": project, "name": project],
      "components": [["id": "1", "name": component]],
      "priority": ["id": "1", "name": priority],
      "status": [
        "name": isDone ? "Done" : "In Progress",
        "statusCategory": ["id": 3, "key": isDone ? "done" : "indeterminate", "name": isDone ? "Done" : "In Progress"],
      ],
      "created": createdAt.jiraText,
      "resolutiondate": isDone ? resolvedAt.map { $0.jiraText as Any } ?? NSNull() : NSNull(),
      "issuetype": ["name": "Bug"],
    ]
    // Without a list of fields Cloud gives ids only.
    return [
      "id": "\(id)", "key": "\(project)-\(id)", "self": "https://sandbox.example/rest/api/3/issue/\(id)",
      "fields": all.filter { fields.contains($0.key) },
    ]
  }
}

extension Timestamp {
  /// `2026-10-03T09:15:27.123+0000`, as Jira and Salesforce write it.
  var jiraText: String {
    let text = Timestamp(milliseconds: milliseconds - milliseconds % 1000).description.dropLast()
    return "\(text).\(padded(Int(milliseconds % 1000), to: 3))+0000"
  }
}
