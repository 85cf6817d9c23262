import HTTPClient
import HealthModel

/// What became of one record.
public struct LoadOutcome: Sendable, Equatable {
  public enum Result: Sendable, Equatable {
    case created, updated
    /// Why, in Salesforce's code and the fields it names.
    case failed(String)
  }

  public var accountID: SalesforceID
  public var result: Result

  /// Why a record was not written, where no outcome of its own says so.
  static func reason(_ error: any Error) -> String {
    error is CancellationError ? "not written: the run was ended early; run the period again" : "\(error)"
  }
}

/// Upserts scores by their external id: one record per account and month, however often a month is run.
public struct HealthScoreLoader: Sendable {
  /// The most records that a collection call takes.
  static let batchSize = 200
  private static let maximumRounds = 4

  private let client: SalesforceClient
  private let options: SalesforceOptions.HealthScores
  private let description: ObjectDescription

  /// Logs in and looks whether the org can take scores at all.
  ///
  /// - Throws: ``SourceError`` where the login is refused, or the org lacks the object or its key; or why the org
  ///   could not be asked.
  public init(org: SalesforceOrg, options: SalesforceOptions.HealthScores) async throws {
    client = org.client
    self.options = options
    guard let description = try await client.describe(options.object) else {
      throw SourceError(
        .notConfigured,
        "the org has no object \(options.object), or the user may not see it; deploy the Salesforce metadata and its permission set"
      )
    }
    guard description.field(options.keyField) != nil else {
      throw SourceError(
        .notConfigured,
        "\(options.object) has no external id \(options.keyField), or the user may not see it; deploy the Salesforce metadata and its permission set"
      )
    }
    self.description = description
  }

  /// An outcome for each score, in their order, and what a person should know.
  ///
  /// Retries only what is retryable, and never past the deadline: records still open then are failed.
  public func load(
    _ scores: [LoadableScore], context: LoadContext
  ) async -> (outcomes: [LoadOutcome], warnings: [String]) {
    // Detail records lock their master: in the master's order, batches at the same time rarely want the same lock.
    let records = scores.map { HealthScoreRecord($0, context: context, options: options) }
      .sorted { $0.accountID < $1.accountID }
    let missing = (records.first?.values.map(\.field) ?? []).filter { description.field($0) == nil }
    let warnings =
      missing.isEmpty
      ? []
      : ["\(options.object) has no field \(missing.joined(separator: ", ")), or the user may not see it; not written"]

    var outcomes: [String: LoadOutcome.Result] = [:]
    let groups: [([HealthScoreRecord], Set<String>)]
    do {
      groups = try await self.groups(records, excluded: Set(missing))
    } catch {
      return (scores.map { LoadOutcome(accountID: $0.accountID, result: .failed(LoadOutcome.reason(error))) }, warnings)
    }
    for (group, excluded) in groups {
      let results =
        group.count > options.bulkThreshold
        ? await BulkUpsert(client: client, options: options).upsert(group, excluding: excluded)
        : await upsertCollections(group, excluding: excluded)
      outcomes.merge(results) { $1 }
    }
    let outcomesInOrder = scores.map { score in
      LoadOutcome(
        accountID: score.accountID,
        result: outcomes["\(score.accountID):\(context.period)"] ?? .failed("Salesforce named no outcome"))
    }
    return (outcomesInOrder, warnings)
  }

  /// Where the parent can't be changed, records that exist are updated without it.
  private func groups(
    _ records: [HealthScoreRecord], excluded: Set<String>
  ) async throws -> [([HealthScoreRecord], Set<String>)] {
    guard description.field("Account__c")?.updateable == false else { return [(records, excluded)] }
    var existing: Set<String> = []
    for start in stride(from: 0, to: records.count, by: 300) {
      let keys = records[start..<min(start + 300, records.count)].map(\.key)
      var page = SalesforcePartial()
      try await client.rows(
        "SELECT Id, \(options.keyField) FROM \(options.object) WHERE \(options.keyField) IN \(SOQL.list(keys))",
        columns: ["Id", options.keyField], into: &page
      ) { row, _ in
        if let key = row.value(options.keyField)?.text { existing.insert(key) }
      }
    }
    let old = records.filter { existing.contains($0.key) }
    let new = records.filter { !existing.contains($0.key) }
    return [(new, excluded), (old, excluded.union(["Account__c"]))].filter { !$0.0.isEmpty }
  }

  private func upsertCollections(
    _ records: [HealthScoreRecord], excluding excluded: Set<String>
  ) async -> [String: LoadOutcome.Result] {
    await withTaskGroup(of: [String: LoadOutcome.Result].self) { group in
      for start in stride(from: 0, to: records.count, by: Self.batchSize) {
        let batch = Array(records[start..<min(start + Self.batchSize, records.count)])
        group.addTask { await upsert(batch, excluding: excluded) }
      }
      return await group.reduce(into: [:]) { $0.merge($1) { $1 } }
    }
  }

  /// One batch, and again for those of its records that a second try may help.
  private func upsert(
    _ batch: [HealthScoreRecord], excluding excluded: Set<String>
  ) async -> [String: LoadOutcome.Result] {
    var results: [String: LoadOutcome.Result] = [:]
    var open = batch
    for round in 1...Self.maximumRounds {
      do {
        let outcomes = try await send(open, excluding: excluded)
        var retryable: [HealthScoreRecord] = []
        for (record, outcome) in zip(open, outcomes) {
          if outcome.success == true {
            results[record.key] = outcome.created == true ? .created : .updated
            continue
          }
          results[record.key] = .failed(outcome.reason(of: record))
          if outcome.isRetryable(keyField: options.keyField) { retryable.append(record) }
        }
        open = retryable
        guard !open.isEmpty, round < Self.maximumRounds else { return results }
        try await client.api.wait(.milliseconds(300) * (1 << round), for: "the next try to write")
      } catch {
        for record in open { results[record.key] = results[record.key] ?? .failed(LoadOutcome.reason(error)) }
        return results
      }
    }
    return results
  }

  private func send(_ records: [HealthScoreRecord], excluding excluded: Set<String>) async throws -> [UpsertOutcome] {
    let body = Collection(
      records: records.map { CollectionRecord(type: options.object, record: $0, excluded: excluded) })
    let response = try await client.send(
      .patch, client.dataPath + "/composite/sobjects/\(options.object)/\(options.keyField)",
      body: try JSONBody.encode(body))
    let outcomes = try response.decode([UpsertOutcome].self)
    guard outcomes.count == records.count else {
      throw SourceError(.malformed, "Salesforce named \(outcomes.count) outcomes for \(records.count) records")
    }
    return outcomes
  }
}

private struct Collection: Encodable {
  let allOrNone = false
  let records: [CollectionRecord]

  private enum CodingKeys: String, CodingKey { case allOrNone, records }
}

private struct CollectionRecord: Encodable {
  let type: String
  let record: HealthScoreRecord
  let excluded: Set<String>

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(["type": type], forKey: Key(stringValue: "attributes"))
    for (field, value) in record.values where value != .unset && !excluded.contains(field) {
      try container.encode(value, forKey: Key(stringValue: field))
    }
  }
}

extension UpsertOutcome {
  /// Code and those of the record's fields that are named; the message may quote values.
  fileprivate func reason(of record: HealthScoreRecord) -> String {
    guard success != nil else { return "Salesforce's outcome can't be read; the record may or may not be written" }
    guard let problem = errors?.first else { return "no reason given" }
    let known = Set(record.values.map(\.field))
    let fields = (problem.fields ?? []).filter { known.contains($0) }
    let code = VendorCode(problem.statusCode)?.description ?? "no reason given"
    return fields.isEmpty ? code : "\(code) (\(fields.joined(separator: ", ")))"
  }

  fileprivate func isRetryable(keyField: String) -> Bool {
    (errors ?? []).contains { problem in
      let place = (problem.message ?? "") + (problem.fields ?? []).joined()
      return LoadRetry.isWorthwhile(problem.statusCode ?? "", message: place, keyField: keyField)
    }
  }
}

/// Which refusals of a record pass.
enum LoadRetry {
  private static let codes: Set<String> = [
    "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT",
  ]

  /// DUPLICATE_VALUE on the key means that another call has just inserted the record: the next one updates it.
  static func isWorthwhile(_ code: String, message: String, keyField: String) -> Bool {
    codes.contains(code) || (code == "DUPLICATE_VALUE" && message.contains(keyField))
  }
}
