import Connectors
import Formats
import HTTPClient

/// The outcome of writing one record.
public enum UpsertResult: Sendable, Equatable {
  case created, updated
  /// Not written, or perhaps not. The text has Salesforce's code and the fields that it names, and no data.
  case failed(String)

  /// The reason to give where an error concerns the whole request, not a single record.
  public static func reason(_ error: any Error) -> String {
    error is CancellationError ? "not written: the run was ended early; run the period again" : "\(error)"
  }
}

/// Writes records by their external id: those that exist are updated, the others are created.
public struct SalesforceUpsert: Sendable {
  /// The most records that a collection call takes.
  static let batchSize = 200

  let client: SalesforceClient
  let object: String
  let keyField: String
  let parent: String
  private let bulkThreshold: Int

  /// - Parameters:
  ///   - keyField: The external id.
  ///   - parent: The object that the records belong to, whose rules may refuse a change too.
  ///   - bulkThreshold: More records than this go by Bulk API 2.0.
  public init(client: SalesforceClient, object: String, keyField: String, parent: String, bulkThreshold: Int) {
    self.client = client
    self.object = object
    self.keyField = keyField
    self.parent = parent
    self.bulkThreshold = bulkThreshold
  }

  /// Results by key. Retries only what is retryable, and never past the deadline: records still open then are failed.
  ///
  /// - Parameter excluded: Fields that are not sent.
  public func run(
    _ records: [SalesforceRecord], excluding excluded: Set<String> = []
  ) async -> [String: UpsertResult] {
    if records.count > bulkThreshold { return await BulkUpsert(self).upsert(records, excluding: excluded) }
    return await upsertCollections(records, excluding: excluded)
  }

  private func upsertCollections(
    _ records: [SalesforceRecord], excluding excluded: Set<String>
  ) async -> [String: UpsertResult] {
    await withTaskGroup(of: [String: UpsertResult].self) { group in
      for start in stride(from: 0, to: records.count, by: Self.batchSize) {
        let batch = Array(records[start..<min(start + Self.batchSize, records.count)])
        group.addTask { await upsert(batch, excluding: excluded) }
      }
      return await group.reduce(into: [:]) { $0.merge($1) { $1 } }
    }
  }

  /// Writes one batch, and again those of its records that a retry may help.
  private func upsert(
    _ batch: [SalesforceRecord], excluding excluded: Set<String>
  ) async -> [String: UpsertResult] {
    var results: [String: UpsertResult] = [:]
    var open = batch
    do {
      _ = try await repeating(
        atMost: 4,
        pause: { try await client.api.wait(.milliseconds(300) * (1 << $0), for: "the next try to write") },
        until: \.isEmpty
      ) { _ in
        var retryable: [SalesforceRecord] = []
        for (record, outcome) in zip(open, try await send(open, excluding: excluded)) {
          if outcome.success == true {
            results[record.key] = outcome.created == true ? .created : .updated
            continue
          }
          results[record.key] = .failed(outcome.reason(of: record, self))
          if outcome.isRetryable(keyField: keyField) { retryable.append(record) }
        }
        open = retryable
        return open
      }
    } catch {
      for record in open { results[record.key] = results[record.key] ?? .failed(UpsertResult.reason(error)) }
    }
    return results
  }

  private func send(_ records: [SalesforceRecord], excluding excluded: Set<String>) async throws -> [UpsertOutcome] {
    let body = Collection(
      records: records.map { CollectionRecord(type: object, record: $0, excluded: excluded) })
    let response = try await client.send(
      .patch, client.dataPath + "/composite/sobjects/\(object)/\(keyField)",
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
  let record: SalesforceRecord
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
  /// The code and the fields that it names. The message is not shown, because it may quote data.
  fileprivate func reason(of record: SalesforceRecord, _ upsert: SalesforceUpsert) -> String {
    guard success != nil else { return "Salesforce's outcome can't be read; the record may or may not be written" }
    guard let problem = errors?.first else { return "no reason given" }
    return UpsertRefusal.reason(
      problem.statusCode, fields: problem.fields ?? [], own: Set(record.values.map(\.field)), of: upsert)
  }

  fileprivate func isRetryable(keyField: String) -> Bool {
    (errors ?? []).contains { problem in
      let place = (problem.message ?? "") + (problem.fields ?? []).joined()
      return UpsertRefusal.isWorthwhile(problem.statusCode ?? "", message: place, keyField: keyField)
    }
  }
}
