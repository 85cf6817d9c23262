import Foundation
import HTTPClient
import HealthJob
import HealthModel
import TestSupport
import Testing
import Time

@testable import Runs

private func report(
  _ change: (inout HealthScoreAnswer) -> Void = { _ in }, failure: (String, String)? = nil
) -> RunReport {
  let october = Period(year: 2026, month: 10)
  var answer = HealthScoreAnswer(
    runID: "r1", job: "health_score", dryRun: false, summary: HealthScoreSummary(period: october, asOf: october.end))
  change(&answer)
  return RunReport(
    environment: "test", job: "health_score", runID: "r1", subjectName: "period", subject: "2026-10", isDryRun: false,
    startedAt: october.end, durationSeconds: 1.5,
    outcome: failure.map { .failed(type: $0.0, message: $0.1) } ?? .answered(RunReport.Facts(answer)))
}

private func mover(_ name: String, _ before: Tier, _ after: Tier, change: Double) -> HealthScoreSummary.Mover {
  HealthScoreSummary.Mover(
    accountID: "001", accountName: name, previous: 80, current: 80 + change, change: change, previousTier: before,
    tier: after)
}

private func withTrouble(_ answer: inout HealthScoreAnswer) {
  answer.sources["jira"] = .init(status: .failed, error: "Jira: <GET> answered HTTP 503")
  answer.sources["looker"] = .init(status: .succeeded)
  answer.summary.set(movers: [
    mover("Sample & Sons", .healthy, .critical, change: -40), mover("Riser", .critical, .healthy, change: 30),
    mover("Same", .healthy, .healthy, change: -1),
  ])
}

@Suite struct WatcherTests {
  @Test func aGoodRunIsNoNews() async {
    let transport = ScriptedTransport { _ in HTTPResponse(status: 200) }
    let slack = Slack(webhookURL: "https://hooks.example/services/planted-secret", transport: transport)
    let rollbar = Rollbar(baseURL: "https://rollbar.example", token: "t", transport: transport)
    #expect(await slack.send(report()).isEmpty)
    #expect(await rollbar.send(report()).isEmpty)
    #expect(transport.requests.isEmpty)
  }

  @Test func slackSaysWhatFailedAndWhoFell() async throws {
    let transport = ScriptedTransport { _ in HTTPResponse(status: 200, body: Array("ok".utf8)) }
    let slack = Slack(webhookURL: "https://hooks.example/x", transport: transport, time: VirtualTime().source)
    #expect(await slack.send(report(withTrouble)).isEmpty)
    #expect(transport.requests.count == 1)
    let text = try #require(transport.requests.first?.text)
    #expect(text.contains("jira failed: Jira: &lt;GET&gt; answered HTTP 503"))
    #expect(text.contains("Sample &amp; Sons: Healthy 80.0 → *Critical 40.0*"))
    #expect(text.contains("1 account dropped a tier"))
    #expect(!text.contains("Riser") && !text.contains("Same"))
  }

  @Test func aSecretURLIsNeverNamed() async {
    let transport = ScriptedTransport { _ in throw TransportError(.connect, "refused") }
    let slack = Slack(
      webhookURL: "https://hooks.example/services/planted-secret", transport: transport, time: VirtualTime().source)
    let problems = await slack.send(report(failure: ("Function.X", "m")))
    #expect(problems.count == 1)
    #expect(!problems.joined().contains("planted"))
  }

  @Test func rollbarGroupsByCauseAndNamesNoCustomer() async throws {
    let transport = ScriptedTransport { _ in .json(#"{"err":0}"#) }
    let rollbar = Rollbar(
      baseURL: "https://rollbar.example", token: "planted-token", transport: transport, time: VirtualTime().source)
    #expect(await rollbar.send(report(withTrouble)).isEmpty)
    #expect(transport.requests.count == 2)
    #expect(transport.requests.allSatisfy { $0.headers["X-Rollbar-Access-Token"] == "planted-token" })
    let all = transport.requests.map(\.text).joined()
    #expect(!all.contains("Sample") && !all.contains("planted"))
    #expect(all.contains(#""fingerprint":"health_score:sources:jira""#))
    #expect(all.contains("Healthy → Critical: 1"))
    let items = Rollbar.items(report(failure: ("Function.InvalidConfiguration", "weights.yaml:1:1: wrong")))
    #expect(items.count == 1)
    #expect(items[0].fingerprint.count <= 40)
  }

  @Test func rollbarDropsWhatIsTooMuch() async {
    let transport = ScriptedTransport { _ in HTTPResponse(status: 429, headers: ["Retry-After": "60"]) }
    let rollbar = Rollbar(
      baseURL: "https://rollbar.example", token: "t", transport: transport, time: VirtualTime().source)
    #expect(await rollbar.send(report(failure: ("Function.X", "m"))).isEmpty)
    #expect(transport.requests.count == 1)
  }

  @Test func embeddedMetricsAreWhatCloudWatchReads() throws {
    let run = report { answer in
      withTrouble(&answer)
      answer.meanCoveragePercent = 87.5
    }
    let line = try EmbeddedMetrics.line(run, at: Timestamp(milliseconds: 1_793_500_000_000))
    #expect(line.last == 10 && line.filter { $0 == 10 }.count == 1)
    let json = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    let metadata = try #require(json["_aws"] as? [String: Any])
    #expect(metadata["Timestamp"] as? Int == 1_793_500_000_000)
    let directive = try #require((metadata["CloudWatchMetrics"] as? [[String: Any]])?.first)
    #expect(directive["Namespace"] as? String == "HealthScore")
    for dimension in try #require((directive["Dimensions"] as? [[String]])?.first) {
      #expect(json[dimension] is String)
    }
    let definitions = try #require(directive["Metrics"] as? [[String: String]])
    for definition in definitions { #expect(json[definition["Name"] ?? ""] is NSNumber) }
    #expect(json["SourcesFailed"] as? Int == 1)
    #expect(json["TierDrops"] as? Int == 1)
    #expect(json["CoverageMean"] as? Double == 87.5)
  }

  @Test func datagramsAreWhatDatadogTakes() {
    let text = String(decoding: DogStatsD.datagram(report(withTrouble)), as: UTF8.self)
    #expect(text.utf8.count < 8192)
    for line in text.split(separator: "\n") {
      #expect(line.wholeMatch(of: /health_score\.[a-z_]+:[0-9.]+\|[cg]\|#[a-z_:,]+/) != nil, "\(line)")
    }
    #expect(text.contains("health_score.tier_at_risk:0.0|g|"))
  }
}
