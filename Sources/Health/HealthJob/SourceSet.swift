import Concurrency
import Connectors
import HTTPClient
import HealthSources
import Runs
import Salesforce

/// The sources of one run, wired to their credentials, rules and the run's deadline.
struct SourceSet: Sendable {
  let setup: HealthScoreSetup
  let connection: SourceConnection

  private var rules: SourceRules { setup.configuration.rules }

  /// The sources that have credentials, each with the client that counts its requests.
  func active(for extraction: Extraction) -> [ActiveSource] {
    SourceRegistry.all.compactMap { $0.active(setup.credentials, rules, by: connection, for: extraction) }
  }

  /// The org to write to; nil without credentials.
  ///
  /// - Parameter deadline: On the monotonic clock; writing may take longer than reading.
  func salesforce(deadline: Duration?) -> (client: SalesforceClient, api: APIClient)? {
    setup.credentials[SalesforceSource.self].map { credentials in
      SalesforceSource.client(
        credentials, rules[SalesforceSource.self],
        by: SourceConnection(sessions: connection.sessions, time: connection.time, deadline: deadline))
    }
  }

  /// Reads all sources in parallel. Each has an outcome, also if it fails or is inactive.
  func extract(_ extraction: Extraction, with extractor: Extractor) async -> [SourceID: SourceOutcome] {
    var outcomes: [SourceID: SourceOutcome] = [:]
    await concurrently(active(for: extraction)) { active in
      await extractor.extract(active.source, api: active.api)
    } each: { active, result in
      if case .success(let outcome) = result { outcomes[active.source.id] = outcome }
    }
    return completed(outcomes, for: extraction)
  }

  /// Adds an outcome for sources that have none, because they have no credentials.
  func completed(_ outcomes: [SourceID: SourceOutcome], for extraction: Extraction) -> [SourceID: SourceOutcome] {
    var outcomes = outcomes
    for source in SourceRegistry.all where outcomes[source.id] == nil {
      outcomes[source.id] = Self.inactive(source, extraction)
    }
    return outcomes
  }

  /// The outcome of a source without credentials: its metrics are not configured. No Salesforce: no signals.
  private static func inactive(_ source: any HealthSource.Type, _ extraction: Extraction) -> SourceOutcome {
    var facts = AccountFacts(
      observations: Dictionary(uniqueKeysWithValues: source.metrics.map { ($0, .missing(.notConfigured)) }))
    let title = source.id.title
    var warnings = ["\(title) is inactive: no credentials are set; its metrics are not configured"]
    if source.deliversSignals {
      facts.signals = .known([])
      warnings.append("churn signals are not considered: \(title) is inactive")
    }
    return SourceOutcome(
      accounts: Array(repeating: facts, count: extraction.accounts.count), report: .init(status: .inactive),
      received: Received(), warnings: warnings)
  }
}

extension RunContext where Setup == HealthScoreSetup {
  var sources: SourceSet { sources(shares: 1) }

  /// - Parameter shares: How many processes share the vendors' limits.
  func sources(shares: Int) -> SourceSet {
    SourceSet(
      setup: setup,
      connection: SourceConnection(sessions: sessions, time: time, deadline: deadlines.extraction, shares: shares))
  }
}
