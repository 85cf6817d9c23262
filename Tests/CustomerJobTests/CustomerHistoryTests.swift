import Concurrency
import CustomerJob
import Foundation
import HTTPClient
import TestSupport
import Testing
import Time

/// After an incremental run the table holds what a full run would write at that instant.
@Suite struct CustomerHistoryTests {
  @Test(arguments: 0..<(Shipped.isDebugBuild ? 30 : 100)) func anIncrementalRunKnowsAsMuchAsAFullOne(_ seed: Int)
    async throws
  {
    let history = CustomerHistory(seed: "history \(seed)")
    let first = try await history.run()
    #expect(first.status == .succeeded && first.mode == .full, "\(first.warnings) \(first.sources)")
    for round in 1...(seed % 10 == 0 ? 4 : 2) {
      history.live(hours: [6, 24 * 9, 30, 6][round - 1], changes: 12)
      let answer = try await history.run()
      #expect(answer.status == .succeeded && answer.mode == .incremental, "\(answer.warnings) \(answer.sources)")
      try await history.expectTruth("seed \(seed), round \(round)")
    }
  }

  /// A process that dies can't do anything any more, whatever it was about to do.
  @Test(arguments: 0..<30) func aRunThatWasKilledAndRunAgainGivesTheSameTable(_ seed: Int) async throws {
    let history = CustomerHistory(seed: "killed \(seed)")
    // Some die in the first, full run, others in a later one.
    if seed % 4 != 0 { _ = try await history.run() }
    for round in 1...2 {
      history.live(hours: [30, 24 * 8][round - 1], changes: 12)
      var random = SystemRandom(seed: UInt64(seed * 10 + round))
      let fatal = Int.random(in: 1...(seed % 2 == 0 ? 60 : 16), using: &random)
      let sent = Lock(0)
      let dying = ScriptedTransport { request in
        let number = sent.withLock { sent in
          sent += 1
          return sent
        }
        // Every other one is still done there, but the process hears nothing of it.
        if number >= fatal {
          if number == fatal, seed % 3 == 0 { _ = try await history.transport.send(request) }
          throw CancellationError()
        }
        return try await history.transport.send(request)
      }
      _ = try? await history.run("{}", through: dying)
      // Its lock ends by itself.
      history.live(hours: 2, changes: round == 2 ? 6 : 0)
      let answer = try await history.run()
      #expect(answer.status == .succeeded, "\(answer.warnings) \(answer.sources)")
      try await history.expectTruth("seed \(seed), round \(round), killed at request \(fatal)")
    }
  }
}

/// Reproducible numbers.
private struct SystemRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
