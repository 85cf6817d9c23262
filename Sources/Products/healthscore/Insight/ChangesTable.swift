import Formats
import HealthModel
import Insight
import Scoring

/// The changes between two months as text for the terminal.
struct ChangesTable {
  private let changes: Changes
  private let chosen: Set<String>?

  /// - Parameter chosen: Ids of the accounts to list; nil for all that moved.
  init(_ changes: Changes, chosen: Set<String>?) {
    self.changes = changes
    self.chosen = chosen
  }

  var text: String {
    let listed = changes.accounts.filter { account in
      chosen.map { $0.contains(account.accountID) }
        ?? (account.change.map { $0 != 0 } ?? (account.from.standing != account.to.standing))
    }.sorted { left, right in
      let sizes = (left.change?.magnitude ?? .infinity, right.change?.magnitude ?? .infinity)
      return sizes.0 != sizes.1 ? sizes.0 > sizes.1 : left.accountID < right.accountID
    }
    var lines = ["\(changes.from) \u{2192} \(changes.to)", ""]
    if listed.isEmpty {
      lines.append("No account moved.")
    } else {
      let rows = listed.map { account in
        [
          account.accountName, account.from.score.map { Shown.text($0) } ?? "\u{2013}",
          account.to.score.map { Shown.text($0) } ?? "\u{2013}",
          account.change.map { Shown.oneDecimal($0) == 0 ? "0.0" : Driver.signed($0) } ?? "\u{2013}",
          tiers(account), reasons(account),
        ]
      }
      lines += TextTable(["ACCOUNT", "FROM", "TO", "CHANGE", "TIER", "WHY"], rows, rightAligned: [1, 2, 3]).lines
    }
    if chosen != nil { lines += listed.flatMap(split) }
    lines += [""] + book
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func tiers(_ account: AccountChange) -> String {
    let (from, to) = (account.from.standing.name, account.to.standing.name)
    return from == to ? to : "\(from) \u{2192} \(to)"
  }

  private func reasons(_ account: AccountChange) -> String {
    if let cause = account.cause { return cause }
    return account.causes.filter { $0.points.magnitude >= 0.005 }.prefix(3)
      .map { "\($0.words) (\(Driver.signed($0.points)))" }.joined(separator: " \u{B7} ")
  }

  /// Every part of an account's change.
  private func split(_ account: AccountChange) -> [String] {
    guard !account.parts.isEmpty else { return [] }
    var lines = ["", "\(account.accountName) (\(account.accountID))"]
    for part in account.parts {
      let name = [part.stage.rawValue, part.source].compactMap(\.self).joined(separator: " ")
      let space = String(repeating: " ", count: max(1, 26 - name.count))
      lines.append("  \(name)\(space)\(Driver.signed(part.points))  quantitative \(Shown.text(part.quantitative))")
      for change in part.metrics {
        lines.append("      \(change.words)" + (change.points.map { " (\(Driver.signed($0)))" } ?? ""))
      }
    }
    return lines
  }

  private var book: [String] {
    let book = changes.book
    var lines = ["The book: \(book.accounts) accounts, \(Driver.signed(book.change)) points in all"]
    for stage in AccountChange.Stage.allCases where book.points(stage) != 0 {
      let space = String(repeating: " ", count: 15 - stage.rawValue.count)
      lines.append("  \(stage.rawValue)\(space)\(Driver.signed(book.points(stage)))")
    }
    for entry in book.migration.entries where entry.from != entry.to {
      lines.append(
        "  \(entry.accounts) \(entry.from.name) \u{2192} \(entry.to.name), ARR \(Driver.number(entry.arr))")
    }
    lines.append(
      "  ARR moved up \(Driver.number(book.movedARR.up)), down \(Driver.number(book.movedARR.down))")
    return lines
  }
}
