import ArgumentParser
import CustomerJob
import CustomerModel
import Formats
import Foundation
import Runs
import Sandbox
import Time

extension FunctionRun {
  /// A full sync; then the workspace changes; then a sync of what changed. Prints both answers, the rows that differ and the
  /// alerts.
  func sync(_ services: SandboxServices, isDryRun: Bool) async -> ExitCode {
    await run(services) { invoke in
      func sync(_ isFull: Bool) async throws -> CustomerSyncAnswer {
        let event = #"{"job":"customer_sync","full":\#(isFull),"dry_run":\#(isDryRun)}"#
        let answer = try JSONBody.decode(CustomerSyncAnswer.self, from: try await invoke(Array(event.utf8)))
        try Console.print(SyncAnswerTable(answer).text + "\n")
        return answer
      }
      var told = 0
      func tell() throws {
        for body in services.received(by: "slack").dropFirst(told) { try Console.print(Self.slackText(body)) }
        told = services.received(by: "slack").count
      }
      let first = try await sync(true)
      try tell()
      guard !isDryRun else { return first.status == .succeeded ? .success : ExitStatus.failed }
      let before = Self.rows(services)
      // A new contact can't be searched for in its first minutes.
      services.customers.change(at: TimeSource.system.now.advanced(bySeconds: -600))
      try Console.print("the workspace changed: now \(services.customers.size.contacts) contacts\n")
      let second = try await sync(false)
      try Console.print(Self.changes(from: before, to: Self.rows(services)))
      try tell()
      return [first, second].allSatisfy { $0.status == .succeeded } ? .success : ExitStatus.failed
    }
  }

  /// The customers' rows by address.
  private static func rows(_ services: SandboxServices) -> [String: [String: String]] {
    let items = services.items(in: "sandbox-unified-customers")
    return Dictionary(items.map { ($0["email"] ?? "", $0) }) { first, _ in first }
  }

  /// One line for each row that says something new.
  private static func changes(from before: [String: [String: String]], to after: [String: [String: String]]) -> String {
    let passing = Set(CustomerField.ofTheWrite.map(\.rawValue))
    var lines: [[String]] = []
    for (email, row) in after.sorted(by: { $0.key < $1.key }) {
      guard let old = before[email] else {
        lines.append([email, "new", "mrr \(row["mrr"] ?? "\u{2013}")"])
        continue
      }
      let fields = Set(row.keys).union(old.keys).subtracting(passing).filter { row[$0] != old[$0] }.sorted()
      guard !fields.isEmpty else { continue }
      let kind = fields.contains("intercom_deleted_at") && row["intercom_deleted_at"] != nil ? "deleted" : "updated"
      let words = fields.map { "\($0) \(old[$0] ?? "\u{2013}") \u{2192} \(row[$0] ?? "\u{2013}")" }
      lines.append([email, kind, words.joined(separator: " \u{B7} ")])
    }
    return (TextTable(["CUSTOMER", "ROW", "WHAT CHANGED"], lines, rightAligned: []).lines + [""])
      .map(\.withoutControlCharacters).joined(separator: "\n")
  }

  /// What a Slack message says.
  private static func slackText(_ body: [UInt8]) -> String {
    struct Message: Decodable {
      struct Block: Decodable {
        struct Text: Decodable { let text: String }
        let text: Text
      }
      let blocks: [Block]
    }
    guard let message = try? JSONBody.decode(Message.self, from: body) else { return "" }
    return "Slack was told:\n"
      + message.blocks.map { "  " + $0.text.text.replacing("\n", with: "\n  ") }.joined(separator: "\n")
  }
}
