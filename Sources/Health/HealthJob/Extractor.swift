import Connectors
import HTTPClient
import HealthSources
import Logging
import Runs

/// What one source contributes to a run. `accounts` has the order of the extraction's accounts.
struct SourceOutcome: Sendable {
  var accounts: [AccountFacts]
  var report: SourceReport
  var received: Received
  var warnings: [String]
}

/// Reads the slices of a source in parallel, as far as the vendor's limits allow, and merges each when it arrives.
struct Extractor: Sendable {
  let log: Logger

  /// Does not throw if the source fails: the metrics are then missing with a reason, and the report has the error.
  func extract(_ source: some HealthSource, api: APIClient) async -> SourceOutcome {
    var outcome: SourceOutcome
    do {
      outcome = await self.outcome(of: source, try await source.readAll())
    } catch {
      outcome = failed(source, source.id.message(for: error))
    }
    outcome.report.add(api.usage)
    log(outcome, of: source.id)
    return outcome
  }

  /// The outcome of a source that could not be read at all: its metrics are unavailable for every account.
  func failed(_ source: some HealthSource, _ message: String) -> SourceOutcome {
    log.error("a source failed", metadata: ["source": "\(source.id.name)", "error": "\(message)"])
    return SourceOutcome(
      accounts: source.extraction.accounts.map { source.missing(.unavailable, for: $0) },
      report: .init(status: .failed, error: message), received: Received(), warnings: [])
  }

  /// Turns what was read into each account's facts and a report.
  func outcome<S: HealthSource>(of source: S, _ reading: SourceReading<S>) async -> SourceOutcome {
    let errors = reading.errors.sorted()
    for error in errors {
      log.error("a slice failed", metadata: ["source": "\(source.id.name)", "error": "\(error)"])
    }
    let observed: SourceObservations
    do {
      observed = try await source.observe(reading.partial, failed: reading.failed)
    } catch {
      return failed(source, source.id.message(for: error))
    }
    var report = SourceReport(status: .succeeded)
    var warnings = observed.warnings
    if let malformed = observed.received.skipped[Received.malformed] {
      report.status = .partial
      warnings.append(
        "\(source.id.title): \(malformed) records can't be read, nor whose they are; they are left out")
    }
    if observed.received.lost > 0, reading.failed.isEmpty {
      report.status = .partial
      report.error =
        "\(source.id.title) announced \(observed.received.announced ?? 0) rows, of which \(observed.received.lost) did not come; run the period again"
    }
    if let problem = observed.problem {
      report.status = .partial
      report.error = [report.error, problem].compactMap(\.self).joined(separator: "; ")
    }
    if !reading.failed.isEmpty {
      report.status = reading.failed.count == reading.sliceCount ? .failed : .partial
      let more = errors.count > 1 ? " (and \(errors.count - 1) other errors)" : ""
      report.error = "\(reading.failed.count) of \(reading.sliceCount) parts failed: \(errors.first ?? "")\(more)"
      if let problem = observed.problem { warnings.append("\(source.id.title): \(problem)") }
      if errors.count > 1 { warnings += errors.map { "\(source.id.title): \($0)" } }
    }
    return SourceOutcome(
      accounts: observed.accounts, report: report, received: observed.received, warnings: warnings)
  }

  func log(_ outcome: SourceOutcome, of source: SourceID) {
    log.info(
      "a source was read",
      metadata: [
        "source": "\(source.name)", "status": "\(outcome.report.status.rawValue)",
        "requests": "\(outcome.report.requests)", "retries": "\(outcome.report.retries)",
        "seconds": "\(outcome.report.seconds)",
      ])
  }
}
