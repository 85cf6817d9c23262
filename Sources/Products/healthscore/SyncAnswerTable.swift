import CustomerJob
import Formats

/// An answer of the customer sync as text for the terminal.
struct SyncAnswerTable {
  private let answer: CustomerSyncAnswer

  init(_ answer: CustomerSyncAnswer) { self.answer = answer }

  var text: String {
    let from = answer.watermark.from.map { " since \($0)" } ?? ""
    var lines = [
      "\(answer.job) \(answer.mode.rawValue)\(from)\(answer.dryRun ? ", dry run" : ""): \(answer.status.rawValue)",
      "  customers  \(answer.contactsSynced) synced: \(answer.newContacts) new, \(answer.updatedContacts) updated, \(answer.unchangedContacts) unchanged; \(answer.deletedContacts) deleted; \(answer.customers) in all",
    ]
    if !answer.skipped.isEmpty { lines.append("  skipped    " + Self.list(answer.skipped.mapValues { "\($0)" })) }
    if !answer.mrrTotal.isEmpty { lines.append("  mrr        " + Self.list(answer.mrrTotal.mapValues(Self.words))) }
    if let quality = answer.averageQualityScore { lines.append("  quality    \(quality) on average") }
    lines.append("  alerts     \(answer.alerts.isEmpty ? "none" : Self.list(answer.alerts.mapValues { "\($0)" }))")
    if answer.errors > 0 { lines.append("  errors     \(answer.errors)") }
    for (name, report) in answer.sources.sorted(by: { $0.key < $1.key }) {
      let retries = report.retries > 0 ? ", \(report.retries) retries" : ""
      let error = report.error.map { "; \($0)" } ?? ""
      lines.append(
        "  \(name)   \(report.status.rawValue), \(report.requests) requests\(retries), \(report.seconds) s\(error)")
    }
    for warning in answer.warnings { lines.append("  warning    \(warning)") }
    if let csv = answer.csv { lines.append("  csv        \(csv)") }
    lines.append("  took       \(answer.durationSeconds) s, run \(answer.runID)")
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  /// Without a fraction of 0.
  private static func words(_ amount: Double) -> String {
    let text = "\(amount)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func list(_ values: [String: String]) -> String {
    values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
