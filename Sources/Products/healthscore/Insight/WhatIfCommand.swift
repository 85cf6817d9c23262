import ArgumentParser
import ConfigurationReading
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Insight
import Scoring
import Snapshots

struct WhatIfCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if", abstract: "Score a stored month under another configuration, before it is live.")

  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv, markdown
  }

  @Option(
    name: .customLong("config"),
    help: "Folder with the changed files (those it lacks are the stored ones), or the .config.json of a run.")
  var config: String
  @Option(help: "The month, YYYY-MM (default: the newest stored).") var period: String?
  @Option(
    name: .customLong("fail-if"),
    help: "Exit with 1 where this holds, such as 'moved_down_pct>10'; may be given several times.")
  var conditions: [String] = []
  @Option(help: "How to print.") var output = Output.table
  @OptionGroup var snapshots: SnapshotOptions

  func validate() throws {
    for text in conditions where Condition(text) == nil {
      throw ValidationError(
        "--fail-if: '\(text)' is no condition; expected a figure, one of > >= < <= == != and a number. Figures: \(Condition.figures.joined(separator: ", "))"
      )
    }
  }

  func run() async throws {
    let result = try await Console.reportingProblems {
      let archive = try snapshots.archive()
      let files = try await archive.month(period)
      let book = try await archive.book(of: files)
      return WhatIf(book, under: try await model(beside: files, in: archive))
    }
    switch output {
    case .json: try Console.output(try await Console.reportingProblems { try result.json() })
    case .csv: try Console.output(result.csv)
    case .table: try Console.print(WhatIfTable(result).text)
    case .markdown: try Console.output(Array(result.markdown(source: "the snapshot of \(result.period)").utf8))
    }
    let holding = conditions.compactMap(Condition.init).filter { $0.holds(for: result.figures) }
    for condition in holding {
      Console.error("\(condition) holds: it is \(condition.value(in: result.figures).map { Driver.number($0) } ?? "")")
    }
    if !holding.isEmpty { throw ExitStatus.failed }
  }

  private func model(beside files: SnapshotFiles, in archive: SnapshotArchive) async throws -> ScoringModel {
    guard !config.hasSuffix(".json") else { return try .reading(config) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: config, isDirectory: &isFolder), isFolder.boolValue else {
      throw ConfigurationError(problems: ["\(config): is no folder and no .config.json"])
    }
    let changed = ConfigurationFiles(folder: config)
    guard changed.weights != nil || changed.thresholds != nil else {
      throw ConfigurationError(
        problems: ["\(config): has neither \(ConfigurationFiles.weightsName) nor \(ConfigurationFiles.thresholdsName)"])
    }
    return try ScoringModel(try await archive.configuration(of: files).replaced(by: changed))
  }
}
