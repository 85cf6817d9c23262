import ArgumentParser
import ConfigurationReading
import Formats
import HealthModel
import Insight
import Scoring

struct FixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix",
    abstract: "Show the smallest improvement that lifts each account to the next tier; without any network.")

  @Option(help: "File of JSON Lines as for `score`, or - for standard input.") var metrics: String
  @Option(
    name: .customLong("config"),
    help: "Folder of the configuration, or the .config.json of a run (default: CONFIG_DIR, else config).")
  var config: String?
  @Option(help: "How to print: table or json.") var output = OutputFormat.table

  func validate() throws {
    if output == .csv { throw ValidationError("--output: expected table or json") }
  }

  func run() async throws {
    let scorer = try await Console.reportingProblems { Scorer(model: try .reading(config)) }
    let format = output
    try await LineScoring(path: metrics).run { account in
      let score = scorer.score(account)
      let fix = scorer.smallestFix(of: account, score)
      if format == .json { return fix.line(accountID: account.accountID, score) }
      let standing = score.health.map { "\(Shown.text($0)), \(score.tier?.rawValue ?? "")" } ?? "not scored"
      let texts = fix.texts.map { "\n  - \($0)" }.joined()
      return Array("\("\(account.accountName): \(standing)".withoutControlCharacters)\(texts)\n".utf8)
    }
  }
}
