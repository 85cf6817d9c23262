import ArgumentParser
import Scoring
import Snapshots

struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score raw metrics (JSON Lines, as in a snapshot) without any network; one full result a line.")

  @Option(help: "File of JSON Lines, or - for standard input.") var metrics: String
  @Option(
    name: .customLong("config"),
    help: "Folder of the configuration, or the .config.json of a run (default: CONFIG_DIR, else config).")
  var config: String?

  func run() async throws {
    let scorer = try await Console.reportingProblems { Scorer(model: try .reading(config)) }
    try await LineScoring(path: metrics).run { account in
      let score = scorer.score(account)
      return score.line(accountID: account.accountID, drivers: score.driverTexts)
    }
  }
}
