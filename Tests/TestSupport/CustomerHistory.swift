import CustomerJob
import Foundation
import HTTPClient
import Runs
import Sandbox
import Testing
import Time

/// A workspace whose life goes on between the runs, and the table that they write.
public struct CustomerHistory: Sendable {
  public let world: CustomerWorld
  public let services: SandboxServices
  public let time = VirtualTime("2026-11-01T06:00:00Z")
  public let transport: ScriptedTransport

  public init(
    seed: String, contacts: Int = 40, conversations: Int = 3,
    override: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse? = { _ in nil }
  ) {
    world = CustomerWorld(contacts: contacts, conversations: conversations, days: 60, seed: seed, now: time.source.now)
    services = SandboxServices(
      world: SandboxWorld(accounts: 1, period: Period(year: 2026, month: 10)), customers: world, time: time.source)
    transport = .sandbox(services, override: override)
  }

  /// Lets hours pass and the workspace change meanwhile.
  public func live(hours: Int, changes: Int? = nil, deletesContacts: Bool = false) {
    time.advance(by: .seconds(hours * 3600 - 900))
    world.change(at: time.source.now, count: changes, deletesContacts: deletesContacts)
    time.advance(by: .seconds(900))
  }

  public func run(_ event: String = "{}", table: String = "customers", state: String = "metrics") async throws
    -> CustomerSyncAnswer
  {
    try await run(event, through: transport, table: table, state: state)
  }

  /// - Parameters:
  ///   - deadline: When Lambda would end the invocation, as time since 1970.
  ///   - configuration: `CONFIG_DIR`; nil for the shipped one.
  ///   - folder: `OUTPUT_DIR`.
  ///   - slack: Whether the sandbox's Slack is told.
  ///   - aws: Whether there are AWS credentials.
  public func run(
    _ event: String = "{}", through transport: any HTTPTransport, table: String = "customers",
    state: String = "metrics", deadline: Duration? = nil, configuration: String? = nil,
    folder: String = "/dev/null/nowhere", slack: Bool = false, aws: Bool = true, logged: LogLines = LogLines()
  ) async throws -> CustomerSyncAnswer {
    var variables = SandboxServices.environment(base: ScriptedTransport.sandboxBase)
    variables["CONFIG_DIR"] = configuration ?? Shipped.configFolder
    variables["OUTPUT_DIR"] = folder
    variables["CUSTOMERS_TABLE"] = table
    variables["METRICS_TABLE"] = state
    if slack { variables["SLACK_WEBHOOK_URL"] = "\(ScriptedTransport.sandboxBase)/slack/hook" }
    if !aws { for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] { variables[name] = nil } }
    let runner = TestWorld<ScriptedTransport>.runner(variables, transport, time.source, logged)
    return try await runner.run(CustomerSyncJob(), event: Array(event.utf8), deadline: deadline)
  }

  /// Writes an item as another program would.
  public func put(_ item: [String: [String: String]], into table: String) async throws {
    try await call("PutItem", ["TableName": table, "Item": item])
  }

  public func delete(_ key: [String: String], from table: String) async throws {
    try await call("DeleteItem", ["TableName": table, "Key": key.mapValues { ["S": $0] }])
  }

  private func call(_ operation: String, _ body: [String: Any]) async throws {
    let response = try await transport.send(
      HTTPRequest(
        .post, ScriptedTransport.sandboxBase + "/dynamodb/",
        headers: [
          "X-Amz-Target": "DynamoDB_20120810.\(operation)", "Authorization": "AWS4-HMAC-SHA256 Credential=another",
        ], body: Array(try JSONSerialization.data(withJSONObject: body))))
    #expect(response.isSuccess)
  }

  /// The rows that are customers, without what depends on the instant of the write.
  public func rows(_ table: String = "customers") -> [String: [String: String]] {
    var rows: [String: [String: String]] = [:]
    for item in services.items(in: table) where item["intercom_deleted_at"] == nil {
      rows[item["email"] ?? ""] = item.filter { !["last_intercom_sync", "days_since_seen"].contains($0.key) }
    }
    return rows
  }

  /// Without the addresses of contacts that vanished, which only a full run can see.
  public func known(_ rows: [String: [String: String]]) -> [String: [String: String]] {
    let vanished = world.vanished
    return rows.filter { !vanished.contains($0.key) }
  }

  /// What a full run into an empty table would write now.
  public func truth() async throws -> [String: [String: String]] {
    let name = "truth-\(UUID().uuidString)"
    let answer = try await run(#"{"full":true}"#, table: name, state: name + "-state")
    #expect(answer.status == .succeeded, "\(answer.sources) \(answer.warnings)")
    return rows(name)
  }

  public func expectTruth(_ comment: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let (found, truth) = (known(rows()), known(try await truth()))
    for (email, row) in truth where found[email] != row {
      let differing = Set(row.keys).union(found[email]?.keys.map { $0 } ?? []).filter { row[$0] != found[email]?[$0] }
      Issue.record(
        "\(comment), \(email): \(differing.sorted().map { "\($0) \(found[email]?[$0] ?? "–"), true is \(row[$0] ?? "–")" })",
        sourceLocation: sourceLocation)
    }
    for email in found.keys where truth[email] == nil {
      Issue.record("\(comment), \(email) is no customer any more", sourceLocation: sourceLocation)
    }
  }
}
