import Formats
import Foundation
import HealthJob
import HealthModel
import Runs
import TestSupport
import Testing
import Time

/// Changes over 30, 60 and 90 days, Fin and the tone of texts, in whole runs. That the values are right is checked with
/// all others against the sandbox's truth.
@Suite struct TrendTests {
  /// Whether a search is about conversations from before October 2026.
  private static func isHistory(_ body: [UInt8]?) -> Bool {
    let text = String(decoding: body ?? [], as: UTF8.self)
    let start = Period(year: 2026, month: 10).start.seconds
    let bounds = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int64($0) }.filter { $0 > 1_000_000_000 }
    return bounds.min().map { $0 < start - 1 } ?? false
  }

  private func configuration(_ change: (String) -> String) throws -> String {
    let folder = try Shipped.temporaryFolder()
    for name in ["weights.yaml", "thresholds.yaml", "sources.yaml", "customers.yaml", "account_mapping.csv"] {
      let text = String(decoding: try Shipped.bytes(name), as: UTF8.self)
      try Data((name == "sources.yaml" ? change(text) : text).utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    return folder
  }

  @Test func everyKindOfTrendIsRead() async throws {
    let world = try TestWorld(configuration: Shipped.configFolder)
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.status == .succeeded)
    expectTruth(try world.snapshots(), world.services.world, withTrends: true)
    let trends = try world.snapshots().flatMap(\.trends)
    #expect(trends.count > 500 && trends.allSatisfy { $0.windows.map(\.days) == [30, 60, 90] })
    #expect(trends.contains { $0.direction == .steady } && trends.contains { $0.direction == .tooLittle })
    let snapshot = try #require(try world.snapshots().first { !$0.trends.isEmpty })
    #expect(try AccountSnapshot(line: snapshot.line).trends == snapshot.trends)
  }

  /// The months before are only for trends: without them the month itself is whole.
  @Test func monthsThatCannotBeReadCostTheTrendsAlone() async throws {
    let world = try TestWorld(configuration: Shipped.configFolder) {
      $0.url.contains("/conversations/search") && Self.isHistory($0.body) ? .json("{}", status: 500) : nil
    }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.status == .partial && answer.sources["intercom"]?.status == .partial)
    let whole = try TestWorld(configuration: Shipped.configFolder)
    defer { whole.remove() }
    _ = try await whole.run(#"{"dry_run": true}"#)
    for (found, expected) in zip(try world.snapshots(), try whole.snapshots()) {
      #expect(found.trends.isEmpty)
      for metric in Metric.allCases where !Metric.trends.contains(metric) {
        #expect(found.observations[metric] == expected.observations[metric])
      }
      for metric in Metric.trends where expected.observations[metric].value != nil {
        #expect(found.observations[metric] == .missing(.unavailable))
      }
    }
  }

  @Test func trendsCanBeTurnedOff() async throws {
    let folder = try configuration { $0.replacing("trends: true", with: "trends: false") }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let world = try TestWorld(environment: ["CONFIG_DIR": folder]) {
      if $0.url.contains("/conversations/search"), Self.isHistory($0.body) {
        Issue.record("the months before are asked for")
      }
      return nil
    }
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.status == .succeeded)
    #expect(
      try world.snapshots().allSatisfy { account in
        account.trends.isEmpty && Metric.trends.allSatisfy { account.observations[$0].value == nil }
      })
  }

  /// Text is read only where somebody said so, and nothing of it is kept.
  @Test func textsSuggestSignalsAndAreKeptNowhere() async throws {
    let folder = try configuration {
      $0.replacing("text_analysis: false", with: "text_analysis: true").replacing("trends: true", with: "trends: false")
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let world = try TestWorld(environment: ["CONFIG_DIR": folder])
    defer { world.remove() }
    _ = try await world.run(#"{"dry_run": true}"#)
    let snapshots = try world.snapshots()
    let signals = snapshots.flatMap(\.suggestedSignals)
    #expect(Set(signals.map(\.category)).isSuperset(of: [.contract, .competitor]))
    #expect(signals.allSatisfy { !$0.conversationID.isEmpty })
    #expect(snapshots.contains { ($0.observations[.negativeConversations].value ?? 0) > 0 })
    let written = try world.everythingWritten()
    for text in ["fed up", "not renew", "far cheaper", "invented guest", "nobody answers"] {
      #expect(!written.contains(text), "\(text)")
    }
    // A suggestion caps nothing.
    let off = try TestWorld()
    defer { off.remove() }
    _ = try await off.run(#"{"dry_run": true}"#)
    #expect(try off.snapshots().map(\.signals) == snapshots.map(\.signals))
    #expect(try off.snapshots().allSatisfy { $0.suggestedSignals.isEmpty })
    #expect(try off.snapshots().allSatisfy { $0.observations[.negativeConversations].value == nil })
  }

  /// One line in weights.yaml puts a trend into the score.
  @Test func oneLineScoresATrend() async throws {
    let folder = try configuration { $0 }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let weights = String(decoding: try Shipped.bytes("weights.yaml"), as: UTF8.self)
      .replacing("    total_conversations: 0.05\n", with: "    total_conversations_trend_90: 0.05\n")
    try Data(weights.utf8).write(to: URL(filePath: "\(folder)/weights.yaml"))
    let world = try TestWorld(environment: ["CONFIG_DIR": folder])
    defer { world.remove() }
    let answer = try await world.run("{}")
    #expect(answer.status == .succeeded)
    #expect(answer.warnings.contains { $0.contains("total_conversations_trend_90") })
    // Figures that no score hangs on wait for nobody.
    #expect(!answer.warnings.contains { $0.contains("total_conversations_trend_30") })
  }

  /// A state that Fin does not know would make every share 0.
  @Test func statesOfOtherNamesAreNotConfigured() async throws {
    let folder = try configuration {
      $0.replacing("trends: true", with: "trends: false")
        .replacing("resolved_states: [assumed_resolution, confirmed_resolution]", with: "resolved_states: [solved]")
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let world = try TestWorld(configuration: folder)
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run": true}"#)
    #expect(answer.warnings.contains { $0.contains("fin.resolved_states") })
    #expect(try world.snapshots().allSatisfy { $0.observations[.finDeflection].value == nil })
    #expect(try world.snapshots().contains { $0.observations[.finCXScore].value != nil })
  }
}
