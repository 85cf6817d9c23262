import Formats
import HTTPClient

/// Bulk API 2.0: create a job, upload its CSV, close it, poll it, read its results.
extension SalesforceFake {
  func bulk(_ request: HTTPRequest, _ path: [String], version: String) -> HTTPResponse {
    guard let id = path.first else {
      let body = SandboxJSON.object(request.body)
      let id = state.withLock { state in
        state.nextID += 1
        let id = "750SB\(padded(state.nextID, to: 10))"
        state.jobs[id] = Job(
          object: body["object"] as? String ?? "", key: body["externalIdFieldName"] as? String ?? "")
        return id
      }
      return job(id, version: version)
    }
    switch (request.method, path.dropFirst().first) {
    case (.put, "batches"):
      state.withLock { $0.jobs[id]?.csv = request.body ?? [] }
      return HTTPResponse(status: 201)
    case (.patch, nil):
      run(id)
      return job(id, version: version)
    case (.get, nil):
      state.withLock { state in
        state.jobs[id]?.polls += 1
        if let polls = state.jobs[id]?.polls, polls > 1 { state.jobs[id]?.state = "JobComplete" }
      }
      return job(id, version: version)
    case (.get, let kind?):
      let text = state.withLock { state in
        kind == "successfulResults"
          ? state.jobs[id]?.successes : kind == "failedResults" ? state.jobs[id]?.failures : ""
      }
      return HTTPResponse(status: 200, headers: ["Content-Type": "text/csv"], body: Array((text ?? "").utf8))
    default: return unknown()
    }
  }

  private func job(_ id: String, version: String) -> HTTPResponse {
    guard let job = state.withLock({ $0.jobs[id] }) else { return unknown() }
    return SandboxJSON.response([
      "id": id, "state": job.state, "object": job.object, "operation": "upsert", "apiVersion": 66.0,
      "contentUrl": "services/data/\(version)/jobs/ingest/\(id)/batches", "numberRecordsFailed": job.failed,
    ])
  }

  private func run(_ id: String) {
    guard let job = state.withLock({ $0.jobs[id] }) else { return }
    var successes = CSV.line(["sf__Id", "sf__Created", job.key])
    var failures = CSV.line(["sf__Id", "sf__Error", job.key])
    var failed = 0
    for row in CSV.rows(job.csv) {
      // An empty cell leaves the field alone, #N/A clears it.
      let values = row.filter { !$0.value.isEmpty }.mapValues { $0 == "#N/A" ? OrgValue.null : .text($0) }
      switch write(values, object: job.object, key: job.key) {
      case .success(let (rowID, isNew)): successes += CSV.line([rowID, "\(isNew)", row[job.key] ?? ""])
      case .failure(let problem):
        failed += 1
        failures += CSV.line(["", "\(problem.code):\(problem.message):--", row[job.key] ?? ""])
      }
    }
    state.withLock { [successes, failures, failed] state in
      state.jobs[id]?.successes = successes
      state.jobs[id]?.failures = failures
      state.jobs[id]?.failed = failed
      state.jobs[id]?.state = "InProgress"
    }
  }
}
