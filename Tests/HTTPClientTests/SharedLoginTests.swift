import Concurrency
import HTTPClient
import Testing

/// One login for all who ask at the same time, and a new one for what was refused.
@Suite struct SharedLoginTests {
  private struct Failure: Error {}

  @Test func manyWhoAreRefusedShareOneLogin() async throws {
    let count = Lock(0)
    let session = SharedLogin<String, String>(now: { .zero })
    // The vendor gives the same token at every login.
    let login: @Sendable () async throws -> String = {
      count.withLock { $0 += 1 }
      await Task.yield()
      return "same"
    }
    let first = try await session.access(for: "a", login: login)
    for _ in 0..<3 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask { _ = try await session.access(for: "a", replacing: first, login: login) }
        }
        try await group.waitForAll()
      }
    }
    #expect(count.withLock { $0 } == 2)
    let second = try await session.access(for: "a", login: login)
    _ = try await session.access(for: "a", replacing: second, login: login)
    #expect(count.withLock { $0 } == 3)
    // Other credentials are another login.
    _ = try await session.access(for: "b", login: login)
    #expect(count.withLock { $0 } == 4)
  }

  @Test func aRefusalIsRememberedAndLoginsAreLimited() async throws {
    let count = Lock(0)
    let session = SharedLogin<String, Int>(now: { .zero })
    for _ in 0..<3 {
      await #expect(throws: Failure.self) {
        try await session.access(for: "wrong", isRefusal: { _ in true }) {
          count.withLock { $0 += 1 }
          throw Failure()
        }
      }
    }
    #expect(count.withLock { $0 } == 1)
    var grant = try await session.access(for: "right") { 1 }
    for _ in 0..<4 { grant = try await session.access(for: "right", replacing: grant) { 1 } }
    await #expect(throws: TooManyLogins.self) { try await session.access(for: "right", replacing: grant) { 1 } }
  }

  @Test func whatHasExpiredIsReplaced() async throws {
    let session = SharedLogin<String, Int>(now: { .zero })
    _ = try await session.access(for: "a") { 1 }
    #expect(try await session.access(for: "a", isUsable: { $0 > 1 }) { 2 }.access == 2)
    #expect(try await session.access(for: "a", isUsable: { $0 > 1 }) { 3 }.access == 2)
  }
}
