import Foundation
import HealthModel
import Sandbox
import TestSupport
import Testing
import Time

/// The real `bootstrap`, as a process, finds the sandbox's true values. `BOOTSTRAP` may name a packaged one.
@Suite(.serialized) struct ProcessTruthTests {
  /// The last closed month, because the process uses the machine's clock.
  private static var period: Period {
    Period(containing: TimeSource.system.now).advanced(by: -1)
  }

  /// Three runs each, because the order in which answers arrive differs from run to run.
  @Test(
    arguments: [
      [], [.companiesNone], [.companiesMixed], [.companiesSpelled, .botOpened], [.conversationsOdd, .jiraOdd],
      [.jiraRenamedProject, .jiraUnresolved, .lookerCapped, .salesforceCurrencies],
      [.tagsRenamed, .jiraTranslated, .lookerFormatted, .salesforcePicklists],
      [.jiraOtherType, .jiraContradicting, .lookerPercent, .salesforceCursors, .salesforceExpiry],
      [.jiraComponentsHidden, .lookerMonths, .lookerZone, .salesforceHidden],
      [.jiraProjectRefused, .lookerPivoted, .salesforceTextAmounts], [.salesforceVersion],
    ] as [Set<SandboxVariety>])
  func theProgramFindsTheTruth(_ varieties: Set<SandboxVariety>) async throws {
    let world = SandboxWorld(period: Self.period, varieties: varieties)
    try await BootstrapProcess.withSandbox(world) { base, services, folder in
      let function = try BootstrapProcess(base, folder: folder)
      defer { function.stop() }
      var first: [UInt8]?
      for _ in 1...3 {
        let (body, errorType) = await services.invoke(Array(#"{"dry_run":true}"#.utf8))
        #expect(errorType == nil, "\(String(decoding: body, as: UTF8.self))")
        let file = "\(folder)/output/health_scores_\(Self.period).jsonl"
        let lines = Array(try Data(contentsOf: URL(filePath: file)))
        if let first { #expect(lines == first, "the same again") }
        first = first ?? lines
        expectTruth(try lines.split(separator: 10).map { try AccountSnapshot(line: Array($0)) }, world)
      }
    }
  }
}
