import HTTPClient
import HealthModel

/// Contracts, payments, people and churn signals from Salesforce, read as plain rows in bulk.
///
/// No GROUP BY: it stops at 2,000 rows. One `describe` for each object tells what the org has.
public struct SalesforceSource: Source {
  public let id = SourceID.salesforce
  public let extraction: Extraction
  let options: SalesforceOptions
  private let client: SalesforceClient

  public init(client: SalesforceOrg, options: SalesforceOptions, extraction: Extraction) {
    self.client = client.client
    self.options = options
    self.extraction = extraction
  }

  public func isMapped(_ account: MappedAccount) -> Bool { account.salesforceID != nil }

  public var currentOnlyMetrics: Set<Metric> {
    [.arrTrajectory, .tierAlignment, .expansionSignals, .responsiveness, .executiveEngagement]
  }

  public var deliversSignals: Bool { true }

  public var unconfiguredMetrics: Set<Metric> {
    var metrics: Set<Metric> = []
    if options.account.responsiveness == nil { metrics.insert(.responsiveness) }
    if options.account.executiveEngagement == nil { metrics.insert(.executiveEngagement) }
    return metrics
  }

  public func plan() async throws -> ExtractionPlan<SalesforceSlice, SalesforcePartial> {
    try await client.checkLogin()
    let states = try await withThrowingTaskGroup(of: (String, Result<ObjectDescription?, SourceError>).self) { group in
      for object in Set(SalesforceDataset.allCases.map { $0.schema(options).object }) {
        group.addTask {
          do {
            return (object, .success(try await client.describe(object)))
          } catch let error as CancellationError {
            throw error
          } catch {
            return (object, .failure(SourceError(.unavailable, "\(error)")))
          }
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    let ids = extraction.accounts.compactMap(\.salesforceID)
    let slices = SalesforceDataset.allCases.flatMap { dataset -> [SalesforceSlice] in
      let state = state(of: dataset, states[dataset.schema(options).object] ?? .success(nil))
      return stride(from: 0, to: ids.count, by: options.accountsPerQuery).map { start in
        let chunk = Array(ids[start..<min(start + options.accountsPerQuery, ids.count)])
        return SalesforceSlice(dataset: dataset, accountIDs: chunk, state: state)
      }
    }
    return ExtractionPlan(slices: slices)
  }

  private func state(
    of dataset: SalesforceDataset, _ description: Result<ObjectDescription?, SourceError>
  ) -> SalesforceSlice.State {
    let schema = dataset.schema(options)
    switch description {
    case .failure(let error): return .unreadable(error.message)
    case .success(nil):
      let message = "the org has no object \(schema.object), or the user may not see it"
      // Without accounts nobody knows whose anything is.
      return dataset == .accounts ? .unreadable(message) : .absent(message)
    case .success(let description?):
      let missing = ([schema.account] + schema.required).filter { description.field($0) == nil }
      guard missing.isEmpty else {
        let message = "\(schema.object) has no field \(missing.joined(separator: ", ")), or the user may not see it"
        // Signals that can be seen in part only are not "no signals".
        return dataset.isOptional ? .absent(message) : .unreadable(message)
      }
      let fields = ([schema.account] + schema.required + schema.optional).compactMap { description.field($0) }
      return .readable(
        fields: fields.map(\.name), dateTimes: Set(fields.filter { $0.type == "datetime" }.map { $0.name.lowercased() })
      )
    }
  }

  public func read(_ slice: SalesforceSlice) async throws -> SalesforcePartial {
    switch slice.state {
    case .unreadable(let message): throw SourceError(.unavailable, message)
    case .absent(let message): return absent(slice.dataset, message)
    case .readable(let fields, let dateTimes):
      do {
        return try await readRows(slice, fields: fields, dateTimes: dateTimes)
      } catch let error as SalesforceRefusal where error.isMissingSchema && slice.dataset.isOptional {
        return absent(slice.dataset, "\(error)")
      }
    }
  }

  private func absent(_ dataset: SalesforceDataset, _ message: String) -> SalesforcePartial {
    var partial = SalesforcePartial()
    partial.absentMetrics = Set(dataset.metrics.map(\.path))
    partial.hasNoSignals = dataset == .signals
    if dataset != .previousScores { partial.warnings = ["\(message); \(dataset.consequence)"] }
    return partial
  }

  private func readRows(
    _ slice: SalesforceSlice, fields: [String], dateTimes: Set<String>
  ) async throws -> SalesforcePartial {
    let dataset = slice.dataset
    let schema = dataset.schema(options)
    var partial = SalesforcePartial()
    if dataset == .accounts { noteAbsentFields(fields, &partial) }
    let columns = fields.contains("Id") ? fields : ["Id"] + fields
    let conditions =
      ["\(schema.account) IN \(SOQL.list(slice.accountIDs.map(\.description)))"]
      + dataset.conditions(options, extraction, dateTimes: dateTimes)
    let soql =
      "SELECT \(columns.joined(separator: ", ")) FROM \(schema.object) WHERE \(conditions.joined(separator: " AND "))"
    let wanted = Set(slice.accountIDs)
    let reader = SalesforceRowReader(dataset: dataset, options: options, extraction: extraction)
    try await client.rows(soql, columns: columns, includesArchived: dataset == .businessReviews, into: &partial) {
      row, partial in
      guard let id = row.value(schema.account)?.text.flatMap({ SalesforceID($0) }) else {
        return partial.received.skip("malformed")
      }
      guard wanted.contains(id) else {
        return partial.received.skip("account not asked for")
      }
      if let reason = reader.add(row, to: &partial.tallies[id, default: SalesforceTally()]) {
        if reason == "malformed" { partial.tallies[id]?.unreadable.insert(dataset) }
        partial.received.skip(reason)
      } else {
        partial.received.used += 1
      }
    }
    return partial
  }

  /// Single fields of Account may be missing without the others suffering.
  private func noteAbsentFields(_ fields: [String], _ partial: inout SalesforcePartial) {
    let present = Set(fields.map { $0.lowercased() })
    let needs: [(String?, [Metric])] = [
      (options.account.arr, [.arrTrajectory, .tierAlignment]),
      (options.account.successTier, [.tierAlignment]),
      (options.account.responsiveness, [.responsiveness]),
      (options.account.executiveEngagement, [.executiveEngagement]),
    ]
    for (field, metrics) in needs {
      guard let field, !present.contains(field.lowercased()) else { continue }
      partial.absentMetrics.formUnion(metrics.map(\.path))
      let labels = metrics.map(\.path).joined(separator: ", ")
      partial.warnings.insert(
        "Account has no field \(field), or the user may not see it; \(labels) is not configured")
    }
  }

  public func observe(_ partial: SalesforcePartial, failed: [SalesforceSlice]) async throws -> SourceObservations {
    var failedDatasets: [SalesforceID: Set<SalesforceDataset>] = [:]
    for slice in failed {
      for id in slice.accountIDs { failedDatasets[id, default: []].insert(slice.dataset) }
    }
    let reader = SalesforceReading(options: options, extraction: extraction, partial: partial)
    let facts = extraction.accounts.map { account -> AccountFacts in
      guard let id = account.salesforceID else {
        var facts = missing(.notMapped, for: account)
        for metric in id.metrics where partial.absentMetrics.contains(metric.path) {
          facts.observations[metric] = .missing(.notConfigured)
        }
        return facts
      }
      let tally = partial.tallies[id] ?? SalesforceTally()
      let failures = (failedDatasets[id] ?? []).union(tally.unreadable)
      var facts = AccountFacts()
      for metric in self.id.metrics {
        facts.observations[metric] = observation(metric, of: account, tally, failures, reader)
      }
      facts.signals = signals(tally, failures, partial)
      facts.arr = tally.arr
      facts.renewalDate = tally.renewal
      facts.previousHealth = tally.previousHealth
      facts.previousTier = tally.previousTier.flatMap(Tier.init)
      return facts
    }
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: partial.warnings.sorted().map { "Salesforce: \($0)" })
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
    if !isKnown || failures.contains(where: { $0.metrics.contains(metric) }) {
      return .missing(reason(.unavailable, for: metric, of: account))
    }
    if !extraction.isCurrent, currentOnlyMetrics.contains(metric) { return .missing(.notAsOf) }
    return reader.observation(metric, tally)
  }

  private func signals(
    _ tally: SalesforceTally, _ failures: Set<SalesforceDataset>, _ partial: SalesforcePartial
  ) -> SignalReading {
    if partial.hasNoSignals { return .known([]) }
    if !failures.contains(.accounts), !tally.isFound { return .known([]) }
    if !extraction.isCurrent { return .missing(.notAsOf) }
    return failures.contains(.signals) ? .missing(.unavailable) : .known(tally.signals)
  }
}

extension SalesforceDataset {
  /// Whether a refused query can mean that the org simply lacks it. Accounts are always there, and signals that were
  /// described but can't be queried are unreadable, not absent.
  fileprivate var isOptional: Bool { self != .accounts && self != .signals }

  fileprivate var consequence: String {
    self == .signals
      ? "no churn signals are considered" : "\(metrics.map(\.path).joined(separator: ", ")) is not configured"
  }
}
