import Concurrency
import Foundation
import HTTPClient
import Runs
import Sandbox
import TestSupport
import Testing
import Time

/// Lambda ends an invocation at its deadline. Before that, the run must write what is complete and answer.
@Suite struct DeadlineTests {
  /// A world in which each slow request takes this many seconds, on a clock that only waiting moves.
  private func slow(
    _ seconds: Int, _ isSlow: @escaping @Sendable (HTTPRequest) -> Bool
  ) throws -> (world: FaultWorld, time: SteppedTime, setFast: @Sendable () -> Void) {
    let isOn = Lock(true)
    let time = SteppedTime()
    let world = try FaultWorld(clock: time.source) { services in
      let sandbox = ScriptedTransport.sandbox(services)
      return ScriptedTransport { request in
        guard isOn.withLock({ $0 }), isSlow(request) else { return try await sandbox.send(request) }
        let response = try await sandbox.send(request)
        // As with libcurl, the request's own time limit ends it.
        if let limit = request.timeout, limit < .seconds(seconds) {
          try await time.source.sleep(limit)
          throw TransportError(.timedOut, "Timeout was reached")
        }
        try await time.source.sleep(.seconds(seconds))
        return response
      }
    }
    return (world, time, { isOn.withLock { $0 = false } })
  }

  @Test(arguments: Vendor.allCases) func aSlowVendorCostsItselfOnly(_ vendor: Vendor) async throws {
    let (world, time, setFast) = try slow(400, vendor.isData)
    defer { world.remove() }
    let end = time.wall + .seconds(300)
    let answer = try await world.run(deadline: end)
    #expect(time.wall <= end - .seconds(2), "answered in time")
    #expect(answer.status == .partial)
    let status = try #require(answer.sources[vendor.rawValue]?.status)
    #expect(status == .failed || status == .partial)
    // The other sources are read, and every record is written once.
    #expect(answer.load?.failed == 0)
    #expect(world.records.count == answer.load?.created)

    setFast()
    let next = try await world.run(deadline: time.wall + .seconds(300))
    #expect(next.status == .succeeded)
    #expect(world.records.count == SandboxWorld.faultAccounts)
    #expect(try await world.snapshots() == undisturbed.value.snapshots)
  }

  @Test func aSlowOrgIsWrittenToAsFarAsTimeGoes() async throws {
    let (world, time, setFast) = try slow(200) { $0.url.contains("/composite/sobjects/") }
    defer { world.remove() }
    let end = time.wall + .seconds(60)
    let answer = try await world.run(deadline: end)
    #expect(time.wall <= end - .seconds(2))
    #expect(answer.status == .partial)
    #expect(answer.load?.failed == SandboxWorld.faultAccounts)
    #expect(answer.failures.allSatisfy { $0.error.contains("time") || $0.error.contains("Timeout") })

    setFast()
    let next = try await world.run(deadline: time.wall + .seconds(60))
    #expect(next.status == .succeeded)
    // The org had written the records although its answer came too late. No record exists twice.
    #expect(next.load?.updated == SandboxWorld.faultAccounts)
    #expect(world.records.count == SandboxWorld.faultAccounts)
  }

  @Test func aBulkJobThatNeverEndsIsTakenBack() async throws {
    let time = SteppedTime()
    let aborted = Lock(0)
    let isOn = Lock(true)
    let world = try FaultWorld(bulkAbove: 5, clock: time.source) { services in
      let sandbox = ScriptedTransport.sandbox(services)
      return ScriptedTransport { request in
        guard isOn.withLock({ $0 }), request.url.contains("/jobs/ingest/") else {
          return try await sandbox.send(request)
        }
        if request.text.contains("Aborted") { aborted.withLock { $0 += 1 } }
        // The job stays in progress, and the org never processes it.
        return .json(#"{"id":"750SB0000000001","state":"InProgress"}"#)
      }
    }
    defer { world.remove() }
    let end = time.wall + .seconds(120)
    let answer = try await world.run(deadline: end)
    #expect(time.wall <= end - .seconds(2))
    #expect(answer.status == .partial && answer.load?.failed == SandboxWorld.faultAccounts)
    #expect(aborted.withLock { $0 } == 1)
    #expect(world.records.isEmpty)

    isOn.withLock { $0 = false }
    let next = try await world.run()
    #expect(next.load?.created == SandboxWorld.faultAccounts)
  }

  /// No wait goes beyond the deadline, even if a server asks for a longer one.
  @Test(arguments: Vendor.allCases) func noPatienceBeyondTheDeadline(_ vendor: Vendor) async throws {
    let time = SteppedTime()
    let world = try FaultWorld(clock: time.source)
    defer { world.remove() }
    world.transport.set(
      .status(429, ["Retry-After": "60"], attempts: .max, outcome: .sourceFails), at: vendor)
    let end = time.wall + .seconds(40)
    let answer = try await world.run(deadline: end)
    #expect(time.wall <= end - .seconds(2))
    #expect(answer.status == .partial)
  }

  @Test func anInvocationThatIsOverAlreadySaysSo() async throws {
    let world = try FaultWorld()
    defer { world.remove() }
    let error = await #expect(throws: JobError.self) {
      try await world.run(deadline: world.time.source.wall() - .seconds(1))
    }
    #expect(error?.kind == .salesforceUnavailable)
    #expect(world.records.isEmpty)
    #expect(try await world.run().status == .succeeded)
  }
}
