import Connectors
import Formats
import HTTPClient

/// An upsert by Bulk API 2.0: create a job, upload one CSV, close the job, wait, get the results.
///
/// https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
struct BulkUpsert: Sendable {
  private let target: SalesforceUpsert
  private var client: SalesforceClient { target.client }
  private static let maximumRounds = 3
  /// 30 minutes, unless the run's deadline comes first.
  private static let longestWait = Duration.seconds(1800)
  private static let maximumResultBytes = 256 << 20

  init(_ target: SalesforceUpsert) { self.target = target }

  /// Writes the records and returns the outcomes by key. Records that a retry may help or that were not processed go
  /// into a further job, up to three jobs in all.
  func upsert(
    _ records: [SalesforceRecord], excluding excluded: Set<String>
  ) async -> [String: UpsertResult] {
    var results: [String: UpsertResult] = [:]
    var open = records
    do {
      // An aborted job writes nothing more. Repeating it is safe, because records are matched by their key.
      _ = try await repeating(
        atMost: Self.maximumRounds, ifFailed: { ($0 as? AbortedJob)?.isWorthRepeating ?? false }, until: \.isEmpty
      ) { _ in
        let (outcomes, retryable, failure) = try await run(open, excluding: excluded)
        results.merge(outcomes) { $1 }
        if let failure {
          for record in open where outcomes[record.key] == nil { results[record.key] = .failed(failure) }
        }
        open = open.filter { retryable.contains($0.key) }
        return open
      }
    } catch {
      for record in open where results[record.key] == nil { results[record.key] = .failed(UpsertResult.reason(error)) }
    }
    for record in open where results[record.key] == nil { results[record.key] = .failed("Salesforce named no outcome") }
    return results
  }

  private var jobs: String { client.dataPath + "/jobs/ingest" }

  /// The outcomes of a job's records. `failure` says why the job failed as a whole; nil where it did not.
  private typealias Outcomes = (results: [String: UpsertResult], retryable: Set<String>, failure: String?)

  private func run(
    _ records: [SalesforceRecord], excluding excluded: Set<String>
  ) async throws -> Outcomes {
    let definition = JobDefinition(object: target.object, externalIdFieldName: target.keyField)
    // Not idempotent: a second request would leave an empty job behind.
    let job = try await client.send(.post, jobs, body: try JSONBody.encode(definition), isIdempotent: false)
      .decode(BulkJob.self)
    let finished: BulkJob
    do {
      finished = try await complete(job, csv(records, excluding: excluded))
    } catch {
      switch await abort(job) {
      // The job had ended before it could be aborted.
      case let job? where job.state == "JobComplete" || job.state == "Failed": finished = job
      case _?: throw AbortedJob(cause: error)
      case nil: throw UnfinishedJob(reason: UpsertResult.reason(error))
      }
    }
    guard finished.state == "JobComplete" || finished.state == "Failed" else {
      throw SourceError(
        .unavailable, "the bulk job ended as \(VendorCode(finished.state)?.description ?? "something else")")
    }
    return try await outcomes(of: finished, own: Set(records.first?.values.map(\.field) ?? []))
  }

  /// Fills the job, closes it and waits for it.
  private func complete(_ job: BulkJob, _ csv: [UInt8]) async throws -> BulkJob {
    let upload = job.contentUrl.map { "/" + $0.drop { $0 == "/" } } ?? "\(jobs)/\(job.id)/batches"
    // Not idempotent: a job takes one upload and is closed once.
    _ = try await client.send(.put, upload, body: csv, contentType: "text/csv", isIdempotent: false)
    do {
      _ = try await client.send(
        .patch, "\(jobs)/\(job.id)", body: try JSONBody.encode(["state": "UploadComplete"]), isIdempotent: false)
    } catch {
      // The request may have arrived although its answer was lost.
      guard try await state(of: job.id).state != "Open" else { throw error }
    }
    return try await wait(for: job.id)
  }

  /// Aborts a job that the run does not wait for any more. Otherwise it could write records that the run reported as
  /// failed.
  ///
  /// - Returns: The job in its final state; nil where it may still write.
  private func abort(_ job: BulkJob) async -> BulkJob? {
    // A task of its own, because the run may be cancelled or late. `grace` is within the time reserved for the run's
    // end.
    await Task {
      let path = "\(jobs)/\(job.id)"
      let body = try? JSONBody.encode(["state": "Aborted"])
      if (try? await client.send(.patch, path, body: body, accepting: [404], grace: .seconds(2))) != nil {
        return BulkJob(id: job.id, state: "Aborted", contentUrl: nil, errorMessage: nil, numberRecordsFailed: nil)
      }
      // A job that has ended can't be aborted, so ask for its state.
      let state = try? await client.send(.get, path, grace: .seconds(3)).decode(BulkJob.self)
      return state.flatMap { ["JobComplete", "Failed", "Aborted"].contains($0.state) ? $0 : nil }
    }.value
  }

  private func state(of id: String) async throws -> BulkJob {
    try await askingTwice { try await client.send(.get, "\(jobs)/\(id)").decode(BulkJob.self) }
  }

  private func wait(for id: String) async throws -> BulkJob {
    var delay = Duration.milliseconds(500)
    var waited = Duration.zero
    while true {
      let job = try await state(of: id)
      if ["JobComplete", "Failed", "Aborted"].contains(job.state) { return job }
      guard waited < BulkUpsert.longestWait else {
        throw SourceError(.unavailable, "the bulk job was not done after \(waited)")
      }
      try await client.api.wait(delay, for: "the bulk job")
      waited += delay
      delay = min(delay * 2, .seconds(10))
    }
  }

  /// Results come in any order, so they are matched by key.
  private func outcomes(of job: BulkJob, own: Set<String>) async throws -> Outcomes {
    var results: [String: UpsertResult] = [:]
    var retryable: Set<String> = []
    let path = "\(jobs)/\(job.id)"
    for row in try await rows("\(path)/successfulResults/") {
      guard let key = row[target.keyField] else { continue }
      results[key] = row["sf__Created"] == "true" ? .created : .updated
    }
    for row in try await rows("\(path)/failedResults/") {
      guard let key = row[target.keyField] else { continue }
      let error = row["sf__Error"] ?? "no reason given"
      let code = String(error.prefix { $0 != ":" && $0 != " " })
      results[key] = .failed(UpsertRefusal.reason(code, fields: Self.fields(in: error), own: own, of: target))
      if UpsertRefusal.isWorthwhile(code, message: error, keyField: target.keyField) { retryable.insert(key) }
    }
    // A code, then a sentence. Only the code is used, because the sentence may quote data.
    let reason =
      VendorCode(job.errorMessage.map { String($0.prefix { $0 != ":" && $0 != " " }) })?.description
      ?? "no reason given"
    let isRetryUseful = job.state == "JobComplete"
    for row in try await rows("\(path)/unprocessedrecords/") {
      guard let key = row[target.keyField] else { continue }
      results[key] = .failed("not processed: \(reason)")
      if isRetryUseful { retryable.insert(key) }
    }
    return (results, retryable, job.state == "Failed" ? "the bulk job failed as a whole: \(reason)" : nil)
  }

  /// The fields at the end of `CODE:message:FIELD__c --`, after the last colon.
  private static func fields(in error: String) -> [String] {
    let last = error.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    return last.split { ", -".contains($0) }.map { String($0) }
  }

  private func rows(_ path: String) async throws -> [[String: String]] {
    // Salesforce returns every column of every record, so the body may be large.
    let response = try await client.send(
      .get, path, contentType: "text/csv", maximumResponseBytes: Self.maximumResultBytes)
    return CSV.rows(response.body)
  }

  /// A missing value is `#N/A`, which empties the field. An empty cell would leave the old value.
  private func csv(_ records: [SalesforceRecord], excluding excluded: Set<String>) -> [UInt8] {
    let fields = (records.first?.values.map(\.field) ?? []).filter { !excluded.contains($0) }
    var text = CSV.line(fields)
    for record in records {
      text += CSV.line(
        record.values.filter { !excluded.contains($0.field) }.map { entry in
          switch entry.value {
          case .null: "#N/A"
          case .number(let number): "\(number)"
          case .text(let text): text.isEmpty ? "#N/A" : text
          }
        })
    }
    return Array(text.utf8)
  }
}

/// The job was aborted before it was done.
private struct AbortedJob: Error, CustomStringConvertible {
  let cause: any Error

  /// False where the deadline came, or the org refused with a status other than 400.
  var isWorthRepeating: Bool {
    switch cause {
    case let failure as RequestFailure: failure.cause != .deadline
    case let refusal as SalesforceRefusal: refusal.status == 400
    default: cause is JSONBodyError
    }
  }

  var description: String { UpsertResult.reason(cause) }
}

/// It is unknown whether the job wrote the records.
private struct UnfinishedJob: Error, CustomStringConvertible {
  let reason: String

  var description: String { "\(reason); the bulk job could not be ended and may still write" }
}

private struct JobDefinition: Encodable {
  let object: String
  let operation = "upsert"
  let externalIdFieldName: String
  let contentType = "CSV"
  let lineEnding = "LF"
  let columnDelimiter = "COMMA"

  private enum CodingKeys: String, CodingKey {
    case object, operation, externalIdFieldName, contentType, lineEnding, columnDelimiter
  }
}
