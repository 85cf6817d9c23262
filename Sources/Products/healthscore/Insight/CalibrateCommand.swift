import ArgumentParser
import ConfigurationReading
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Insight
import Runs
import Scoring
import Snapshots

struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract:
      "Show what the score has been worth: whether it told in advance who churned, and whether other weights would."
  )

  @Option(help: "CSV of account_id,date,outcome (churned, renewed or downgraded), held against the stored months.")
  var outcomes: String?
  @Option(help: "CSV of numbers, one row an account, instead of --outcomes.") var table: String?
  @Option(name: .customLong("outcome"), help: "With --table: the column that is 1 for a churn and 0 for none.")
  var outcomeColumn: String?
  @Option(name: .customLong("score"), help: "With --table: the column with today's score, higher is healthier.")
  var scoreColumn: String?
  @Option(name: .customLong("lower-is-better"), help: "With --table: columns, separated by commas.")
  var lowerIsBetter: String?
  @Option(name: .customLong("higher-is-better"), help: "With --table: columns, separated by commas.")
  var higherIsBetter: String?
  @Option(help: "With --outcomes: write a weights.yaml with the change, where there is enough to change weights.")
  var propose: String?
  @Option(help: "How to print: table or json.") var output = OutputFormat.table
  @OptionGroup var snapshots: SnapshotOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (outcomes == nil) != (table == nil) else { throw ValidationError("expected --outcomes FILE or --table FILE") }
    if table != nil, outcomeColumn == nil { throw ValidationError("--table: expected --outcome COLUMN too") }
    if table == nil, [outcomeColumn, scoreColumn, lowerIsBetter, higherIsBetter].contains(where: { $0 != nil }) {
      throw ValidationError("--outcome, --score, --lower-is-better, --higher-is-better: belong to --table")
    }
    if propose != nil, outcomes == nil {
      throw ValidationError("--propose: needs --outcomes, since a table's columns are no metrics")
    }
    if output == .csv { throw ValidationError("--output: expected table or json") }
  }

  func run() async throws {
    let (report, today) = try await Console.reportingProblems(read)
    let proposal = try await Console.reportingProblems { try proposedWeights(of: report, today) }
    switch output {
    case .json: try Console.output(report.json)
    case .table, .csv: try Console.print(CalibrationTexts(report).text)
    }
    guard let propose else { return }
    guard let proposal else {
      return Console.error("\(propose) is not written: there is not enough to change weights")
    }
    try await Console.reportingProblems { try AtomicFile.write(proposal, to: propose) }
    Console.error("\(propose) is written; look at its effect with `healthscore what-if`")
  }

  /// The report, and today's configuration; without files for a table.
  private func read() async throws -> (CalibrationReport, ConfigurationFiles) {
    let path = outcomes ?? table ?? ""
    guard let bytes = (try? Data(contentsOf: URL(filePath: path))).map({ [UInt8]($0) }) else {
      throw SnapshotError("\(path): the file can't be read")
    }
    do {
      if table != nil {
        return (try await report(table: bytes), ConfigurationFiles(weights: nil, thresholds: nil, sources: nil))
      }
      let outcomes = try Outcome.reading(bytes)
      let archive = try snapshots.archive(configuration.environment())
      let newest = try await archive.month(nil)
      var books: [Book] = []
      for files in try await archive.months() { books.append(try await archive.book(of: files)) }
      // Without --config today's weights are those that the newest month was scored with.
      let today: ConfigurationFiles
      if let folder = configuration.folder {
        today = ConfigurationFiles(folder: folder)
      } else {
        today = try await archive.configuration(of: newest)
      }
      let history = OutcomeHistory(outcomes, books, today: try ScoringModel(today))
      return (await CalibrationReport(history, outcomes: outcomes), today)
    } catch let error as RowProblems {
      throw SnapshotError(error.description(in: path))
    }
  }

  private func report(table bytes: [UInt8]) async throws -> CalibrationReport {
    func names(_ list: String?) -> [String] {
      (list ?? "").split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }
    let roles = CalibrationTable.Roles(
      outcome: outcomeColumn ?? "", score: scoreColumn, lowerIsBetter: names(lowerIsBetter),
      higherIsBetter: names(higherIsBetter))
    let (table, ignored) = try CalibrationTable.reading(bytes, roles)
    return await CalibrationReport(table: table, ignored: ignored, bounds: try tierBounds())
  }

  /// The tiers' lower bounds, which judge a table's score; none where there is no score, or no configuration at all.
  private func tierBounds() throws -> [(tier: Tier, bound: Double)] {
    guard scoreColumn != nil else { return [] }
    let folder = configuration.environment().configDirectory
    let files = ConfigurationFiles(folder: folder)
    if configuration.folder == nil, files.weights == nil, files.thresholds == nil {
      Console.error("there is no configuration in \(folder): the tiers' edges are left out; name one with --config")
      return []
    }
    return try ScoringModel(files).bounds
  }

  /// A `weights.yaml` with the change; nil where none is asked for, or there is not enough to change weights.
  private func proposedWeights(of report: CalibrationReport, _ today: ConfigurationFiles) throws -> [UInt8]? {
    guard propose != nil, let shares = report.calibration.proposedShares(for: try ScoringModel(today)) else {
      return nil
    }
    guard let proposal = today.weights.flatMap({ WeightsText.replacing($0, shares: shares) }) else {
      throw SnapshotError("\(ConfigurationFiles.weightsName) can't be changed by a program")
    }
    return proposal
  }
}

extension ScoringModel {
  /// The lower bounds of all tiers but the worst.
  fileprivate var bounds: [(tier: Tier, bound: Double)] {
    [Tier.champion, .healthy, .atRisk].map { ($0, lowerBound(of: $0)) }
  }
}
