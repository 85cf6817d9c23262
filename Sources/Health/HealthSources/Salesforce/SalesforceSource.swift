import Concurrency
import Connectors
import Formats
import HealthModel
import Salesforce

/// Contracts, payments, people and churn signals from Salesforce, read as plain rows in bulk.
///
/// The queries have no GROUP BY, which is limited to 2,000 rows. One `describe` for each object shows what the org has.
public struct SalesforceSource: HealthSource {
  public let extraction: Extraction
  let rules: SalesforceRules
  let client: SalesforceClient

  public init(client: SalesforceClient, rules: SalesforceRules, extraction: Extraction) {
    self.client = client
    self.rules = rules
    self.extraction = extraction
  }

  public func isMapped(_ account: MappedAccount) -> Bool { account.salesforceID != nil }

  /// Metrics from fields that Salesforce keeps no earlier values of.
  public var currentOnlyMetrics: Set<Metric> {
    [.arrTrajectory, .tierAlignment, .expansionSignals, .responsiveness, .executiveEngagement]
  }

  /// Responsiveness and executive engagement, where no field is configured for them.
  public var unconfiguredMetrics: Set<Metric> {
    var metrics: Set<Metric> = []
    if rules.account.responsiveness == nil { metrics.insert(.responsiveness) }
    if rules.account.executiveEngagement == nil { metrics.insert(.executiveEngagement) }
    return metrics
  }

  // MARK: Planning

  public func plan() async throws -> SlicePlan<SalesforceSlice, SalesforcePartial> {
    try await client.checkLogin()
    let account = try await client.describeAccount()
    var descriptions: [String: Result<ObjectDescription?, any Error>] = ["Account": .success(account)]
    let others = Set(SalesforceDataset.allCases.map { $0.schema(rules).object }).subtracting(["Account"])
    await concurrently(others) {
      try await client.describe($0)
    } each: { object, result in
      descriptions[object] = result
    }
    try Task.checkCancellation()
    let planner = SchemaPlanner(rules: rules, hasCurrencies: account.hasCurrencies)
    var found = SalesforcePartial()
    if account.hasCurrencies, !extraction.accounts.isEmpty { found.warnings.insert(await currencyWarning()) }
    let ids = extraction.accounts.compactMap(\.salesforceID)
    let slices = SalesforceDataset.allCases.flatMap { dataset -> [SalesforceSlice] in
      let state = planner.state(of: dataset, descriptions[dataset.schema(rules).object] ?? .success(nil))
      return stride(from: 0, to: ids.count, by: rules.accountsPerQuery).map { start in
        let chunk = Array(ids[start..<min(start + rules.accountsPerQuery, ids.count)])
        return SalesforceSlice(dataset: dataset, accountIDs: chunk, state: state)
      }
    }
    return SlicePlan(slices: slices, found: found)
  }

  /// Salesforce converts amounts to the currency of the login's user.
  private func currencyWarning() async -> String {
    let code = (try? await client.currency()) ?? nil
    let currency = code.map { "\($0), the integration user's currency" } ?? "the integration user's currency"
    return
      "the org has several currencies: ARR is taken in \(currency), which has to be the corporate one that the limits in thresholds.yaml and sources.yaml are meant in"
  }

  // MARK: Reading

  /// An object that the org does not have makes its metrics `notConfigured`. An object that could not be described
  /// throws.
  public func read(_ slice: SalesforceSlice) async throws -> SalesforcePartial {
    switch slice.state {
    case .unreadable(let message): throw SourceError(.unavailable, message)
    case .absent(let message):
      var partial = absent(slice.dataset, message)
      partial.hasNoSignals = slice.dataset == .signals
      return partial
    case .unmatched(let message):
      var partial = absent(slice.dataset, message)
      partial.hasOtherSignals = slice.dataset == .signals
      return partial
    case .readable(let schema):
      do {
        return try await readRows(slice, schema)
      } catch let error as SalesforceRefusal where schema.hasParents && error.isAboutSelection {
        // Who owns an account is good to know; no score needs it.
        var plain = slice
        plain.state = .readable(schema.withoutParents)
        return try await read(plain)
      } catch let error as SalesforceRefusal where !schema.converted.isEmpty && error.isAboutSelection {
        // The org can't convert the amounts to one currency, so they are not compared. Read the rows without them.
        var plain = schema
        plain.fields.removeAll { schema.converted.contains($0) }
        plain.converted = []
        var partial = try await readRows(slice, plain)
        let metrics = slice.dataset == .accounts ? [Metric.arrTrajectory, .tierAlignment] : [.arrTrajectory]
        partial.unavailableMetrics.formUnion(metrics.map(\.path))
        partial.problems.insert(
          "Salesforce does not convert \(schema.converted.sorted().joined(separator: ", ")) to one currency (\(error)); \(metrics.map(\.path).joined(separator: ", ")) is unavailable"
        )
        return partial
      }
    }
  }

  private func absent(_ dataset: SalesforceDataset, _ message: String) -> SalesforcePartial {
    var partial = SalesforcePartial()
    partial.absentMetrics = Set(dataset.metrics.map(\.path))
    if dataset != .previousScores { partial.warnings = ["\(message); \(dataset.consequence)"] }
    return partial
  }

  private func readRows(_ slice: SalesforceSlice, _ schema: ReadableSchema) async throws -> SalesforcePartial {
    let dataset = slice.dataset
    let names = dataset.schema(rules)
    var partial = SalesforcePartial()
    partial.absentMetrics = schema.absentMetrics
    partial.unavailableMetrics = schema.unavailableMetrics
    partial.warnings = schema.warnings
    partial.rows[dataset.rawValue] = 0
    let columns = schema.fields.contains("Id") ? schema.fields : ["Id"] + schema.fields
    var query = SalesforceQuery(
      columns, from: names.object,
      where: ["\(names.account) IN \(SOQL.list(slice.accountIDs.map(\.description)))"]
        + dataset.conditions(rules, extraction, dateTimes: schema.dateTimes),
      includesArchived: dataset == .businessReviews)
    query.selection = columns.map { schema.converted.contains($0) ? "convertCurrency(\($0))" : $0 }
    let wanted = Set(slice.accountIDs)
    let reader = SalesforceRowReader(dataset: dataset, rules: rules, extraction: extraction)
    var received = Received()
    try await client.rows(query, received: &received) { row, received in
      partial.rows[dataset.rawValue, default: 0] += 1
      guard let id = row.value(names.account)?.text.flatMap({ SalesforceID($0) }) else {
        partial.malformed[dataset.rawValue, default: 0] += 1
        return received.skip(Received.malformed)
      }
      guard wanted.contains(id) else {
        return received.skip("account not asked for")
      }
      if let reason = reader.add(row, to: &partial.tallies[id, default: SalesforceTally()]) {
        if reason == SalesforceRowReader.malformed { partial.tallies[id]?.unreadable.insert(dataset) }
        received.skip(reason)
      } else {
        received.used += 1
      }
    }
    partial.received = received
    return partial
  }

  // MARK: Observing

  /// A failed slice makes the metrics of its dataset unavailable, for its accounts only.
  public func observe(_ partial: SalesforcePartial, failed: [SalesforceSlice]) async throws -> SourceObservations {
    var partial = partial
    var failedDatasets: [SalesforceID: Set<SalesforceDataset>] = [:]
    for slice in failed {
      for id in slice.accountIDs { failedDatasets[id, default: []].insert(slice.dataset) }
    }
    let hidden = await hiddenDatasets(&partial, failed: Set(failed.map(\.dataset)))
    let reader = SalesforceReading(rules: rules, extraction: extraction, partial: partial)
    let facts = extraction.accounts.map { account -> AccountFacts in
      guard let id = account.salesforceID else {
        var facts = missing(.notMapped, for: account)
        for metric in Self.metrics where partial.absentMetrics.contains(metric.path) {
          facts.observations[metric] = .missing(.notConfigured)
        }
        return facts
      }
      let tally = partial.tallies[id] ?? SalesforceTally()
      let failures = (failedDatasets[id] ?? []).union(tally.unreadable).union(hidden)
      var facts = AccountFacts()
      for metric in Self.metrics {
        facts.observations[metric] = observation(metric, of: account, tally, failures, reader)
      }
      facts.signals = signals(tally, failures, partial)
      facts.arr = tally.arr
      facts.renewalDate = tally.renewal
      facts.ownerID = tally.ownerID
      facts.ownerName = tally.ownerName
      facts.previousHealth = tally.previousHealth
      facts.previousTier = tally.previousTier.flatMap(Tier.init)
      return facts
    }
    let spoiled = Set(partial.tallies.values.flatMap(\.spoiled))
    if !spoiled.isEmpty {
      let count = partial.tallies.values.count { !$0.spoiled.isEmpty }
      partial.problems.insert(
        "fields of Account can't be read for \(count) accounts, whose \(spoiled.sorted().joined(separator: ", ")) is unavailable; \(rules.account.arr) has to be a number or currency, \(rules.account.successTier) a text"
      )
    }
    if let count = partial.received.skipped[Received.spoiled] {
      partial.problems.insert("\(count) rows can't be read; what they count for is unavailable for their accounts")
    }
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: partial.warnings.sorted().map { "Salesforce: \($0)" },
      problem: partial.problems.isEmpty ? nil : "Salesforce: " + partial.problems.sorted().joined(separator: "; "))
  }

  /// Datasets whose rows are probably not complete: the user sees no row of the object at all, or more than a twentieth
  /// of the rows name no account that can be read.
  private func hiddenDatasets(
    _ partial: inout SalesforcePartial, failed: Set<SalesforceDataset>
  ) async -> Set<SalesforceDataset> {
    var hidden: Set<SalesforceDataset> = []
    for dataset in SalesforceDataset.allCases {
      let malformed = partial.malformed[dataset.rawValue] ?? 0
      let rows = partial.rows[dataset.rawValue] ?? 0
      if malformed * 20 > rows {
        hidden.insert(dataset)
        partial.problems.insert(
          "\(malformed) of \(rows) rows of \(dataset.schema(rules).object) name no account that can be read")
      }
    }
    // Objects of which no row came for any account.
    let silent = Dictionary(grouping: SalesforceDataset.allCases.filter(\.countsRows)) { $0.schema(rules).object }
      .filter { _, datasets in
        datasets.allSatisfy { partial.rows[$0.rawValue] == 0 && !failed.contains($0) }
      }
    var areSignalsInvisible = false
    for (object, datasets) in silent.sorted(by: { $0.key < $1.key }) {
      do {
        if try await client.hasRows(object) { continue }
      } catch {
        hidden.formUnion(datasets)
        partial.problems.insert("whether the integration user sees any \(object) is unclear: \(error)")
        continue
      }
      guard datasets != [.signals] else {
        areSignalsInvisible = true
        continue
      }
      hidden.formUnion(datasets)
      partial.problems.insert(
        "the integration user sees no \(object) at all, so nothing can be counted; give it View All on \(object), or sharing that shows them"
      )
    }
    if areSignalsInvisible {
      // Perhaps no signal was logged yet. But if sharing rules hide other objects, they may hide the signals too.
      if hidden.isEmpty {
        partial.warnings.insert(
          "the integration user sees no \(rules.signals.object) at all; if any was logged, sharing hides it: no churn signals are considered"
        )
      } else {
        hidden.insert(.signals)
      }
    }
    return hidden
  }

  private func observation(
    _ metric: Metric, of account: MappedAccount, _ tally: SalesforceTally, _ failures: Set<SalesforceDataset>,
    _ reader: SalesforceReading
  ) -> Observation {
    if unconfiguredMetrics.contains(metric) || reader.partial.absentMetrics.contains(metric.path) {
      return .missing(.notConfigured)
    }
    let isKnown = !failures.contains(.accounts)
    if isKnown, !tally.isFound { return .missing(.notFound) }
    let isSpoiled =
      tally.spoiled.contains(metric.path) || reader.partial.unavailableMetrics.contains(metric.path)
      || failures.contains { $0.metrics.contains(metric) }
    if !isKnown || isSpoiled { return .missing(reason(.unavailable, for: metric, of: account)) }
    if !extraction.isCurrent, currentOnlyMetrics.contains(metric) { return .missing(.notAsOf) }
    return reader.observation(metric, tally)
  }

  private func signals(
    _ tally: SalesforceTally, _ failures: Set<SalesforceDataset>, _ partial: SalesforcePartial
  ) -> SignalReading {
    if partial.hasNoSignals { return .known([]) }
    if !failures.contains(.accounts), !tally.isFound { return .known([]) }
    if partial.hasOtherSignals { return .missing(.notConfigured) }
    if !extraction.isCurrent { return .missing(.notAsOf) }
    return failures.contains(.signals) ? .missing(.unavailable) : .known(tally.signals)
  }
}

extension SalesforceDataset {
  /// Whether having no rows at all affects scores. Without accounts nothing is known, and without opportunities or
  /// leads it looks as if nothing happened.
  fileprivate var countsRows: Bool {
    [.accounts, .renewals, .contractChanges, .expansion, .signals].contains(self)
  }

  fileprivate var consequence: String {
    self == .signals
      ? "no churn signals are considered" : "\(metrics.map(\.path).joined(separator: ", ")) is not configured"
  }
}
