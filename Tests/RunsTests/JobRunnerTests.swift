import AWSClient
import ConfigurationReading
import Foundation
import HealthJob
import Logging
import TestSupport
import Testing
import Time

@testable import Runs

/// A job of another kind: its own keys, subject, numbers and notices, no account and no month.
private struct CountingJob: Job {
  struct Keys: EventKeys {
    var cards: [String] = []

    static let names = ["cards"]
    static let example = #"{"job": "counting", "cards": ["a"]}"#

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      cards = try container.decodeIfPresent([String].self, forKey: .cards) ?? []
    }

    private enum CodingKeys: String, CodingKey { case cards }
  }

  struct Request: JobRequest {
    let cards: [String]
    let subject: String?
    let isDryRun: Bool
  }

  struct Summary: RunSummary {
    var date: String
    var counts: [String: Int]
    var results: [String]?

    var shortened: Summary { self }
    var counters: [RunCounter] { [RunCounter("Cards", counts.count)] }
    var attributes: [String: AttributeValue] { ["cards": .number(counts.count)] }
    var notices: [RunNotice] {
      [RunNotice(kind: "missed", title: "1 card missed", numbers: "1", entries: [.init(name: "a", text: "0 of 1")])]
    }
    var logged: [String: String] { [:] }
    var place: String? { nil }
  }

  let name = "counting"
  let subjectName = "date"

  func request(_ event: Event<Keys>, now: Timestamp) -> Request {
    Request(cards: event.keys.cards, subject: "\(now.date)", isDryRun: event.isDryRun)
  }

  func setup(_ environment: Environment) throws -> Int {
    guard environment["COUNTING"] != nil else { throw ConfigurationError(problems: ["COUNTING: is not set"]) }
    return 1
  }

  func work(_ request: Request, in context: RunContext<Int>) async throws -> Work<Summary> {
    let date = request.subject ?? ""
    return .run(
      Run(subject: date, isDryRun: request.isDryRun, lock: nil) {
        CompletedRun(
          answer: RunAnswer(
            runID: context.runID, job: name, dryRun: request.isDryRun,
            summary: Summary(
              date: date, counts: Dictionary(uniqueKeysWithValues: request.cards.map { ($0, context.setup) }))))
      })
  }
}

/// What runs share, with a job that shares nothing else with the health score.
@Suite struct JobRunnerTests {
  private func runner(_ transport: ScriptedTransport, _ variables: [String: String]) -> JobRunner {
    JobRunner(
      jobs: JobTable([HealthScoreJob(), CountingJob()]),
      environment: Environment(variables), transport: transport, time: VirtualTime().source,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private let variables = [
    "COUNTING": "1", "CONFIG_DIR": "/nowhere", "SLACK_WEBHOOK_URL": "https://hooks.example/x", "ENVIRONMENT": "test",
    "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": "https://aws.example",
  ]

  private func answer(_ event: String, _ transport: ScriptedTransport) async throws -> [String: Any] {
    let body = try await runner(transport, variables).answer(event: Array(event.utf8))
    return try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
  }

  @Test func anotherJobNeedsNothingOfTheHealthScore() async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    let answer = try await answer(#"{"job":"counting","cards":["a","b"]}"#, transport)
    #expect(answer["job"] as? String == "counting" && answer["date"] as? String == "2026-11-01")
    #expect((answer["counts"] as? [String: Int])?.count == 2 && answer["period"] == nil)
    #expect((answer["sources"] as? [String: Any])?.isEmpty == true)
    let item = try #require(transport.requests.first { $0.url.hasPrefix("https://aws.example") }?.text)
    #expect(item.contains(##""pk":{"S":"counting#2026-11-01"}"##) && item.contains(#""cards":{"N":"2"}"#))
    #expect(item.contains(#""date":{"S":"2026-11-01"}"#) && !item.contains("tiers"))
    let message = try #require(transport.requests.first { $0.url.hasPrefix("https://hooks.example") }?.text)
    #expect(message.contains("1 card missed") && message.contains("counting 2026-11-01 (test)"))
  }

  @Test(arguments: [
    (
      #"{"job":"counting","period":"2026-10"}"#,
      "period: a key of the job health_score, allowed here are cards, dry_run"
    ),
    (#"{"job":"health_score","cards":["a"]}"#, "cards: a key of the job counting"),
    (#"{"cards":["a"]}"#, "cards: a key of the job counting"),
    (#"{"job":"counting","cards":"a"}"#, "cards: expected"),
    (#"{"job":"counting","dryrun":true}"#, "dryrun: unknown key"),
    (#"{"job":"nobody"}"#, "unknown job, expected one of health_score, counting"),
    (
      #"{"detail-type":"x","detail":{"job":"counting","period":"2026-10"}}"#,
      "detail.period: a key of the job health_score"
    ),
  ])
  func aKeyOfAnotherJobIsRefusedWithItsOwner(_ event: String, _ expected: String) async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    let error = await #expect(throws: JobError.self) { _ = try await answer(event, transport) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test func aJobChecksWhatItNeedsOnly() async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    let without = variables.filter { $0.key != "COUNTING" }
    let error = await #expect(throws: JobError.self) {
      try await runner(transport, without).answer(event: Array(#"{"job":"counting"}"#.utf8))
    }
    #expect(error?.kind == .invalidConfiguration && error?.message.contains("COUNTING: is not set") == true)
    #expect(error?.message.contains("weights.yaml") == false)
  }

  @Test func theHandlerSaysTheDefaultJob() async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    let body = try await runner(transport, variables.merging(["_HANDLER": "counting"]) { $1 })
      .answer(event: Array("{}".utf8))
    #expect(String(decoding: body, as: UTF8.self).contains(#""job":"counting""#))
  }

  @Test(arguments: ["later", "health_score"])
  func anEventForAnotherJobIsNotRun(_ name: String) async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    let error = await #expect(throws: JobError.self) {
      try await runner(transport, variables).run(CountingJob(), event: Array(#"{"job":"\#(name)"}"#.utf8))
    }
    #expect(error?.kind == .invalidEvent && transport.requests.isEmpty)
  }
}
