import Formats
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
      // One 404 is no proof: an org that lacks the API's version answers so to everything.
      _ = try await client.describeAccount()
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
    let fields = records.first?.values.map(\.field) ?? []
    let missing = fields.filter { description.field($0) == nil }
    let locked = fields.filter { isLocked($0) }
    var warnings: [String] = []
    if !missing.isEmpty {
      warnings.append(
        "\(options.object) has no field \(missing.joined(separator: ", ")), or the user may not see it; not written")
    }
    if !locked.isEmpty {
      warnings.append(
        "the user may read but not edit \(options.object).\(locked.joined(separator: ", ")); not written. Give it edit access in the permission set"
      )
    }

    var outcomes: [String: LoadOutcome.Result] = [:]
    let groups: [([HealthScoreRecord], Set<String>)]
    do {
      groups = try await self.groups(records, excluded: Set(missing + locked))
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

  /// Readable, but not to be written. The parent is another matter: it may be set once.
  private func isLocked(_ name: String) -> Bool {
    guard let field = description.field(name), name != "Account__c", name != options.keyField else { return false }
    return field.updateable == false
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
      let query = SalesforceClient.Query(
        ["Id", options.keyField], from: options.object, where: ["\(options.keyField) IN \(SOQL.list(keys))"])
      try await client.rows(query, into: &page) { row, _ in
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

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    try container.encode(["type": type], forKey: AnyCodingKey("attributes"))
    for (field, value) in record.values where !excluded.contains(field) {
      try container.encode(value, forKey: AnyCodingKey(field))
    }
  }
}

extension UpsertOutcome {
  /// Code and the fields that are named; the message may quote values.
  fileprivate func reason(of record: HealthScoreRecord) -> String {
    guard success != nil else { return "Salesforce's outcome can't be read; the record may or may not be written" }
    guard let problem = errors?.first else { return "no reason given" }
    return LoadRetry.reason(
      problem.statusCode, fields: problem.fields ?? [], own: Set(record.values.map(\.field)))
  }

  fileprivate func isRetryable(keyField: String) -> Bool {
    (errors ?? []).contains { problem in
      let place = (problem.message ?? "") + (problem.fields ?? []).joined()
      return LoadRetry.isWorthwhile(problem.statusCode ?? "", message: place, keyField: keyField)
    }
  }
}

/// What a record's refusal means.
enum LoadRetry {
  private static let codes: Set<String> = [
    "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG",
  ]

  /// Whether another try may help. A lock may come wrapped by the trigger or roll-up that met it, and DUPLICATE_VALUE on
  /// the key means that another call has just inserted the record: the next one updates it.
  static func isWorthwhile(_ code: String, message: String, keyField: String) -> Bool {
    codes.contains(code) || (code == "DUPLICATE_VALUE" && message.contains(keyField))
      || (code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" && message.contains("UNABLE_TO_LOCK_ROW"))
  }

  /// The code, and the fields that it names: the record's, or another object's, whose rule vetoes the write.
  static func reason(_ code: String?, fields: [String], own: Set<String>) -> String {
    let text = VendorCode(code)?.description ?? "no reason given"
    let ours = fields.filter { own.contains($0) }
    if !ours.isEmpty { return "\(text) (\(ours.joined(separator: ", ")))" }
    let others = fields.filter(isFieldName)
    if !others.isEmpty {
      return
        "\(text) (\(others.joined(separator: ", ")), a field of another object: most likely a rule of Account refuses the change)"
    }
    guard ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"].contains(text) else {
      return text
    }
    return "\(text) (a validation rule, trigger or flow of Health_Score__c or Account refuses the change)"
  }

  /// An API name, which is no customer's data: letters, digits and `_`, 80 at most, and it begins with a letter.
  private static func isFieldName(_ text: String) -> Bool {
    guard (1...80).contains(text.utf8.count), text.utf8.first?.isASCIILetter ?? false else {
      return false
    }
    return text.hasSuffix("__c") && text.isASCIIAlphanumeric(or: "_")
  }
}
