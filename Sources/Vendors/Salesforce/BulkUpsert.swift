import Connectors
import Formats
import HTTPClient

/// An upsert by Bulk API 2.0: create a job, put one CSV, close it, wait, fetch the results.
///
/// https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
struct BulkUpsert: Sendable {
  private let target: SalesforceUpsert
  private var client: SalesforceClient { target.client }
  private static let maximumRounds = 3
  /// Where no deadline ends it sooner.
  private static let longestWait = Duration.seconds(1800)
  private static let maximumResultBytes = 256 << 20

  init(_ target: SalesforceUpsert) { self.target = target }

  /// Outcomes by key; retryable and unprocessed rows go into a job of their own.
  func upsert(
    _ records: [SalesforceRecord], excluding excluded: Set<String>
  ) async -> [String: UpsertResult] {
    var results: [String: UpsertResult] = [:]
    var open = records
    do {
      // A job that surely wrote nothing more is harmless to repeat: records are matched by their key.
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

  /// What became of a job's records; `failure` says why it failed as a whole, where it did.
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
      // It was done after all.
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
    // A job takes one upload, and is closed once.
    _ = try await client.send(.put, upload, body: csv, contentType: "text/csv", isIdempotent: false)
    do {
      _ = try await client.send(
        .patch, "\(jobs)/\(job.id)", body: try JSONBody.encode(["state": "UploadComplete"]), isIdempotent: false)
    } catch {
      // The answer may be what got lost.
      guard try await state(of: job.id).state != "Open" else { throw error }
    }
    return try await wait(for: job.id)
  }

  /// Ends a job that nobody waits for any more: it would write when the run has long said that it did not.
  ///
  /// - Returns: The job as it ended; nil where it may go on writing.
  private func abort(_ job: BulkJob) async -> BulkJob? {
    // The run may be cancelled or late; this is within the margin that is kept for the end.
    await Task {
      let path = "\(jobs)/\(job.id)"
      let body = try? JSONBody.encode(["state": "Aborted"])
      if (try? await client.send(.patch, path, body: body, accepting: [404], grace: .seconds(2))) != nil {
        return BulkJob(id: job.id, state: "Aborted", contentUrl: nil, errorMessage: nil, numberRecordsFailed: nil)
      }
      // One that has ended can't be aborted.
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

  /// Results come in any order and are matched by the key.
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
    // A sentence, which may quote the data, behind the code.
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

  /// `CODE:message:FIELD__c --`: the fields stand behind the last colon.
  private static func fields(in error: String) -> [String] {
    let last = error.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    return last.split { ", -".contains($0) }.map { String($0) }
  }

  private func rows(_ path: String) async throws -> [[String: String]] {
    // Every column of every record comes back.
    let response = try await client.send(
      .get, path, contentType: "text/csv", maximumResponseBytes: Self.maximumResultBytes)
    return CSV.rows(response.body)
  }

  /// Missing is `#N/A`; an empty cell leaves the field as it is.
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

/// The job was ended before it was done.
private struct AbortedJob: Error, CustomStringConvertible {
  let cause: any Error

  /// Not where there is no time left, or the org said no.
  var isWorthRepeating: Bool {
    switch cause {
    case let failure as RequestFailure: failure.cause != .deadline
    case let refusal as SalesforceRefusal: refusal.status == 400
    default: cause is JSONBodyError
    }
  }

  var description: String { UpsertResult.reason(cause) }
}

/// Whether the records were written is not known.
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
