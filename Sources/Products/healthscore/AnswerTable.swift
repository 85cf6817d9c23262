import Formats
import HealthJob
import HealthModel
import HealthSources
import Insight
import Scoring

/// An answer as text for the terminal.
struct AnswerTable {
  private let answer: HealthScoreAnswer

  init(_ answer: HealthScoreAnswer) { self.answer = answer }

  var text: String {
    var lines: [String] = []
    if let results = answer.results, !results.isEmpty { lines += table(results) + [""] }
    lines += summary
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func table(_ results: [HealthScoreSummary.Result]) -> [String] {
    let ordered = results.sorted { left, right in
      (left.healthScore ?? -1, left.accountName) < (right.healthScore ?? -1, right.accountName)
    }
    let rows = ordered.map { result -> [String] in
      [
        result.accountName, result.segment.rawValue, result.healthScore.map { Shown.text($0) } ?? "\u{2013}",
        result.tier?.rawValue ?? "not scored", Shown.text(result.coveragePercent, decimals: 0) + " %", notes(result),
      ]
    }
    return TextTable(["ACCOUNT", "SEGMENT", "SCORE", "TIER", "DATA", "WHY"], rows, rightAligned: [2, 4]).lines
  }

  /// Drivers as sentences, then the sources without data and why.
  private func notes(_ result: HealthScoreSummary.Result) -> String {
    let missing = result.missing.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.words)" }
    return (result.drivers + (missing.isEmpty ? [] : ["[\(missing.joined(separator: ", "))]"])).joined(
      separator: " \u{B7} ")
  }

  private var summary: [String] {
    let accounts = answer.accounts
    var lines = [
      "\(answer.job) \(answer.period)\(answer.provisional ? " (provisional)" : "")\(answer.dryRun ? ", dry run" : ", live"): \(answer.status.rawValue)",
      "  accounts   \(accounts.scored) scored, \(accounts.unscored) not scored, \(accounts.failed) failed, of \(accounts.total)",
      "  tiers      "
        + Tier.allCases.map { "\($0.rawValue) \(answer.tiers[$0.rawValue] ?? 0)" }.joined(separator: ", "),
    ]
    for source in SourceRegistry.ids {
      guard let report = answer.sources[source.name] else { continue }
      let label = source.name + String(repeating: " ", count: max(1, 11 - source.name.count))
      let retries = report.retries > 0 ? ", \(report.retries) retries" : ""
      let error = report.error.map { "; \($0)" } ?? ""
      lines.append(
        "  \(label)\(report.status.rawValue), \(report.requests) requests\(retries), \(report.seconds) s\(error)")
    }
    if let load = answer.load {
      lines.append("  salesforce records: \(load.created) created, \(load.updated) updated, \(load.failed) failed")
    }
    lines += failures
    for mover in answer.movers.prefix(6) {
      let sign = mover.change > 0 ? "+" : "\u{2212}"
      lines.append(
        "  moved      \(mover.accountName): \(Shown.text(mover.previous)) \u{2192} \(Shown.text(mover.current)) (\(sign)\(Shown.text(mover.change.magnitude)))"
      )
    }
    if let changes = answer.changes {
      let parts = AccountChange.Stage.allCases.filter { changes.book.points($0) != 0 }.map {
        "\($0.rawValue) \(Driver.signed(changes.book.points($0)))"
      }
      lines.append(
        "  why        \(Driver.signed(changes.book.change)) points over the book since \(changes.from)"
          + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"))
    }
    if let unmapped = answer.unmapped, unmapped.accounts > 0 {
      let arr = unmapped.arr.map { ", ARR \(Self.amount($0))" } ?? ""
      lines.append(
        "  unmapped   \(unmapped.accounts) accounts of Salesforce have no row in the mapping\(arr); see `healthscore map suggest`"
      )
    }
    for change in answer.identityChanges.prefix(6) {
      lines.append(
        "  relinked   \(change.accountName): \(change.column) \(change.from ?? "none") \u{2192} \(change.to ?? "none")")
    }
    if answer.identityChangesTotal > 6 {
      lines.append("  relinked   \(answer.identityChangesTotal) in all; the full list is in the run's file")
    }
    for warning in answer.warnings { lines.append("  warning    \(warning)") }
    if let csv = answer.csv { lines.append("  csv        \(csv)") }
    if let snapshot = answer.snapshot { lines.append("  snapshot   \(snapshot)") }
    lines.append("  took       \(answer.durationSeconds) s, run \(answer.runID)")
    return lines
  }
}

extension AnswerTable {
  /// In whole units, thousands separated.
  static func amount(_ number: Double) -> String {
    var digits = "\(Int64(exactly: number.rounded()) ?? 0)"
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  /// One line for each kind of failure, with up to three of its accounts.
  private var failures: [String] {
    var lines: [String] = []
    for (reason, failures) in Dictionary(grouping: answer.failures, by: { "\($0.stage): \($0.error)" })
      .sorted(by: { $0.key < $1.key })
    {
      let names = failures.prefix(3).map(\.accountName).joined(separator: ", ")
      let more = failures.count > 3 ? " and \(failures.count - 3) more" : ""
      lines.append("  failed     \(names)\(more): \(reason)")
    }
    if answer.failuresTotal > answer.failures.count {
      lines.append("  failed     \(answer.failuresTotal) in all; the full list is in the run's file")
    }
    return lines
  }
}

extension MissingReason {
  fileprivate var words: String {
    switch self {
    case .notConfigured: "not configured"
    case .notMapped: "no id in the mapping"
    case .notFound: "id not known there"
    case .notAsOf: "only today is known"
    case .unavailable: "unavailable"
    case .noData: "no data"
    }
  }
}
