import Connectors
import HTTPClient
import HealthSources
import Runs

/// What the org says of accounts without a row, and what asking cost.
struct UnmappedReading: Sendable {
  var unmapped: HealthScoreSummary.Unmapped?
  /// Why it is not known; nil where it is, or Salesforce is inactive.
  var problem: String?
  var usage = RequestUsage()
}

extension HealthScoreRun {
  /// An org may have very many accounts; no run waits for them longer.
  private static let patienceForUnmapped = Duration.seconds(120)

  /// Counts the org's accounts that the mapping does not name. It fails nothing: scores don't depend on it.
  func unmapped() async -> UnmappedReading {
    let patience = context.time.monotonic() + Self.patienceForUnmapped
    let deadline = context.deadlines.extraction.map { min($0, patience) } ?? patience
    guard let (client, api) = context.sources.salesforce(deadline: deadline) else {
      return UnmappedReading()
    }
    var reading = UnmappedReading()
    let arr = context.setup.configuration.rules[SalesforceSource.self].account.arr
    do {
      let roster = try await AccountRoster.reading(client, fields: [], arr: arr)
      let mapped = Set(context.setup.mapping.accounts.compactMap(\.salesforceID))
      let others = roster.accounts.filter { !mapped.contains($0.id) }
      reading.unmapped = .init(accounts: others.count, arr: roster.arr(of: others))
      if others.contains(where: \.hasUnreadableARR) {
        reading.problem =
          "the ARR of accounts without a row is not told: Account.\(arr) of some of them is no number; it has to be a number or currency"
      }
    } catch {
      reading.problem =
        "how many accounts have no row in the mapping is not known: \(SourceID.salesforce.message(for: error))"
    }
    reading.usage = api.usage
    return reading
  }

  func note(_ reading: UnmappedReading, _ answer: inout HealthScoreAnswer) {
    answer.unmapped = reading.unmapped
    // Where Salesforce failed as a whole, its own error says why.
    let isTold = reading.unmapped == nil && answer.sources[SourceID.salesforce.name]?.status.isFailure == true
    if let problem = reading.problem, !isTold { answer.warn(problem) }
    answer.sources[SourceID.salesforce.name]?.requests += reading.usage.requests
    answer.sources[SourceID.salesforce.name]?.retries += reading.usage.retries
    answer.sources[SourceID.salesforce.name]?.throttled += reading.usage.throttled
  }
}
