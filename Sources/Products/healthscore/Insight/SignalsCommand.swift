import ArgumentParser
import Formats
import Insight
import Scoring
import Snapshots

struct SignalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signals", abstract: "Show churn signals: what each costs, and when it lapses.",
    subcommands: [LedgerCommand.self])

  struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ledger", abstract: "List every churn signal of a stored month.")

    @Option(help: "The month, YYYY-MM (default: the newest stored).") var period: String?
    @Option(help: "How to print.") var output = OutputFormat.table
    @OptionGroup var snapshots: SnapshotOptions

    func run() async throws {
      let entries = try await Console.reportingProblems {
        let archive = try snapshots.archive()
        let book = try await archive.book(of: try await archive.month(period))
        return book.accounts.flatMap { book.scorer.ledger(of: $0) }
      }
      switch output {
      case .json: try Console.output(entries.json)
      case .csv: try Console.output(entries.csv)
      case .table: try Console.print(SignalTable(entries).text)
      }
    }
  }
}

/// Signals as text for the terminal: those that count first.
struct SignalTable {
  private let entries: [SignalEntry]

  init(_ entries: [SignalEntry]) { self.entries = entries }

  var text: String {
    guard !entries.isEmpty else { return "No churn signals." }
    let ordered = entries.enumerated().sorted { left, right in
      let ranks = (left.element.countsAs?.rawValue ?? 0, right.element.countsAs?.rawValue ?? 0)
      return ranks.0 != ranks.1 ? ranks.0 > ranks.1 : left.offset < right.offset
    }.map(\.element)
    let rows = ordered.map { entry in
      [
        entry.accountName, entry.signal.severity.name, entry.countsAs?.name ?? "\u{2013}", entry.signal.status ?? "",
        entry.signal.observed?.description ?? "\u{2013}",
        entry.countsAs == nil ? "\u{2013}" : entry.lapses?.description ?? "never",
        entry.cost.map { Shown.text($0) } ?? "\u{2013}", entry.scoreWhenLapsed.map { Shown.text($0) } ?? "\u{2013}", "",
      ]
    }
    return TextTable(
      ["ACCOUNT", "SEVERITY", "COUNTS AS", "STATUS", "OBSERVED", "COUNTS THROUGH", "COSTS", "SCORE THEN", ""], rows,
      rightAligned: [6, 7]
    ).lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }
}
