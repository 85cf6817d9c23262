import Formats
import HealthModel
import Insight
import Scoring

/// A what-if as text for the terminal.
struct WhatIfTable {
  private let result: WhatIf

  init(_ result: WhatIf) { self.result = result }

  var text: String {
    let figures = result.figures
    func mean(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "\u{2013}" }
    var lines = [
      "\(result.period) under the other configuration: \(figures.accounts) accounts",
      "  mean       \(mean(figures.meanBefore)) \u{2192} \(mean(figures.meanAfter))",
      "  scored     \(figures.scoredBefore) \u{2192} \(figures.scoredAfter)"
        + (figures.newlyUnscored > 0 ? ", \(figures.newlyUnscored) lose their score" : ""),
      "  tiers up   \(figures.movedUp) (\(Shown.text(figures.movedUpPercent)) %)",
      "  tiers down \(figures.movedDown) (\(Shown.text(figures.movedDownPercent)) %), ARR \(Driver.number(figures.movedDownARR))",
      "",
    ]
    let standings = Standing.all.filter { $0 != .absent }
    lines +=
      TextTable(
        ["TIER", "BEFORE", "AFTER", ""],
        standings.map { [$0.name, "\(result.count($0, isAfter: false))", "\(result.count($0, isAfter: true))", ""] },
        rightAligned: [1, 2]
      ).lines
    let moves = Array(result.moves.prefix(20))
    lines += [""] + (moves.isEmpty ? ["No score changes."] : ["The largest moves"] + table(moves))
    if !result.nearRenewal.isEmpty {
      lines += ["", "In another tier within \(WhatIf.renewalDays) days of renewal"] + table(result.nearRenewal)
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func table(_ moves: [WhatIf.Move]) -> [String] {
    let rows = moves.map { move in
      [
        move.accountName, move.scoreBefore.map { Shown.text($0) } ?? "\u{2013}",
        move.scoreAfter.map { Shown.text($0) } ?? "\u{2013}", move.change.map { Driver.signed($0) } ?? "\u{2013}",
        move.standingBefore == move.standingAfter
          ? move.standingAfter.name : "\(move.standingBefore.name) \u{2192} \(move.standingAfter.name)",
        move.daysToRenewal.map { "\($0) d" } ?? "\u{2013}", move.reason,
      ]
    }
    return TextTable(
      ["ACCOUNT", "BEFORE", "AFTER", "CHANGE", "TIER", "RENEWAL", "WHY"], rows, rightAligned: [1, 2, 3, 5]
    ).lines
  }
}
