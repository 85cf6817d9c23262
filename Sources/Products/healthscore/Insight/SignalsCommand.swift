import ArgumentParser
import Formats
import Insight
import Scoring
import Snapshots

struct SignalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signals", abstract: "Show churn signals: what each costs, and when it lapses.",
    subcommands: [LedgerCommand.self, SuggestCommand.self])

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

/// What conversations suggest, for a person to accept or not.
struct SuggestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest",
    abstract:
      "List the churn signals that conversations suggest (text_analysis in sources.yaml). None counts until a person logs it."
  )

  @Option(help: "The month, YYYY-MM (default: the newest stored).") var period: String?
  @Option(help: "How to print.") var output = OutputFormat.table
  @OptionGroup var snapshots: SnapshotOptions

  private struct Entry: Encodable {
    let account_id: String
    let account_name: String
    let category: String
    let severity: String
    let conversation_id: String
  }

  func run() async throws {
    let entries = try await Console.reportingProblems(read)
    switch output {
    case .json: try Console.output(try JSONBody.encode(entries) + [10])
    case .csv:
      let header = ["account_id", "account_name", "category", "severity", "conversation_id"]
      let rows = entries.map { entry in
        [entry.account_id, entry.account_name, entry.category, entry.severity, entry.conversation_id].map(CSV.defused)
      }
      try Console.output(([header] + rows).flatMap { [UInt8](CSV.line($0, ending: "\r\n").utf8) })
    case .table:
      guard !entries.isEmpty else {
        return try Console.print(
          "No suggestions. They need `text_analysis: true` in sources.yaml when the month is run.")
      }
      let rows = entries.map { [$0.account_name, $0.severity, $0.category, $0.conversation_id] }
      let lines = TextTable(["ACCOUNT", "SEVERITY", "CATEGORY", "CONVERSATION"], rows, rightAligned: []).lines
      try Console.print(lines.map(\.withoutControlCharacters).joined(separator: "\n"))
    }
  }

  private func read() async throws -> [Entry] {
    let archive = try snapshots.archive()
    let book = try await archive.book(of: try await archive.month(period))
    return book.accounts.flatMap { account in
      account.suggestedSignals.map { signal in
        Entry(
          account_id: account.accountID, account_name: account.accountName, category: signal.category.rawValue,
          severity: signal.severity.name, conversation_id: signal.conversationID)
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
