import Formats
import Foundation
import HealthModel
import HealthSources
import Testing

/// Every fault at every vendor in a live run of the real job, then the next event without the fault.
@Suite struct VendorFaultTests {
  @Test(arguments: Fault.everywhere(at: Vendor.allCases))
  func aFaultEverywhere(_ vendor: Vendor, _ fault: Fault) async throws { try await check(fault, at: vendor) }

  @Test(arguments: Vendor.allCases.flatMap { vendor in (Fault.particular[vendor] ?? []).map { (vendor, $0) } })
  func aFaultOfItsOwn(_ vendor: Vendor, _ fault: Fault) async throws { try await check(fault, at: vendor) }

  private func check(_ fault: Fault, at vendor: Vendor) async throws {
    let world = try FaultWorld()
    defer { world.remove() }
    let baseline = try await undisturbed.value
    world.transport.set(fault, at: vendor)
    let answer = try await world.run()
    #expect(world.transport.hits > 0, "the fault was met")
    let report = try #require(answer.sources[vendor.rawValue])
    let snapshots = try world.snapshots()

    // Records: every scored account is written exactly once.
    let keys = world.records.compactMap { $0["Health_Score_Key__c"] }
    #expect(keys.count == Set(keys).count)
    #expect((answer.load?.created ?? 0) == keys.count && answer.load?.failed == 0)

    // Requests: none is repeated more often than its fault allows, and no wait is longer than about a minute.
    let base = baseline.answer.sources[vendor.rawValue]?.requests ?? 0
    #expect(report.requests <= base * fault.maximumAttempts * 2 + 20, "\(report.requests) requests")
    #expect(world.time.waited.allSatisfy { $0 <= .seconds(61) })
    #expect(report.retries <= report.requests)

    switch fault.outcome(at: vendor) {
    case .recovers:
      #expect(answer.status == .succeeded, "\(answer.warnings) \(report)")
      #expect(snapshots == baseline.snapshots)
    case .isHarmless:
      #expect(report.status == .succeeded, "\(answer.warnings) \(report)")
      #expect(snapshots == baseline.snapshots)
    case .sourceFails:
      #expect(answer.status == .partial)
      #expect(report.status == .failed || report.status == .partial, "\(report)")
      #expect(report.error?.isEmpty == false)
      expectNothingInvented(snapshots, baseline.snapshots, vendor, isNothingKnown: true)
    case .suffers:
      #expect(answer.status == .partial)
      #expect(report.status == .failed || report.status == .partial, "\(report)")
      expectNothingInvented(snapshots, baseline.snapshots, vendor, isNothingKnown: false)
    case .isBelieved:
      #expect(answer.status == .succeeded, "\(answer.warnings) \(report)")
      expectOthersUntouched(snapshots, baseline.snapshots, vendor)
    }
    // Output for people: the error names the vendor, and no output contains personal data or secrets.
    if let error = report.error { #expect(error.localizedCaseInsensitiveContains(vendor.rawValue), "\(error)") }
    let written = try world.everythingWritten() + String(decoding: try JSONBody.encode(answer), as: UTF8.self)
    for marker in ["guest@sandbox", "Sample Guest", "sandbox-intercom-token", "sandbox-jira-token", "looker-secret"] {
      #expect(!written.contains(marker))
    }

    // The fault has no effect on the next event.
    world.transport.set(nil, at: vendor)
    world.time.advance(by: .seconds(120))
    let next = try await world.run()
    #expect(next.status == .succeeded, "\(next.warnings) \(next.sources)")
    #expect(next.load?.updated == keys.count && next.load?.created == (baseline.answer.load?.created ?? 0) - keys.count)
    #expect(try world.snapshots() == baseline.snapshots)
  }

  /// Expects each metric of the source to have the value that it has without the fault, or to be missing with a reason.
  private func expectNothingInvented(
    _ snapshots: [AccountSnapshot], _ baseline: [AccountSnapshot], _ vendor: Vendor, isNothingKnown: Bool
  ) {
    expectOthersUntouched(snapshots, baseline, vendor)
    let expected = Dictionary(uniqueKeysWithValues: baseline.map { ($0.accountID, $0) })
    for snapshot in snapshots {
      for metric in vendor.metrics {
        let (now, then) = (snapshot.observations[metric], expected[snapshot.accountID]?.observations[metric])
        #expect(now.value == nil || now == then, "\(metric.path) \(now)")
        if isNothingKnown { #expect(now.value == nil, "\(metric.path) \(now)") }
        // If there is data, the reason is not "no data". A view that is not there may mean that there are no licences.
        let reasons: [MissingReason] =
          metric == .licenceUtilisation ? [.unavailable, .notConfigured] : [.unavailable]
        if then?.value != nil, now != then {
          #expect(now.missingReason.map(reasons.contains) ?? false, "\(metric.path) \(now)")
        }
      }
      // If only a part of the signals were used, a cap could be lost.
      let then = expected[snapshot.accountID]?.signals
      if vendor == .salesforce { #expect(snapshot.signals == .missing(.unavailable) || snapshot.signals == then) }
    }
  }

  /// Expects the metrics of all other sources to be unchanged.
  ///
  /// Without Salesforce some accounts have no segment and are not scored at all.
  private func expectOthersUntouched(_ snapshots: [AccountSnapshot], _ baseline: [AccountSnapshot], _ vendor: Vendor) {
    let expected = Dictionary(uniqueKeysWithValues: baseline.map { ($0.accountID, $0) })
    #expect(snapshots.count == baseline.count || vendor == .salesforce)
    for snapshot in snapshots {
      for source in SourceRegistry.all where source.id.name != vendor.rawValue {
        for metric in source.metrics {
          #expect(snapshot.observations[metric] == expected[snapshot.accountID]?.observations[metric])
        }
      }
    }
  }
}
