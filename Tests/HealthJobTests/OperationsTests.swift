import Concurrency
import Formats
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import HealthJob
@testable import Runs

/// What a run writes besides its scores, and how runs of the same month exclude each other.
@Suite struct OperationsTests {
  private static let table = "sandbox-custom-metrics"

  @Test func everyRunIsRecorded() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.warnings.allSatisfy { $0.contains("has no component") }, "\(answer.warnings)")
    let item = try #require(world.services.items(in: Self.table).first)
    #expect(item["pk"] == "health_score#2026-10")
    #expect(item["sk"] == "2026-11-01T06:00:00Z#\(answer.runID)")
    #expect(item["status"] == "succeeded")
    #expect(Int(item["expires_at"] ?? "") == 1_793_512_800 + 400 * 86_400)
    for name in ["accounts", "tiers", "sources", "stages", "coverage_mean_pct", "duration_seconds"] {
      #expect(item[name] != nil, "\(name)")
    }
  }

  @Test func aTableOutOfReachIsAWarning() async throws {
    let world = try TestWorld { request in
      request.headers["X-Amz-Target"] == nil
        ? nil
        : .json(#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"x"}"#, status: 400)
    }
    defer { world.remove() }
    let answer = try await world.run("{}")
    #expect(answer.status == .succeeded)
    #expect(answer.warnings.contains { $0.contains("metrics were not recorded") && $0.contains("UnrecognizedClient") })
    #expect(answer.warnings.contains { $0.contains("nothing keeps a second live run") })
  }

  @Test func aSecondLiveRunIsRefused() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    // The second run starts while the first one writes to Salesforce.
    let second = Lock<JobError?>(nil)
    // One clock: a lock that a clock ahead has released holds until then.
    let (services, variables, time) = (world.services, world.variables, world.time.source)
    let first = ScriptedTransport { request in
      if request.method == .patch, second.withLock({ $0 == nil }) {
        let other = TestWorld<ScriptedTransport>.runner(variables, ScriptedTransport.sandbox(services), time)
        do {
          _ = try await other.run(HealthScoreJob(), event: Array("{}".utf8))
        } catch let error as JobError {
          second.withLock { $0 = error }
        }
      }
      return try await ScriptedTransport.sandbox(services).send(request)
    }
    let answer = try await TestWorld<ScriptedTransport>.runner(variables, first, time).run(
      HealthScoreJob(), event: Array("{}".utf8))
    let refused = try #require(second.withLock { $0 })
    #expect(refused.kind == .alreadyRunning)
    #expect(refused.message.contains(answer.runID))
    #expect(answer.load?.created == 120)
    // The month's lock is released.
    #expect(try await world.run("{}").load?.updated == 120)
  }

  @Test func resultsGoToTheBucketToo() async throws {
    let world = try TestWorld(environment: ["REPORTS_BUCKET": "reports-test"])
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.csv == "s3://reports-test/reports/health_scores_2026-10.csv")
    #expect(
      world.services.storedObjects == [
        "config.json", "csv", "jsonl",
      ].map { "reports-test/reports/health_scores_2026-10.\($0)" } + ["reports-test/reports/run_2026-10.json"])
    let local = try Data(contentsOf: URL(filePath: "\(world.folder)/health_scores_2026-10.jsonl"))
    #expect(world.services.storedObject("reports-test/reports/health_scores_2026-10.jsonl") == Array(local))
  }

  @Test func aWrongConfigurationIsTold() async throws {
    let world = try TestWorld(environment: [
      "CONFIG_DIR": "/nowhere", "SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook",
    ])
    defer { world.remove() }
    let error = await #expect(throws: JobError.self) { try await world.runner.answer(event: Array("{}".utf8)) }
    #expect(error?.kind == .invalidConfiguration)
    #expect(world.services.received(by: "slack").count == 1)
    #expect(world.services.items(in: Self.table).first?["status"] == "failed")
  }

  /// Nobody reads the answer to a scheduled event, so a notification reports a refused event.
  @Test func aRefusedEventIsTold() async throws {
    let world = try TestWorld(environment: [
      "SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook", "ROLLBAR_ACCESS_TOKEN": "t",
      "ROLLBAR_BASE_URL": "\(ScriptedTransport.sandboxBase)/rollbar",
    ])
    defer { world.remove() }
    for event in [#"{"dryrun":true}"#, #"{"period":"2031-01"}"#] {
      let error = await #expect(throws: JobError.self) { try await world.runner.answer(event: Array(event.utf8)) }
      #expect(error?.kind == .invalidEvent)
    }
    #expect(world.services.received(by: "slack").count == 2)
    #expect(world.services.received(by: "rollbar").count == 2)
    #expect(String(decoding: world.services.received(by: "slack")[0], as: UTF8.self).contains("dryrun"))
  }

  /// A failing step is reported once, even if it is tried several times.
  @Test func aFailedStepIsToldOnce() async throws {
    let world = try TestWorld(environment: ["SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook"]) {
      request in
      request.url.contains("/looks/177/run") ? .json(#"[{"looker_error":"x"}]"#) : nil
    }
    defer { world.remove() }
    struct Plan: Decodable {
      let run_id: String
      let slices: [String]
    }
    let plan = try JSONBody.decode(
      Plan.self, from: try await world.runner.answer(event: Array(#"{"step":"plan","dry_run":true}"#.utf8)))
    var failures = 0
    for slice in plan.slices where slice.hasPrefix("looker") {
      for _ in 1...3 {
        do {
          _ = try await world.runner.answer(
            event: Array(#"{"step":"extract","run_id":"\#(plan.run_id)","slice":"\#(slice)"}"#.utf8))
        } catch { failures += 1 }
      }
    }
    #expect(failures == 3)
    #expect(world.services.received(by: "slack").count == 1)
  }

  /// The table's keys may have the same names as our attributes.
  @Test(arguments: [
    ["METRICS_TABLE_SORT_KEY": "run_id"], ["METRICS_TABLE_SORT_KEY": "since"], ["METRICS_TABLE_PARTITION_KEY": "job"],
    ["METRICS_TABLE_PARTITION_KEY": "period", "METRICS_TABLE_SORT_KEY": "status"],
  ])
  func namesOfATableNeverCollideWithOurs(_ names: [String: String]) async throws {
    let puts = Lock<[[String: Any]]>([])
    let world = try TestWorld(environment: names) { request in
      guard request.headers["X-Amz-Target"] != nil else { return nil }
      if let body = try? JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any],
        let item = body["Item"] as? [String: Any]
      {
        puts.withLock { $0.append(item) }
      }
      return .json("{}")
    }
    defer { world.remove() }
    let answer = try await world.run("{}")
    let partition = names["METRICS_TABLE_PARTITION_KEY"] ?? "pk"
    let sort = names["METRICS_TABLE_SORT_KEY"] ?? "sk"
    func text(_ item: [String: Any], _ name: String) -> String? { (item[name] as? [String: String])?["S"] }
    let items = puts.withLock { $0 }
    #expect(items.map { text($0, partition) } == ["health_score#2026-10", "health_score#2026-10"])
    #expect(items.map { text($0, sort) } == ["lock", "2026-11-01T06:00:00Z#\(answer.runID)"])
    // Both items still contain the run's id.
    #expect(items.allSatisfy { item in item.values.contains { ($0 as? [String: String])?["S"] == answer.runID } })
  }

  @Test func failedSourcesAreTold() async throws {
    let world = try TestWorld(
      environment: [
        "SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/hook", "ROLLBAR_ACCESS_TOKEN": "t",
        "ROLLBAR_BASE_URL": "\(ScriptedTransport.sandboxBase)/rollbar",
      ]
    ) { request in request.url.contains("/jira/") ? HTTPResponse(status: 403) : nil }
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run":true}"#)
    #expect(world.services.received(by: "slack").count == 1)
    #expect(String(decoding: world.services.received(by: "slack")[0], as: UTF8.self).contains("jira"))
    #expect(world.services.received(by: "rollbar").count >= 1)
  }
}

@Suite struct ScaleOutTests {
  private func slices(_ runner: JobRunner, _ event: String) async throws -> [String] {
    struct Plan: Decodable { let slices: [String] }
    return try JSONBody.decode(Plan.self, from: try await runner.answer(event: Array(event.utf8))).slices
  }

  private func extract(_ runner: JobRunner, _ slice: String) async throws {
    let event = #"{"step":"extract","run_id":"r1","slice":"\#(slice)"}"#
    _ = try await runner.answer(event: Array(event.utf8))
  }

  @Test(arguments: [[:], ["REPORTS_BUCKET": "parts"]])
  func stepsGiveTheScoresOfOneProcess(_ environment: [String: String]) async throws {
    let world = try TestWorld(environment: environment)
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run":true}"#)
    let whole = try world.lines("health_scores_2026-10.jsonl")
    let plan = #"{"step":"plan","run_id":"r1","as_of":"2026-11-01T06:00:00Z"}"#
    let slices = try await slices(world.runner, plan)
    #expect(slices.count >= 20)
    // Each step has its own runner, as in its own process. The order is arbitrary, and some steps run twice.
    for slice in slices.reversed() {
      try await extract(TestWorld<ScriptedTransport>.runner(world.variables, world.transport), slice)
    }
    try await extract(TestWorld<ScriptedTransport>.runner(world.variables, world.transport), slices[0])
    #expect(
      try await self.slices(TestWorld<ScriptedTransport>.runner(world.variables, world.transport), plan) == slices)
    let finish = Array(#"{"step":"finish","run_id":"r1"}"#.utf8)
    let answer = try await TestWorld<ScriptedTransport>.runner(world.variables, world.transport).run(
      HealthScoreJob(), event: finish)
    #expect(answer.status == .succeeded)
    #expect(answer.runID == "r1")
    #expect(answer.load?.created == 120)
    #expect(try world.lines("health_scores_2026-10.jsonl") == whole)
    // A second finish overwrites the month and adds no record.
    let again = try await TestWorld<ScriptedTransport>.runner(world.variables, world.transport).run(
      HealthScoreJob(), event: finish)
    #expect(again.load?.updated == 120)
  }

  @Test func aSliceThatFailedMakesItsMetricsUnavailable() async throws {
    let world = try TestWorld { $0.url.contains("/looks/173/") ? HTTPResponse(status: 404) : nil }
    defer { world.remove() }
    for slice in try await slices(world.runner, #"{"step":"plan","run_id":"r1","dry_run":true}"#) {
      do {
        try await extract(world.runner, slice)
      } catch let error as JobError {
        #expect(error.kind == .sliceRefused)
      }
    }
    let answer = try await world.run(#"{"step":"finish","run_id":"r1"}"#)
    #expect(answer.status == .partial)
    #expect(answer.sources["looker"]?.status == .partial)
    #expect(answer.sources["looker"]?.error?.contains("Look 173") == true)
    #expect(
      try world.snapshots().contains { $0.observations[.positiveSentiment] == .missing(.unavailable) })
  }

  @Test func stepsThatDontFitAreRefused() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    func refusal(_ json: String) async -> JobError? {
      await #expect(throws: JobError.self) { try await world.runner.answer(event: Array(json.utf8)) }
    }
    #expect(await refusal(#"{"step":"finish","run_id":"none"}"#)?.message.contains("not planned") == true)
    _ = try await slices(world.runner, #"{"step":"plan","run_id":"r1","dry_run":true}"#)
    #expect(
      await refusal(#"{"step":"extract","run_id":"r1","slice":"jira-99"}"#)?.message.contains("no slice") == true)
    let other = TestWorld<ScriptedTransport>.runner(
      world.variables.merging(["CONFIG_DIR": "\(world.folder)/config"]) { $1 }, world.transport)
    try FileManager.default.copyItem(atPath: Shipped.configFolder, toPath: "\(world.folder)/config")
    let mapping = "\(world.folder)/config/account_mapping.csv"
    let lines = try String(contentsOfFile: mapping, encoding: .utf8).split(separator: "\n").dropLast()
    try lines.joined(separator: "\n").write(toFile: mapping, atomically: true, encoding: .utf8)
    let error = await #expect(throws: JobError.self) { try await extract(other, "jira-0000") }
    #expect(error?.message.contains("another configuration") == true)
  }
}

/// A run that read nothing ends with an error, and no run replaces the files of a better one.
@Suite struct KeptFilesTests {
  private static let names = ["health_scores_2026-10.jsonl", "health_scores_2026-10.config.json", "run_2026-10.json"]

  private func bytes(_ world: TestWorld<ScriptedTransport>) throws -> [[UInt8]] {
    try Self.names.map { Array(try Data(contentsOf: URL(filePath: "\(world.folder)/\($0)"))) }
  }

  @Test func whereNothingCanBeReadNothingIsReplaced() async throws {
    let isDown = Lock(false)
    let world = try TestWorld { request in
      let isVendor = ["/intercom/", "/jira/", "/looker/", "/salesforce/"].contains { request.url.contains($0) }
      if isDown.withLock({ $0 }), isVendor { throw TransportError(.connect, "refused") }
      return nil
    }
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run":true}"#)
    let before = try bytes(world)
    isDown.withLock { $0 = true }
    let error = await #expect(throws: JobError.self) { try await world.run(#"{"dry_run":true}"#) }
    #expect(error?.kind == .sourcesUnavailable)
    for title in ["Intercom", "Jira", "Looker", "Salesforce"] { #expect(error?.message.contains(title) == true) }
    #expect(try bytes(world) == before)
  }

  @Test func aRunThatComesTooLateReplacesNothing() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run":true}"#)
    let before = try bytes(world)
    let error = await #expect(throws: JobError.self) {
      try await world.runner.run(HealthScoreJob(), event: Array(#"{"dry_run":true}"#.utf8), deadline: .seconds(1))
    }
    #expect(error?.kind == .sourcesUnavailable)
    #expect(try bytes(world) == before)
  }

  @Test func aDryRunNeverReplacesALiveOne() async throws {
    let world = try TestWorld(environment: ["REPORTS_BUCKET": "reports-test"])
    defer { world.remove() }
    let live = try await world.run("{}")
    let before = try bytes(world)
    let dry = try await world.run(#"{"dry_run":true}"#)
    #expect(try bytes(world) == before)
    #expect(dry.warnings.contains { $0.contains(live.runID) && $0.contains("never replaces a live one") })
    #expect(dry.snapshot == "s3://reports-test/reports/health_scores_2026-10.\(dry.runID).jsonl")
    #expect(try world.lines("health_scores_2026-10.\(dry.runID).jsonl").count == 120)
    #expect(dry.status == .succeeded)
    // The same holds if only the bucket has the files, as on Lambda.
    try FileManager.default.removeItem(atPath: world.folder)
    let next = try await world.run(#"{"dry_run":true}"#)
    #expect(next.snapshot?.contains(next.runID) == true)
    // A live run replaces a live one.
    #expect(try await world.run("{}").snapshot == "s3://reports-test/reports/health_scores_2026-10.jsonl")
  }

  @Test func aPoorerRunStandsBesideTheRicherOne() async throws {
    let isDown = Lock(false)
    let world = try TestWorld { request in
      isDown.withLock({ $0 }) && request.url.contains("/looks/") ? HTTPResponse(status: 500) : nil
    }
    defer { world.remove() }
    let rich = try await world.run(#"{"dry_run":true}"#)
    let before = try bytes(world)
    isDown.withLock { $0 = true }
    let poor = try await world.run(#"{"dry_run":true}"#)
    #expect((rich.meanCoveragePercent ?? 0) - (poor.meanCoveragePercent ?? 0) > 5)
    #expect(try bytes(world) == before)
    #expect(poor.warnings.contains { $0.contains(rich.runID) && $0.contains("knew more") })
    #expect(poor.csv?.hasSuffix("health_scores_2026-10.\(poor.runID).csv") == true)
    isDown.withLock { $0 = false }
    #expect(try await world.run(#"{"dry_run":true}"#).snapshot?.hasSuffix("/health_scores_2026-10.jsonl") == true)
  }
}
