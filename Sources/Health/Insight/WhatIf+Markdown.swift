import Formats
import HealthModel
import Scoring

extension WhatIf {
  private static let listedRows = 20

  /// For a comment on a change of the configuration: what it does to the whole book.
  ///
  /// - Parameter source: What the book is, such as `the snapshot of 2026-10`.
  public func markdown(source: String) -> String {
    func mean(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "\u{2013}" }
    var lines = ["### What this configuration would do", ""]
    guard
      moves.contains(where: { _ in true }) || figures.newlyUnscored > 0 || figures.scoredBefore != figures.scoredAfter
    else {
      return lines.joined(separator: "\n")
        + "\nNo score changes: \(figures.accounts) accounts, \(source.markdownText).\n"
    }
    lines += [
      "\(figures.accounts) accounts, \(source.markdownText): mean \(mean(figures.meanBefore)) \u{2192} \(mean(figures.meanAfter)), "
        + "\(figures.movedUp) up a tier (\(Shown.text(figures.movedUpPercent)) %), "
        + "**\(figures.movedDown) down** (\(Shown.text(figures.movedDownPercent)) %, ARR \(Driver.number(figures.movedDownARR)))"
        + (figures.newlyUnscored > 0 ? ", \(figures.newlyUnscored) without a score" : "") + ".",
      "", "| tier | before | after |", "|---|---:|---:|",
    ]
    for standing in Standing.all where standing != .absent {
      lines.append("| \(standing.name) | \(count(standing, isAfter: false)) | \(count(standing, isAfter: true)) |")
    }
    let moves = Array(moves.prefix(Self.listedRows))
    if !moves.isEmpty {
      lines += ["", "<details><summary>The largest moves</summary>", ""] + table(moves) + ["", "</details>"]
    }
    if !nearRenewal.isEmpty {
      lines += ["", "**In another tier within \(WhatIf.renewalDays) days of renewal**", ""]
      lines += table(Array(nearRenewal.prefix(Self.listedRows)))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(_ moves: [Move]) -> [String] {
    func score(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "\u{2013}" }
    var lines = ["| account | before | after | change | tier | renewal | why |", "|---|---:|---:|---:|---|---:|---|"]
    for move in moves {
      let (before, after) = (move.standingBefore.name, move.standingAfter.name)
      let cells: [String] = [
        move.accountName.markdownText, score(move.scoreBefore), score(move.scoreAfter),
        move.change.map { Driver.signed($0) } ?? "\u{2013}", before == after ? after : "\(before) \u{2192} \(after)",
        move.daysToRenewal.map { "\($0) d" } ?? "\u{2013}", move.reason.markdownText,
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines
  }
}

extension String {
  /// Text that means nothing in Markdown, also in a cell of a table, and mentions nobody.
  var markdownText: String {
    var text = ""
    for character in withoutControlCharacters {
      switch character {
      case "|", "\\", "*", "_", "[", "]", "#", "`": text += "\\\(character)"
      case "<": text += "&lt;"
      case "&": text += "&amp;"
      case "@": text += "&#64;"
      default: text.append(character)
      }
    }
    return text
  }
}
