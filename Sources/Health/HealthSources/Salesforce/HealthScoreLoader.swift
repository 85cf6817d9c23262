import Connectors
import Formats
import Salesforce

/// What became of one score's record.
public struct LoadOutcome: Sendable, Equatable {
  public var accountID: SalesforceID
  public var result: UpsertResult
}

/// Upserts scores by their external id. There is one record for each account and month; running a month again updates
/// it.
public struct HealthScoreLoader: Sendable {
  private let client: SalesforceClient
  private let options: SalesforceRules.HealthScores
  private let description: ObjectDescription

  /// Logs in, and checks that the org has the object for scores and its key field.
  ///
  /// - Throws: ``SourceError`` of kind `refused` where the login is wrong, and of kind `notConfigured` where the org
  ///   does not have the object or its key. Other errors where the org could not be asked; a later run may succeed.
  public init(client: SalesforceClient, options: SalesforceRules.HealthScores) async throws {
    self.client = client
    self.options = options
    guard let description = try await client.describe(options.object) else {
      // A 404 alone proves nothing: an org without this API version answers 404 to everything.
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

  /// Writes the scores. Returns one outcome for each, in the same order, and warnings for the run's report.
  ///
  /// It retries only errors that a retry may solve, and never after the deadline. Records that are not written by then
  /// get the result `failed`.
  public func load(
    _ scores: [LoadableScore], context: LoadContext
  ) async -> (outcomes: [LoadOutcome], warnings: [String]) {
    // Writing a record locks its account. Sorted by account, parallel batches rarely need the same lock.
    let records = scores.sorted { $0.accountID < $1.accountID }
      .map { HealthScoreRecord.record($0, context: context, options: options) }
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

    var outcomes: [String: UpsertResult] = [:]
    let groups: [([SalesforceRecord], Set<String>)]
    do {
      groups = try await self.groups(records, excluded: Set(missing + locked))
    } catch {
      return (
        scores.map { LoadOutcome(accountID: $0.accountID, result: .failed(UpsertResult.reason(error))) }, warnings
      )
    }
    let upsert = SalesforceUpsert(
      client: client, object: options.object, keyField: options.keyField, parent: "Account",
      bulkThreshold: options.bulkThreshold)
    for (group, excluded) in groups {
      outcomes.merge(await upsert.run(group, excluding: excluded)) { $1 }
    }
    let outcomesInOrder = scores.map { score in
      LoadOutcome(
        accountID: score.accountID,
        result: outcomes["\(score.accountID):\(context.period)"] ?? .failed("Salesforce named no outcome"))
    }
    return (outcomesInOrder, warnings)
  }

  /// Whether the user may read the field, but not write it. `Account__c` and the key do not count: they may be set
  /// once.
  private func isLocked(_ name: String) -> Bool {
    guard let field = description.field(name), name != "Account__c", name != options.keyField else { return false }
    return field.updateable == false
  }

  /// Groups of records, each with the fields to leave out. If `Account__c` can't be changed, existing records are
  /// updated without it.
  private func groups(
    _ records: [SalesforceRecord], excluded: Set<String>
  ) async throws -> [([SalesforceRecord], Set<String>)] {
    guard description.field("Account__c")?.updateable == false else { return [(records, excluded)] }
    var existing: Set<String> = []
    for start in stride(from: 0, to: records.count, by: 300) {
      let keys = records[start..<min(start + 300, records.count)].map(\.key)
      var received = Received()
      let query = SalesforceQuery(
        ["Id", options.keyField], from: options.object, where: ["\(options.keyField) IN \(SOQL.list(keys))"])
      try await client.rows(query, received: &received) { row, _ in
        if let key = row.value(options.keyField)?.text { existing.insert(key) }
      }
    }
    let old = records.filter { existing.contains($0.key) }
    let new = records.filter { !existing.contains($0.key) }
    return [(new, excluded), (old, excluded.union(["Account__c"]))].filter { !$0.0.isEmpty }
  }
}
