import HTTPClient
import HealthModel
import Logging

/// One source's part of a run.
struct SourceOutcome: Sendable {
  var accounts: [AccountFacts]
  var report: RunAnswer.SourceReport
  var received: Received
  var warnings: [String]
}

/// Reads a source slice by slice: all at once, as far as the vendor's limits let, merged as they come.
struct Extractor: Sendable {
  let log: Logger

  /// Never throws for a source's sake: what could not be read is missing with its reason, and the report says so.
  func extract(_ source: some Source, api: APIClient) async -> SourceOutcome {
    var outcome: SourceOutcome
    do {
      outcome = try await read(source)
    } catch {
      let message = describe(error, at: source.id)
      log.error("a source failed", metadata: ["source": "\(source.id.rawValue)", "error": "\(message)"])
      let accounts = source.extraction.accounts.map { source.missing(.unavailable, for: $0) }
      outcome = SourceOutcome(
        accounts: accounts, report: .init(status: .failed, error: message), received: Received(), warnings: [])
    }
    let usage = api.usage
    outcome.report.requests = usage.requests
    outcome.report.retries = usage.retries
    outcome.report.throttled = usage.throttled
    outcome.report.seconds = rounded(usage.elapsed)
    log.info(
      "a source was read",
      metadata: [
        "source": "\(source.id.rawValue)", "status": "\(outcome.report.status.rawValue)",
        "requests": "\(usage.requests)", "retries": "\(usage.retries)", "bytes": "\(usage.bytesReceived)",
        "seconds": "\(outcome.report.seconds)",
      ])
    return outcome
  }

  private func read<S: Source>(_ source: S) async throws -> SourceOutcome {
    let slices = try await source.slices()
    log.debug("slices planned", metadata: ["source": "\(source.id.rawValue)", "slices": "\(slices.count)"])
    var partial = S.Partial()
    var failed: [S.Slice] = []
    var errors: Set<String> = []
    await withTaskGroup(of: (Int, Result<S.Partial, any Error>).self) { group in
      for (index, slice) in slices.enumerated() {
        group.addTask {
          do {
            return (index, .success(try await source.read(slice)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      for await (index, result) in group {
        switch result {
        case .success(let part): partial.merge(part)
        case .failure(let error):
          failed.append(slices[index])
          errors.insert(describe(error, at: source.id))
        }
      }
    }
    for error in errors.sorted() {
      log.error("a slice failed", metadata: ["source": "\(source.id.rawValue)", "error": "\(error)"])
    }
    let observed = try await source.observe(partial, failed: failed)
    var report = RunAnswer.SourceReport(status: .succeeded)
    var warnings = observed.warnings
    if let malformed = observed.received.skipped["malformed"] {
      report.status = .partial
      warnings.append("\(source.id.title): \(malformed) records were malformed and left out")
    }
    if let problem = observed.problem {
      report.status = .partial
      report.error = problem
    }
    if !failed.isEmpty {
      report.status = failed.count == slices.count ? .failed : .partial
      let more = errors.count > 1 ? " (and \(errors.count - 1) other errors)" : ""
      report.error = "\(failed.count) of \(slices.count) parts failed: \(errors.sorted().first ?? "")\(more)"
      if let problem = observed.problem { warnings.append("\(source.id.title): \(problem)") }
      if errors.count > 1 { warnings += errors.sorted().map { "\(source.id.title): \($0)" } }
    }
    return SourceOutcome(
      accounts: observed.accounts, report: report, received: observed.received, warnings: warnings)
  }
}

/// Seconds to the millisecond.
func rounded(_ duration: Duration) -> Double { Double(duration.inMilliseconds) / 1000 }
