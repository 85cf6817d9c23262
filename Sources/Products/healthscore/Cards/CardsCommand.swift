import ArgumentParser
import CardJob
import CardModel
import ConfigurationReading
import Formats
import Foundation
import Time

struct CardsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cards", abstract: "Show the cards that were stored last.",
    discussion: "To read them anew: healthscore run --job business_metrics.")

  @Option(help: "Only the cards of this tab: \(CardTab.allCases.map(\.rawValue).joined(separator: ", ")).")
  var tab: String?
  @Option(help: "How to print them.") var output = OutputFormat.table
  @OptionGroup var data: SnapshotOptions

  private var wantedTab: CardTab? {
    tab.flatMap { name in CardTab.allCases.first { $0.rawValue.lowercased() == name.lowercased() } }
  }

  func validate() throws {
    guard tab == nil || wantedTab != nil else {
      throw ValidationError(
        "--tab: there is no tab \(tab ?? ""); there are \(CardTab.allCases.map(\.rawValue).joined(separator: ", "))")
    }
  }

  func run() async throws {
    try await Console.reportingProblems {
      let store = try data.store()
      guard let (date, records) = try await CardFiles.latest(in: store) else {
        Console.error("no cards are stored yet; make them with `healthscore run --job business_metrics`")
        throw ExitStatus.failed
      }
      let cards = records.filter { card in wantedTab.map(card.tabs.contains) ?? true }
      switch output {
      case .json: try Console.output(JSONBody.encode(cards) + [10])
      case .csv: try Console.output(Array(CardFiles.csv(cards).utf8))
      case .table: try Console.print("cards of \(date)\n\n\(CardTable(cards, now: TimeSource.system.now).text)")
      }
    }
  }
}
