import Sandbox
import TestSupport
import Testing

/// A run finds the true value of every metric of every account, with every variety of the vendors' data.
@Suite struct TruthTests {
  @Test(arguments: [[]] + SandboxVariety.allCases.map { [$0] }) func aRunFindsTheTruth(
    _ varieties: [SandboxVariety]
  ) async throws {
    let world = try TestWorld(varieties: Set(varieties))
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    expectTruth(try world.snapshots(), world.services.world)
    // With these varieties no data is lost, so no warning is needed. With the others the answer says what is missing.
    let isQuiet: Set<SandboxVariety> = [
      .companiesNone, .companiesMixed, .companiesSpelled, .botOpened, .jiraRenamedProject, .jiraUnresolved,
      .jiraContradicting, .salesforceCursors,
    ]
    if varieties.allSatisfy(isQuiet.contains) {
      #expect(answer.status == .succeeded, "\(answer.warnings) \(answer.sources)")
    } else {
      let told = answer.warnings + answer.sources.values.compactMap(\.error)
      #expect(!told.isEmpty)
    }
  }
}
