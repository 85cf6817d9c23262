import HealthModel
import Sandbox
import Testing

/// Expects that every value, and the reason of every missing value, is what the sandbox knows to be true.
///
/// Values may differ by a relative error of 1e-9.
///
/// - Parameter withTrends: Whether the run read the months before.
public func expectTruth(
  _ snapshots: [AccountSnapshot], _ world: SandboxWorld, withTrends: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let truth = SandboxTruth(world, withTrends: withTrends)
  let found = Dictionary(snapshots.map { ($0.accountID, $0) }) { first, _ in first }
  for account in world.accounts {
    guard let snapshot = found[account.salesforceID.description] else {
      // Without a segment in the mapping and without a readable ARR, this account can't be scored.
      #expect(
        account.index % 25 == 24 && !world.varieties.isDisjoint(with: [.salesforceTextAmounts, .salesforceVersion]),
        "\(account.name) has no snapshot", sourceLocation: sourceLocation)
      continue
    }
    for (metric, expected) in truth.observations(of: account) {
      let observed = snapshot.observations[metric]
      let isEqual =
        if let left = observed.value, let right = expected.value {
          abs(left - right) <= 1e-9 * max(1, abs(right))
        } else {
          observed == expected
        }
      #expect(
        isEqual, "\(account.name), \(metric.path): \(observed), expected \(expected)", sourceLocation: sourceLocation)
    }
    switch (truth.signals(of: account), snapshot.signals) {
    case (.known(let count), .known(let signals)):
      #expect(signals.count == count, "\(account.name): signals", sourceLocation: sourceLocation)
    case (.missing(let expected), .missing(let reason)):
      #expect(reason == expected, "\(account.name): signals", sourceLocation: sourceLocation)
    default: Issue.record("\(account.name): signals \(snapshot.signals)", sourceLocation: sourceLocation)
    }
  }
}
