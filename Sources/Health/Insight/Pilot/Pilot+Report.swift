import Formats
import HealthModel
import Scoring

extension Pilot {
  /// One line a figure, as in RFC 4180.
  public var csv: [UInt8] {
    let header = [
      "account_id", "account_name", "metric", "known", "extracted", "difference", "status", "explanation",
    ]
    let rows = comparisons.map { comparison in
      [
        CSV.defused(comparison.accountID), CSV.defused(comparison.accountName), comparison.figure, comparison.known,
        comparison.extracted ?? "", comparison.difference.csv, comparison.status.rawValue,
        CSV.defused(comparison.explanation),
      ]
    }
    return ([header] + rows).flatMap { [UInt8](CSV.line($0, ending: "\r\n").utf8) }
  }

  /// The report for people.
  public var markdown: String {
    let equal = comparisons.count { $0.status == .equal }
    let accounts = Set(comparisons.map(\.accountID)).count
    var lines = [
      "# Pilot of \(period)", "",
      "\(comparisons.count) known figures of \(accounts) accounts: \(equal) equal, \(comparisons.count - equal) not.",
      "",
      "## Known and extracted", "", "| account | figure | known | extracted | difference | status | explanation |",
      "|---|---|---:|---:|---:|---|---|",
    ]
    lines += comparisons.map { comparison in
      let cells = [
        comparison.name, comparison.figure, comparison.known, comparison.extracted ?? "",
        comparison.difference.map { Driver.number($0) } ?? "", comparison.status.rawValue, comparison.explanation,
      ]
      return "| " + cells.map(\.markdownText).joined(separator: " | ") + " |"
    }
    lines += ["", "## Not approved yet", ""]
    if unapproved.isEmpty {
      lines.append("Every figure is approved.")
    } else {
      lines += ["| figure | scores that hang on it |", "|---|---:|"]
      lines += unapproved.map { "| \($0.place.markdownText) | \($0.accounts) |" }
    }
    let blockers = blockers
    lines += ["", "## What blocks go-live", ""]
    lines += blockers.isEmpty ? ["Nothing."] : blockers.map { "- \($0.markdownText)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
