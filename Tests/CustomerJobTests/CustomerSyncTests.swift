import Concurrency
import CustomerJob
import CustomerModel
import CustomerTable
import Formats
import Foundation
import HTTPClient
import Runs
import Sandbox
import TestSupport
import Testing
import Time

/// One run at a time: what it writes, says and refuses.
@Suite struct CustomerSyncTests {
  @Test func theFirstSyncIsFullAndToldInOneMessage() async throws {
    let history = CustomerHistory(seed: "first")
    let answer = try await history.run("{}", through: history.transport, slack: true)
    #expect(answer.mode == .full && answer.status == .succeeded)
    #expect(answer.newContacts == history.rows().count && answer.newContacts == answer.customers)
    #expect(answer.contactsSynced == answer.newContacts && answer.updatedContacts == 0 && answer.alertsGenerated == 0)
    #expect(answer.skippedContacts == answer.skipped.filter { $0.key != "invalid_timestamp" }.values.reduce(0, +))
    #expect(answer.watermark.from == nil && answer.watermark.to == "2026-11-01T06:00:00Z")
    let told = history.services.received(by: "slack").map { String(decoding: $0, as: UTF8.self) }
    #expect(told.count == 1 && told[0].contains("The first sync wrote \(answer.customers) customers"))
    #expect(!told[0].contains("@sandbox") && !told[0].contains("Sample Guest"))
    // The run is recorded, and the next one knows from where to go on.
    let items = history.services.items(in: "metrics")
    #expect(items.contains { $0["pk"] == "customer_sync#2026-11-01" && $0["customers"] == "\(answer.customers)" })
    #expect(items.contains { $0["pk"] == "customer_sync#state" && $0["sk"] == "intercom" && $0["expires_at"] == nil })
  }

  @Test func whatDidNotChangeIsNotWritten() async throws {
    let history = CustomerHistory(seed: "quiet")
    _ = try await history.run()
    history.time.advance(by: .seconds(3600))
    let updates = Lock(0)
    let counting = ScriptedTransport { request in
      if request.headers["X-Amz-Target"]?.hasSuffix("UpdateItem") == true, request.text.contains("intercom_contact_id")
      {
        updates.withLock { $0 += 1 }
      }
      return try await history.transport.send(request)
    }
    let answer = try await history.run("{}", through: counting)
    #expect(answer.mode == .incremental && answer.newContacts == 0 && answer.updatedContacts == 0)
    #expect(updates.withLock { $0 } == 0 && answer.deletedContacts == 0)
    // A full run writes every row, and says nothing new of them.
    history.time.advance(by: .seconds(3600))
    let full = try await history.run(#"{"full":true}"#, through: counting)
    #expect(full.unchangedContacts == full.customers && full.updatedContacts == 0)
    #expect(updates.withLock { $0 } == full.customers)
  }

  @Test func alertsComeOnceAndNameNobody() async throws {
    let history = CustomerHistory(seed: "alerts", contacts: 60)
    _ = try await history.run("{}", through: history.transport, slack: true)
    history.live(hours: 6, changes: 120)
    let answer = try await history.run("{}", through: history.transport, slack: true)
    #expect(answer.alertsGenerated > 0 && answer.alerts.values.reduce(0, +) == answer.alertsGenerated)
    let told = history.services.received(by: "slack").map { String(decoding: $0, as: UTF8.self) }
    #expect(told.count == 2)
    #expect(told[1].contains("/users/66c1") && told[1].contains("sandbox1"))
    for marker in ["@sandbox", "Sample Guest", "moved"] { #expect(!told[1].contains(marker)) }
    // The same state again is no news.
    history.time.advance(by: .seconds(3600))
    let next = try await history.run("{}", through: history.transport, slack: true)
    #expect(next.alertsGenerated == 0 && history.services.received(by: "slack").count == 2)
  }

  @Test func otherSourcesFieldsStay() async throws {
    let history = CustomerHistory(seed: "others")
    _ = try await history.run()
    let email = try #require(history.rows().keys.sorted().first)
    try await history.put(["email": ["S": email], "hubspot_owner": ["S": "of another source"]], into: "customers")
    // The row that another source replaced is written anew, since the sync finds nothing of its own there.
    let answer = try await history.run(#"{"full":true}"#)
    #expect(answer.status == .succeeded)
    let item = try #require(history.services.items(in: "customers").first { $0["email"] == email })
    #expect(item["hubspot_owner"] == "of another source" && item["intercom_contact_id"] != nil)
    // One that only another source knows is no customer of the sync's, and is left alone.
    try await history.put(["email": ["S": "lead@x.example"], "hubspot_owner": ["S": "y"]], into: "customers")
    _ = try await history.run(#"{"full":true}"#)
    let lead = history.services.items(in: "customers").first { $0["email"] == "lead@x.example" }
    #expect(lead?.count == 2)
  }

  @Test func whoIsGoneIsMarkedByAFullRun() async throws {
    let history = CustomerHistory(seed: "gone", contacts: 80)
    _ = try await history.run()
    let all = history.rows()
    history.world.remove(contacts: 2)
    history.time.advance(by: .seconds(7200))
    // A search of changes does not see it.
    #expect(try await history.run().deletedContacts == 0)
    history.time.advance(by: .seconds(7200))
    let answer = try await history.run(#"{"full":true}"#)
    #expect(answer.status == .succeeded && (1...2).contains(answer.deletedContacts))
    #expect(history.rows().count == all.count - answer.deletedContacts)
    let gone = history.services.items(in: "customers").filter { $0["intercom_deleted_at"] != nil }
    #expect(
      gone.count == answer.deletedContacts && gone.allSatisfy { $0["intercom_deleted_at"] == "2026-11-01T10:00:00Z" })
  }

  /// The wrong workspace's token must not mark everybody as deleted.
  @Test func tooManyGoneMarksNobody() async throws {
    let history = CustomerHistory(seed: "too many gone", contacts: 80)
    _ = try await history.run()
    let all = history.rows()
    history.world.remove(contacts: 30)
    history.time.advance(by: .seconds(7200))
    let answer = try await history.run(#"{"full":true}"#)
    #expect(answer.status == .partial && answer.deletedContacts == 0)
    #expect(answer.sources["intercom"]?.error?.contains("more than 5 %") == true)
    #expect(history.rows().count == all.count)
  }

  @Test func aDryRunWritesACSVAndNothingElse() async throws {
    let history = CustomerHistory(seed: "dry")
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let answer = try await history.run(
      #"{"dry_run":true,"full":true}"#, through: history.transport, folder: folder, slack: true)
    #expect(answer.dryRun && answer.status == .succeeded && history.rows().isEmpty)
    #expect(!history.services.items(in: "metrics").contains { $0["pk"] == "customer_sync#state" })
    #expect(history.services.received(by: "slack").isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["unified_customers.csv"])
    let csv = Array(try Data(contentsOf: URL(filePath: try #require(answer.csv))))
    #expect(CSV.rows(csv).count == answer.customers)
  }

  /// Without AWS credentials the same table is a file.
  @Test func theTableMayBeAFile() async throws {
    let history = CustomerHistory(seed: "file")
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try await history.run("{}", through: history.transport, folder: folder, aws: false)
    #expect(first.mode == .full && first.status == .succeeded, "\(first.warnings)")
    history.live(hours: 30)
    let second = try await history.run("{}", through: history.transport, folder: folder, aws: false)
    #expect(second.mode == .incremental && second.status == .succeeded && second.updatedContacts > 0)
    let names = ["unified_customers.jsonl", "unified_customers.state.json"]
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
    let found = try await CustomerFile(folder: folder).rows().values.filter { !$0.isDeleted }
    #expect(Set(found.map(\.email)) == Set(try await history.truth().keys))
    // A file that somebody spoiled is said and kept.
    try Data("{\"email\":\n".utf8).write(to: URL(filePath: "\(folder)/unified_customers.jsonl"))
    let error = await #expect(throws: JobError.self) {
      try await history.run("{}", through: history.transport, folder: folder, aws: false)
    }
    #expect(error?.kind == .storageUnavailable && error?.message.contains("line 1") == true)
  }

  @Test(arguments: ["period", "accounts", "backfill"]) func aKeyOfAnotherJobIsRefused(_ key: String) async throws {
    let history = CustomerHistory(seed: "keys", contacts: 2)
    let error = await #expect(throws: JobError.self) {
      try await history.run(#"{"job":"customer_sync","\#(key)":"2026-10"}"#)
    }
    #expect(error?.kind == .invalidEvent && error?.message.contains("a key of the job health_score") == true)
  }

  @Test func withoutAStateTheJobDoesNotGuess() async throws {
    let history = CustomerHistory(seed: "no state", contacts: 10)
    _ = try await history.run()
    let blind = ScriptedTransport { request in
      if request.headers["X-Amz-Target"]?.hasSuffix("GetItem") == true {
        return .json(#"{"__type":"x#AccessDeniedException"}"#, status: 400)
      }
      return try await history.transport.send(request)
    }
    let error = await #expect(throws: JobError.self) { try await history.run("{}", through: blind) }
    #expect(error?.kind == .storageUnavailable)
    #expect(error?.message.contains("AccessDeniedException") == true)
  }

  /// What is complete is stored, and the next run goes on from there.
  @Test func aRunThatIsOutOfTimeGoesOnLater() async throws {
    let history = CustomerHistory(seed: "time", contacts: 30)
    // Every message takes a minute, of which the run has few.
    let slow = ScriptedTransport { request in
      if request.method == .get, request.url.contains("/conversations/") { history.time.advance(by: .seconds(60)) }
      return try await history.transport.send(request)
    }
    let end = history.time.source.wall() + .seconds(300)
    let first = try await history.run("{}", through: slow, deadline: end)
    #expect(first.status == .partial && first.watermark.to == nil && first.errors > 0)
    let written = history.rows()
    let truth = try await history.truth()
    #expect(!written.isEmpty && written.count < truth.count)
    for (email, row) in written { #expect(row == truth[email], "\(email)") }
    let asked = Lock(0)
    let counting = ScriptedTransport { request in
      if request.method == .get, request.url.contains("/conversations/") { asked.withLock { $0 += 1 } }
      return try await history.transport.send(request)
    }
    history.time.advance(by: .seconds(4000))
    let second = try await history.run("{}", through: counting)
    #expect(second.mode == .full && second.status == .succeeded)
    // Messages that were read are not read again.
    #expect(asked.withLock { $0 } == first.errors)
    try await history.expectTruth("after the second run")
  }

  /// A contact that was not reached may share an address with one that was, so no row is written; conversations are kept.
  @Test func aRunThatDoesNotReachAllContactsWritesNoRow() async throws {
    let history = CustomerHistory(seed: "contacts take time", contacts: 700, conversations: 1)
    let slow = ScriptedTransport { request in
      if request.url.contains("/contacts?") { history.time.advance(by: .seconds(90)) }
      return try await history.transport.send(request)
    }
    let end = history.time.source.wall() + .seconds(300)
    let first = try await history.run("{}", through: slow, deadline: end)
    #expect(first.status == .partial && first.watermark.to == nil && history.rows().isEmpty)
    #expect(first.sources["intercom"]?.error?.contains("time was over before all contacts") == true)
    #expect(history.services.items(in: "metrics").contains { $0["pk"] == "customer_sync#state" })
    history.time.advance(by: .seconds(4000))
    let second = try await history.run()
    #expect(second.mode == .full && second.status == .succeeded)
    try await history.expectTruth("after the second run")
  }

  @Test func otherWordsAreLookedForInOldMessagesToo() async throws {
    let history = CustomerHistory(seed: "words", contacts: 20)
    _ = try await history.run()
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = String(decoding: try Shipped.bytes("customers.yaml"), as: UTF8.self)
    try Data(file.replacing("[cancel, cancellation,", with: "[question, cancellation,").utf8)
      .write(to: URL(filePath: "\(folder)/customers.yaml"))
    history.time.advance(by: .seconds(7200))
    let answer = try await history.run("{}", through: history.transport, configuration: folder)
    #expect(answer.mode == .incremental && answer.status == .succeeded)
    let name = "other-words"
    _ = try await history.run(
      #"{"full":true}"#, through: history.transport, table: name, state: name + "-state", configuration: folder)
    #expect(history.rows() == history.rows(name))
    #expect(history.rows().values.contains { $0["mentioned_cancel"] == "true" })
  }

  /// A contact that is announced and never comes: nobody is taken for gone, and the run says so.
  @Test func contactsThatDoNotComeMakeTheRunPartial() async throws {
    let history = CustomerHistory(seed: "announced", contacts: 700, conversations: 0)
    _ = try await history.run()
    history.time.advance(by: .seconds(7200))
    let liar = ScriptedTransport { request in
      var response = try await history.transport.send(request)
      if request.url.contains("/contacts?") {
        let text = String(decoding: response.body, as: UTF8.self)
        response.body = Array(text.replacing("\"total_count\":700", with: "\"total_count\":702").utf8)
      }
      return response
    }
    let answer = try await history.run(#"{"full":true}"#, through: liar)
    #expect(answer.status == .partial && answer.deletedContacts == 0 && answer.watermark.to == nil)
    #expect(answer.sources["intercom"]?.error?.contains("announced 702 contacts") == true)
    try await history.expectTruth("rows are right all the same")
  }

  /// A state that does not belong to the table, or was reached by other rules or by a wrong clock, is no ground to stand on.
  @Test func whatCanNotBeContinuedIsReadInFull() async throws {
    let history = CustomerHistory(seed: "continued", contacts: 30)
    _ = try await history.run()
    history.live(hours: 6)
    let other = try await history.run("{}", table: "another-table")
    #expect(other.mode == .full && other.customers == history.rows("another-table").count)
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = String(decoding: try Shipped.bytes("customers.yaml"), as: UTF8.self)
    try Data(file.replacing("attribute_unit: major", with: "attribute_unit: minor").utf8)
      .write(to: URL(filePath: "\(folder)/customers.yaml"))
    // Killed between the facts and the watermark, the rows are still of both kinds.
    let written = Lock(0)
    let dying = ScriptedTransport { request in
      if request.text.contains("intercom_contact_id"),
        written.withLock({
          $0 += 1; return $0 > 5
        })
      {
        throw CancellationError()
      }
      return try await history.transport.send(request)
    }
    _ = try? await history.run("{}", through: dying, configuration: folder)
    #expect(written.withLock { $0 } > 5)
    history.time.advance(by: .seconds(4000))
    let cents = try await history.run("{}", through: history.transport, configuration: folder)
    #expect(cents.mode == .full)
    #expect(try await history.run("{}", through: history.transport, configuration: folder).mode == .incremental)
    // The clock was ahead, and is right again.
    history.time.advance(by: .seconds(86_400 * 5))
    #expect(try await history.run().mode == .full)
    history.time.advance(by: .seconds(-86_400 * 5))
    // Its lock was given back at a time that is yet to come.
    try await history.delete(["pk": "customer_sync", "sk": "lock"], from: "metrics")
    #expect(try await history.run().mode == .full)
  }

  @Test(arguments: [
    ("base_currency: USD", "base_currency: dollars", "revenue.base_currency: expected the three letters"),
    ("  csat: 10", "  csat: 11", "quality: the points add up to 101"),
    ("attribute_unit: major", "attribute_unit: cents", "attribute_unit: expected one of major, minor"),
    ("recent_days: 30", "recent_days: 0", "recent_days: expected a number from 1 to 365"),
    ("table:", "tables:", "table: is missing"), ("mrr_statuses: [active]", "mrr_statuses: []", "mrr_statuses"),
  ])
  func aWrongConfigurationNamesItsPlace(_ old: String, _ new: String, _ message: String) throws {
    let file = String(decoding: try Shipped.bytes("customers.yaml"), as: UTF8.self)
    #expect(file.contains(old))
    let error = #expect(throws: (any Error).self) {
      try CustomerSyncConfiguration(Array(file.replacing(old, with: new).utf8))
    }
    let text = "\(try #require(error))"
    #expect(text.contains("customers.yaml:") && text.contains(message), "\(text)")
  }
}

/// A state with more than one item holds.
@Suite struct SyncStateTests {
  @Test func aLargeStateIsStoredInParts() async throws {
    let history = CustomerHistory(seed: "large", contacts: 40, conversations: 120)
    _ = try await history.run()
    func parts() -> [[String: String]] {
      history.services.items(in: "metrics").filter {
        $0["pk"] == "customer_sync#state" && $0["sk"]?.hasPrefix("intercom#") == true && $0["expires_at"] == nil
      }
    }
    #expect(parts().count > 1)
    #expect(parts().allSatisfy { ($0["data"] ?? "").utf8.count <= 300_000 })
    history.live(hours: 6)
    let answer = try await history.run()
    #expect(answer.mode == .incremental && answer.status == .succeeded)
    try await history.expectTruth("with parts")
    // A part that somebody removed makes the next run a full one.
    try await history.delete(["pk": "customer_sync#state", "sk": parts()[0]["sk"] ?? ""], from: "metrics")
    history.live(hours: 6)
    #expect(try await history.run().mode == .full)
    try await history.expectTruth("after a part was lost")
  }
}
