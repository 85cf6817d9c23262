import Sandbox
import TestSupport
import Testing

/// A run finds out what is true: every metric of every account, in every kind of workspace, site, instance and org.
@Suite struct TruthTests {
  @Test(arguments: [[]] + SandboxVariety.allCases.map { [$0] }) func aRunFindsTheTruth(
    _ varieties: [SandboxVariety]
  ) async throws {
    let world = try World(varieties: Set(varieties))
    defer { world.remove() }
    let answer = try await world.run(#"{"dry_run":true}"#)
    expectTruth(try world.snapshots(), world.services.world)
    // What is missing for another reason than that there is nothing is said.
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
