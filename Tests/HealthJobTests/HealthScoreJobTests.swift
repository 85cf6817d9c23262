import Concurrency
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import HealthSources
import Logging
import Scoring
import Snapshots
import TestSupport
import Testing

@testable import HealthJob
@testable import Runs

@Suite struct HealthScoreJobTests {
  @Test func aDryRunScoresAndWritesNothingToSalesforce() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let before = world.services.salesforceRows(of: "Health_Score__c").count
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.status == .succeeded, "\(answer.warnings) \(answer.sources)")
    #expect(answer.accounts.scored >= 100)
    #expect(answer.tiers.values.allSatisfy { $0 > 0 })
    #expect(answer.load == nil)
    #expect(answer.results?.count == 120)
    #expect(world.services.salesforceRows(of: "Health_Score__c").count == before)
    #expect(!answer.movers.isEmpty)
    for source in SourceRegistry.ids {
      let received = try #require(answer.received[source.name])
      #expect(received.used > 0)
    }
    // Signals cap this score, and the first driver says so.
    let capped = try #require(answer.results?.first { $0.qualitativeRule == "critical_confirmed" })
    #expect(capped.healthScore == 50)
    #expect(capped.drivers.first?.contains("caps the score at 50") == true)
    // Sources without data about an account give the reason.
    let reasons = Set((answer.results ?? []).flatMap { $0.missing.values })
    #expect(reasons.isSuperset(of: [.notFound, .notMapped]))
  }

  @Test func aLiveRunTwiceLeavesOneRecordPerAccountAndMonth() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let first = try await world.run("{}")
    #expect(first.load?.created == 120)
    let second = try await world.run("{}")
    #expect(second.load?.updated == 120)
    #expect(second.load?.created == 0)
    let rows = world.services.salesforceRows(of: "Health_Score__c").filter { $0["Scoring_Period__c"] == "2026-10" }
    #expect(rows.count == 120)
    #expect(Set(rows.compactMap { $0["Health_Score_Key__c"] }).count == 120)
    let row = try #require(rows.first { $0["Qual_Rule__c"] == "critical_confirmed" })
    #expect(row["Health_Score__c"] == "50.0")
    #expect(row["Scoring_Date__c"] == "2026-10-31")
    #expect(row["Platform_Page_Visits_Per_Arrival__c"] != nil)
    #expect(first.warnings.contains { $0.contains("not approved") })
  }

  @Test func aReplayOfTheSnapshotGivesTheSameBits() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    let stored = try JSONBody.decode(
      ConfigurationSnapshot.self,
      from: Array(try Data(contentsOf: URL(filePath: "\(world.folder)/health_scores_2026-10.config.json"))))
    let scorer = Scorer(
      model: try HealthScoreConfiguration(
        ConfigurationFiles(
          weights: Array((stored.files["weights.yaml"] ?? "").utf8),
          thresholds: Array((stored.files["thresholds.yaml"] ?? "").utf8),
          sources: Array((stored.files["sources.yaml"] ?? "").utf8))
      ).scoring)
    let results = Dictionary(uniqueKeysWithValues: try #require(answer.results).map { ($0.accountID, $0) })
    for snapshot in try world.snapshots() {
      let score = scorer.score(snapshot)
      let result = try #require(results[snapshot.accountID])
      #expect(score.health == result.healthScore)
      #expect(Shown.oneDecimal(score.coveragePercent) == result.coveragePercent)
      // A stored line reads back as the same snapshot.
      #expect(try AccountSnapshot(line: snapshot.line) == snapshot)
    }
  }

  @Test func withIntercomDownItsMetricsAreUnavailableAndTheRestIsWritten() async throws {
    let world = try TestWorld { $0.url.contains("/intercom/") ? .json("{}", status: 500) : nil }
    defer { world.remove() }
    let answer = try await world.run("{}")
    #expect(answer.status == .partial)
    #expect(answer.sources["intercom"]?.status == .failed)
    #expect(answer.sources["intercom"]?.error?.contains("HTTP 500 after 5 attempts") == true)
    #expect(answer.load?.created == 120)
    for snapshot in try world.snapshots() {
      for metric in IntercomSource.metrics where !Metric.trends.contains(metric) && metric != .negativeConversations {
        let reason = try #require(snapshot.observations[metric].missingReason)
        #expect(reason == .unavailable || reason == .notMapped)
      }
    }
  }

  @Test(arguments: [
    // The org describes the object but refuses to query it.
    #"[{"message":"no access","errorCode":"INSUFFICIENT_ACCESS"}]"#, #"[{"message":"x","errorCode":"INVALID_FIELD"}]"#,
  ])
  func unreadableSignalsInventAndDropNothing(_ body: String) async throws {
    let world = try TestWorld { request in
      request.url.contains("FROM%20Churn_Signal__c") ? .json(body, status: 400) : nil
    }
    defer { world.remove() }
    let first = try await TestWorld().run("{}")
    #expect(first.status == .succeeded)
    let answer = try await world.run("{}")
    #expect(answer.status == .partial)
    let scorer = Scorer(model: try Shipped.configuration().scoring)
    for snapshot in try world.snapshots() {
      let score = scorer.score(snapshot)
      #expect(score.qualitative == Qualitative(rule: "unavailable"))
      #expect(score.interval?.isTierCertain != true)
    }
    // The old cap is cleared: it would contradict the new score.
    let rows = world.services.salesforceRows(of: "Health_Score__c").filter { $0["Scoring_Period__c"] == "2026-10" }
    #expect(rows.count == 120)
    #expect(rows.allSatisfy { $0["Qual_Rule__c"] == "unavailable" && $0["Qual_Cap__c"] == nil })
  }

  @Test func withSalesforceDownADryRunKnowsNoSignals() async throws {
    let world = try TestWorld { $0.url.contains("/salesforce/") ? .json("{}", status: 503) : nil }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.status == .partial)
    #expect(answer.sources["salesforce"]?.status == .failed)
    let snapshots = try world.snapshots()
    // Accounts without a segment in the mapping have none, because Salesforce would decide it.
    #expect(answer.failures.allSatisfy { $0.stage == "segment" })
    #expect(snapshots.count == 120 - answer.failuresTotal)
    for snapshot in snapshots {
      #expect(snapshot.signals == .missing(.unavailable))
      #expect(snapshot.observations[.daysToRenewal] == .missing(.unavailable))
      // The configuration names no field for this metric, so the reason is not the outage.
      #expect(snapshot.observations[.responsiveness] == .missing(.notConfigured))
    }
  }

  @Test func anOrgWithoutTheObjectHasNoSignals() async throws {
    let world = try TestWorld { request in
      request.url.contains("/Churn_Signal__c/describe")
        ? .json(#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#, status: 404) : nil
    }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.status == .succeeded)
    #expect(answer.results?.allSatisfy { $0.qualitativeRule == "none" } == true)
    #expect(answer.warnings.count { $0.contains("no object Churn_Signal__c") } == 1)
  }

  @Test func anUnknownIdIsNotFoundNeverZeros() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run":true}"#)
    let snapshots = try world.snapshots()
    let unknownCompany = snapshots[7].observations
    for metric in IntercomSource.metrics where !Metric.trends.contains(metric) && metric != .negativeConversations {
      #expect(unknownCompany[metric] == .missing(.notFound))
    }
    let unknownComponent = snapshots[13].observations
    for metric in JiraSource.metrics { #expect(unknownComponent[metric] == .missing(.notFound)) }
    let unknownBrand = snapshots[19].observations
    for metric in LookerSource.metrics { #expect(unknownBrand[metric] == .missing(.notFound)) }
  }

  @Test func oneFailingLookCostsOnlyItsMetrics() async throws {
    let world = try TestWorld { $0.url.contains("/looks/177/") ? .json(#"[{"looker_error":"boom"}]"#) : nil }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.sources["looker"]?.status == .partial)
    let observations = try world.snapshots()[0].observations
    #expect(observations[.itineraryBooking] == .missing(.unavailable))
    #expect(observations[.pageVisitsPerBooking].value != nil)
  }

  @Test func anExpiredSessionIsRenewedOnce() async throws {
    let expired = Lock(Set<String>())
    let world = try TestWorld { request in
      guard request.url.contains("/salesforce/services/data/") || request.url.contains("/looks/") else { return nil }
      let service = request.url.contains("/looks/") ? "looker" : "salesforce"
      let isFirst = expired.withLock { $0.insert(service).inserted }
      return isFirst
        ? .json(#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#, status: 401) : nil
    }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.status == .succeeded)
    #expect(world.transport.requests.count { $0.url.hasSuffix("/services/oauth2/token") } == 2)
    #expect(world.transport.requests.count { $0.url.hasSuffix("/api/4.0/login") } == 2)
  }

  @Test func anOlderMonthKnowsNotWhatOnlyTodayTells() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"period":"2026-07","dry_run":true}"#)
    #expect(answer.status == .succeeded)
    let line = try #require(try world.lines("health_scores_2026-07.jsonl").first)
    let snapshot = try AccountSnapshot(line: line)
    #expect(snapshot.observations[.arrTrajectory] == .missing(.notAsOf))
    #expect(snapshot.observations[.digitalKey] == .missing(.notAsOf))
    #expect(snapshot.observations[.platformScore].value != nil)
    #expect(snapshot.signals == .missing(.notAsOf))
  }

  @Test func sourcesWithoutCredentialsAreInactive() async throws {
    let world = try TestWorld(environment: ["JIRA_API_TOKEN": "", "SF_CLIENT_ID": ""])
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.sources["jira"]?.status == .inactive)
    #expect(answer.sources["salesforce"]?.status == .inactive)
    #expect(try world.snapshots()[0].observations[.openBugs] == .missing(.notConfigured))
    let error = await #expect(throws: JobError.self) { try await world.run("{}") }
    #expect(error?.kind == .noCredentials)
  }

  @Test func aRefusedSalesforceStopsALiveRunBeforeAnythingIsRead() async throws {
    let world = try TestWorld(environment: ["SF_CLIENT_SECRET": "wrong"])
    defer { world.remove() }
    let error = await #expect(throws: JobError.self) { try await world.run("{}") }
    #expect(error?.kind == .salesforceUnavailable)
    #expect(error?.message.contains("SF_CLIENT_SECRET") == true)
    #expect(world.transport.requests.filter { $0.headers["X-Amz-Target"] == nil }.count == 1)
    // The failed run is still recorded, and the month's lock is released.
    let items = world.services.items(in: "sandbox-custom-metrics")
    #expect(items.first { $0["sk"] != "lock" }?["status"] == "failed")
  }

  @Test func chosenAccountsOnly() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true,"accounts":["001SBx000000001"]}"#)
    #expect(answer.results?.map(\.accountID) == ["001SBx000000001YAA"])
    let error = await #expect(throws: JobError.self) {
      try await world.run(#"{"dry_run":true,"accounts":["001SBx999999999"]}"#)
    }
    #expect(error?.message.contains("not in account_mapping.csv") == true)
  }

  @Test func theTableIsWellFormed() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    let bytes = Array(try Data(contentsOf: URL(filePath: try #require(answer.csv))))
    let records = try CSV.records(bytes)
    #expect(records.count == 121)
    #expect(records[0].fields == CSVReport.header)
    #expect(records.allSatisfy { $0.fields.count == CSVReport.header.count })
  }

  @Test(arguments: [("=1+1", "'=1+1"), ("+49", "'+49"), ("-x", "'-x"), ("@a", "'@a"), ("Acme", "Acme"), ("", "")])
  func formulasAreDefused(_ text: String, _ expected: String) { #expect(CSV.defused(text) == expected) }

  @Test func noSecretAndNoPersonLeavesTheRun() async throws {
    let world = try TestWorld()
    defer { world.remove() }
    let answer = String(decoding: try JSONBody.encode(try await world.run(#"{"dry_run":true}"#)), as: UTF8.self)
    let files = try FileManager.default.contentsOfDirectory(atPath: world.folder).map {
      String(decoding: try Data(contentsOf: URL(filePath: "\(world.folder)/\($0)")), as: UTF8.self)
    }
    #expect(files.count == 4)
    for marker in ["sandbox-intercom-token", "sandbox-jira-token", "looker-secret", "guest@sandbox", "Sample Guest"] {
      for text in files + [answer] { #expect(!text.contains(marker)) }
    }
  }

  @Test func anUnwritableFolderIsSaidAndCostsNoScore() async throws {
    let world = try TestWorld(environment: ["OUTPUT_DIR": "/dev/null/nowhere"])
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    #expect(answer.status == .partial)
    #expect(answer.csv == nil)
    #expect(answer.results?.count == 120)
    #expect(answer.warnings.contains { $0.contains("OUTPUT_DIR") })
  }
}
