import CurlTransport
import Formats
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing
import Time

/// The real `bootstrap` syncs customers in a process of its own, and is killed.
@Suite(.serialized) struct CustomerProcessTests {
  private static let table = "sandbox-unified-customers"
  private static let metrics = "sandbox-custom-metrics"

  /// When the process is killed: how many rows are written by then, and how long after that.
  @Test(arguments: [(0, 40), (0, 150), (1, 0), (60, 0), (150, 0), (208, 5)])
  func killedAndRunAgain(_ rows: Int, _ milliseconds: Int) async throws {
    try await BootstrapProcess.withSandbox(.forFaults(), latency: .milliseconds(10)) { base, services, folder in
      for isFull in [true, false] {
        let event = Array(#"{"job":"customer_sync","full":\#(isFull)}"#.utf8)
        let killed = try BootstrapProcess(base, folder: folder)
        // Nobody hears the answer of a process that is killed.
        let unheard = Task { await services.invoke(event) }
        if isFull {
          while services.items(in: Self.table).count < rows { try await Task.sleep(for: .milliseconds(1)) }
        }
        try await Task.sleep(for: .milliseconds(isFull ? milliseconds : milliseconds + rows))
        kill(killed.process.processIdentifier, SIGKILL)
        killed.process.waitUntilExit()

        let next = try BootstrapProcess(base, folder: folder)
        defer { next.stop() }
        // On Lambda the lock of a run that died ends with the invocation.
        try await Self.call(base, "DeleteItem", ["TableName": Self.metrics, "Key": Self.key("customer_sync", "lock")])
        var (body, errorType) = await services.invoke(event)
        // The last poll of the process that was killed may arrive after the first one of the next.
        for _ in 0..<3 where errorType == "Runtime.ExitError" { (body, errorType) = await services.invoke(event) }
        #expect(errorType == nil, "\(String(decoding: body, as: UTF8.self).prefix(400))")
        let answer = try JSONBody.decode(Answer.self, from: body)
        #expect(answer.status == "succeeded", "\(String(decoding: body, as: UTF8.self).prefix(1500))")
        try await Self.expectTruth(services)
        unheard.cancel()
        services.customers.change(at: TimeSource.system.now.advanced(bySeconds: -600), count: 40)
      }
    }
  }

  private struct Answer: Decodable { let status: String }

  private static func key(_ partition: String, _ sort: String) -> [String: Any] {
    ["pk": ["S": partition], "sk": ["S": sort]]
  }

  private static func call(_ base: String, _ operation: String, _ body: [String: Any]) async throws {
    let response = try await CurlMultiTransport().send(
      HTTPRequest(
        .post, base + "/dynamodb/",
        headers: [
          "X-Amz-Target": "DynamoDB_20120810.\(operation)", "Authorization": "AWS4-HMAC-SHA256 Credential=another",
        ], body: Array(try JSONSerialization.data(withJSONObject: body))))
    #expect(response.isSuccess)
  }

  /// What a full run into an empty table writes.
  private static func expectTruth(_ services: SandboxServices) async throws {
    let name = "truth-\(UUID().uuidString)"
    var variables = SandboxServices.environment(base: ScriptedTransport.sandboxBase)
    variables["CONFIG_DIR"] = Shipped.configFolder
    variables["CUSTOMERS_TABLE"] = name
    variables["METRICS_TABLE"] = name + "-state"
    let runner = TestWorld<ScriptedTransport>.runner(variables, ScriptedTransport.sandbox(services), .system)
    _ = try await runner.answer(event: Array(#"{"job":"customer_sync","full":true}"#.utf8))
    func said(_ table: String) -> [String: [String: String]] {
      let rows = services.items(in: table).filter { $0["intercom_deleted_at"] == nil }
      return Dictionary(
        rows.map { row in
          (row["email"] ?? "", row.filter { !["last_intercom_sync", "days_since_seen"].contains($0.key) })
        }
      ) { first, _ in first }
    }
    // Contacts that vanished only a full run can see.
    let vanished = services.customers.vanished
    let found = said(table).filter { !vanished.contains($0.key) }
    let truth = said(name).filter { !vanished.contains($0.key) }
    #expect(found.count == truth.count)
    for (email, row) in truth { #expect(found[email] == row, "\(email)") }
  }
}
