import Concurrency
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing

/// A way for the org to fail while the function writes records.
///
/// After each of them, the next run must leave exactly one record per account.
struct LoadFault: Sendable, CustomTestStringConvertible {
  typealias Answer = @Sendable (HTTPRequest, () async throws -> HTTPResponse) async throws -> HTTPResponse

  let name: String
  var isBulk = false
  /// The fault affects calls whose URL contains this.
  let path: String
  var method = HTTPMethod.patch
  /// How many of these calls it affects, from the first one.
  var times = Int.max
  /// How many records the answer must report as failed; nil for all.
  var failed: Int? = 0
  let answer: Answer

  var testDescription: String { "\(isBulk ? "bulk: " : "")\(name), \(times == .max ? "always" : "\(times) times")" }

  private static let collections = "/composite/sobjects/"
  private static let jobs = "/jobs/ingest"

  private static func status(_ status: Int, _ body: String = "{}", _ headers: HTTPFields = [:]) -> Answer {
    { _, _ in .json(body, status: status, headers: headers) }
  }

  /// Changes the outcomes in the org's answer. `change` gets each record's position and outcome.
  private static func outcomes(_ change: @escaping @Sendable (Int, [String: Any]) -> Any) -> Answer {
    { _, send in
      var response = try await send()
      let outcomes = try JSONSerialization.jsonObject(with: Data(response.body)) as? [[String: Any]] ?? []
      let changed = outcomes.enumerated().map { change($0.offset, $0.element) }
      response.body = Array(try JSONSerialization.data(withJSONObject: changed))
      return response
    }
  }

  private static func refusal(_ code: String, _ message: String = "busy", _ fields: [String] = []) -> [String: Any] {
    ["success": false, "errors": [["statusCode": code, "message": message, "fields": fields] as [String: Any]]]
  }

  static let all: [LoadFault] = [
    LoadFault(name: "HTTP 500", path: collections, times: 2, answer: status(500)),
    LoadFault(
      name: "HTTP 503 with Retry-After", path: collections, times: 2, answer: status(503, "{}", ["Retry-After": "4"])),
    LoadFault(name: "HTTP 429", path: collections, times: 2, answer: status(429)),
    LoadFault(
      name: "an expired session", path: collections, times: 1,
      answer: status(401, #"[{"errorCode":"INVALID_SESSION_ID"}]"#)),
    LoadFault(name: "connection refused", path: collections, times: 2) { _, _ in
      throw TransportError(.connect, "refused")
    },
    LoadFault(name: "written, and the answer lost", path: collections, times: 2) { _, send in
      _ = try await send()
      throw TransportError(.interrupted, "reset")
    },
    LoadFault(
      name: "row locks", path: collections, times: 2, answer: outcomes { _, _ in refusal("UNABLE_TO_LOCK_ROW") }),
    LoadFault(
      name: "another insert at the same time", path: collections, times: 1,
      answer: outcomes { _, _ in refusal("DUPLICATE_VALUE", "duplicate value found: Health_Score_Key__c") }),
    LoadFault(
      name: "one lock", path: collections, failed: 1,
      answer: outcomes { index, outcome in index == 0 ? refusal("UNABLE_TO_LOCK_ROW") : outcome }),
    LoadFault(
      name: "one refused for good", path: collections, failed: 1,
      answer: outcomes { index, outcome in
        index == 0 ? refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "guest@sandbox.example", ["Tier__c"]) : outcome
      }),
    LoadFault(
      name: "one outcome of another kind", path: collections, failed: 1,
      answer: outcomes { index, outcome in index == 0 ? 17 as Any : outcome }),
    LoadFault(
      name: "one outcome without a code", path: collections, failed: 1,
      answer: outcomes { index, outcome in
        index == 0 ? ["success": false, "errors": [["message": "guest@sandbox.example"]]] as [String: Any] : outcome
      }),
    LoadFault(name: "too few outcomes", path: collections, failed: nil) { _, send in
      _ = try await send()
      return .json("[]")
    },
    LoadFault(name: "HTML under 200", path: collections, failed: nil, answer: status(200, "<html>")),
    LoadFault(name: "HTTP 500", path: collections, failed: nil, answer: status(500)),
    LoadFault(
      name: "limits exceeded", path: collections, failed: nil,
      answer: status(403, #"[{"message":"guest@sandbox.example","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#)),

    LoadFault(name: "the job's creation fails", isBulk: true, path: jobs, method: .post, times: 1, answer: status(503)),
    LoadFault(name: "the upload fails", isBulk: true, path: jobs, method: .put, times: 1, answer: status(503)),
    LoadFault(name: "uploaded, and the answer lost", isBulk: true, path: jobs, method: .put, times: 1) { _, send in
      _ = try await send()
      throw TransportError(.interrupted, "reset")
    },
    LoadFault(name: "closed, and the answer lost", isBulk: true, path: jobs, times: 1) { _, send in
      _ = try await send()
      throw TransportError(.interrupted, "reset")
    },
    LoadFault(
      name: "the state can't be asked for", isBulk: true, path: jobs, method: .get, times: 2, answer: status(500)),
    LoadFault(name: "the upload is refused", isBulk: true, path: jobs, method: .put, failed: nil, answer: status(400)),
    LoadFault(
      name: "results are HTML", isBulk: true, path: "successfulResults", method: .get, failed: nil,
      answer: status(200, "<html>")),
    LoadFault(name: "the job fails", isBulk: true, path: jobs, method: .get, failed: nil) { request, send in
      guard !request.url.contains("Results"), !request.url.contains("unprocessed") else {
        return HTTPResponse(status: 200, headers: ["Content-Type": "text/csv"])
      }
      return .json(#"{"id":"750SB0000000001","state":"Failed","errorMessage":"InvalidBatch : guest@sandbox.example"}"#)
    },
  ]
}

@Suite struct LoadFaultTests {
  @Test(arguments: LoadFault.all) func writing(_ fault: LoadFault) async throws {
    let isOn = Lock(true)
    let hits = Lock(0)
    let world = try FaultWorld(bulkAbove: fault.isBulk ? 5 : 2000) { services in
      let sandbox = ScriptedTransport.sandbox(services)
      return ScriptedTransport { request in
        guard isOn.withLock({ $0 }), request.method == fault.method, request.url.contains(fault.path),
          // The fault does not affect the call that aborts a bulk job.
          !request.text.contains("Aborted"),
          hits.withLock({
            $0 += 1; return $0 <= fault.times
          })
        else { return try await sandbox.send(request) }
        return try await fault.answer(request) { try await sandbox.send(request) }
      }
    }
    defer { world.remove() }
    let answer = try await world.run()
    let load = try #require(answer.load)
    let total = SandboxWorld.faultAccounts
    #expect(hits.withLock { $0 } > 0)
    #expect(load.created + load.updated + load.failed == total)
    #expect(load.failed == fault.failed ?? total, "\(answer.failures.first?.error ?? "")")
    #expect(answer.status == (load.failed == 0 ? .succeeded : .partial))
    #expect(answer.accounts.failed == load.failed)
    let keys = world.records.compactMap { $0["Health_Score_Key__c"] }
    #expect(keys.count == Set(keys).count)
    // Records reported as written exist. Records reported as failed may exist if the org did not confirm them.
    #expect(keys.count >= load.created + load.updated)
    #expect(answer.failures.allSatisfy { $0.stage == "load" && !$0.error.isEmpty })
    #expect(try !world.everythingWritten().contains("guest@sandbox"))

    isOn.withLock { $0 = false }
    world.time.advance(by: .seconds(120))
    let next = try await world.run()
    #expect(next.status == .succeeded)
    #expect(next.load?.created == total - keys.count && next.load?.updated == keys.count)
    #expect(world.records.count == total)
    #expect(Set(world.records.compactMap { $0["Health_Score_Key__c"] }).count == total)
    #expect(world.records.allSatisfy { $0["Run_Id__c"] == next.runID })
  }
}
