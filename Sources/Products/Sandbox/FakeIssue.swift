import Formats
import Time

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

  static let priorities = [
    (id: "1", name: "Highest"), (id: "2", name: "Critical"), (id: "3", name: "Medium"), (id: "4", name: "Low"),
  ]

  static func priorityName(_ name: String, _ world: SandboxWorld) -> String {
    guard world.has(.jiraTranslated) else { return name }
    return ["Highest": "H\u{F6}chste", "Critical": "Kritisch", "Medium": "Mittel", "Low": "Niedrig"][name] ?? name
  }

  static func typeName(_ project: String, _ world: SandboxWorld) -> String {
    world.has(.jiraOtherType) && project == "DESK" ? "Defect" : "Bug"
  }

  /// The present key of its project.
  func projectKey(_ world: SandboxWorld) -> String {
    world.has(.jiraRenamedProject) && project == "STAY" ? "LODGE" : project
  }

  /// Whether it is written without a status, so that it can't be read.
  func isOdd(_ world: SandboxWorld) -> Bool { world.has(.jiraOdd) && id % 1_000_000 / 20 % 5 == 0 && id % 2 == 0 }

  /// Writes the requested fields. Jira Cloud gives only ids if no fields are requested.
  func write(to json: inout JSONWriter, fields: [String], now: Timestamp, _ world: SandboxWorld) {
    let isDone = resolvedAt.map { $0 <= now } ?? false
    json.object { json in
      json.field("id", "\(id)")
      json.field("key", "\(projectKey(world))-\(id)")
      json.field("self", "https://sandbox.example/rest/api/3/issue/\(id)")
      json.key("fields")
      json.object { json in
        for field in fields { write(field, isDone: isDone, to: &json, world) }
      }
    }
  }

  private func write(_ field: String, isDone: Bool, to json: inout JSONWriter, _ world: SandboxWorld) {
    func named(_ fields: KeyValuePairs<String, String>) {
      json.object { json in
        for (name, value) in fields { json.field(name, value) }
      }
    }
    guard
      [
        "project", "components", "priority", "status", "created", "resolutiondate", "statuscategorychangedate",
        "issuetype",
      ].contains(field), field != "status" || !isOdd(world)
    else { return }
    json.key(field)
    switch field {
    case "project": named(["id": "1", "key": projectKey(world), "name": project])
    case "components": json.list { json in json.object { $0.field("name", component) } }
    case "priority":
      let id = Self.priorities.first { $0.name == priority }?.id ?? "5"
      named(["id": id, "name": Self.priorityName(priority, world)])
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
    case "resolutiondate": json.write(isDone && !world.has(.jiraUnresolved) ? resolvedAt?.jiraText : nil)
    case "statuscategorychangedate": json.write((isDone ? resolvedAt ?? createdAt : createdAt).jiraText)
    default: named(["name": Self.typeName(project, world)])
    }
  }
}
