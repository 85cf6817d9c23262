import ArgumentParser
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Scoring
import Snapshots
import Time

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Show how an account's score came about, from the snapshot of a run.")

  @Argument(help: "Salesforce id or a part of the account's name.") var account: String
  @Option(help: "The month, YYYY-MM (default: the newest snapshot).") var period: String?
  @Option(
    name: .customLong("run"),
    help: "A run's id, where its files have it in their names (default: the month's own files).")
  var runID: String?
  @Option(help: "Folder of the snapshots (default: OUTPUT_DIR, else output).") var output: String?

  func run() async throws {
    let folder = output ?? Environment.process().outputDirectory
    let stem = try snapshotStem(in: folder)
    let lines = try Data(contentsOf: URL(filePath: "\(folder)/\(stem).jsonl")).split(separator: 10)
    let matches = lines.compactMap { try? AccountSnapshot(line: Array($0)) }.filter(isWanted)
    guard let snapshot = matches.first, matches.count == 1 else {
      let names = matches.prefix(10).map { "  \($0.accountID)  \($0.accountName)" }.joined(separator: "\n")
      Console.error(
        matches.isEmpty
          ? "no account '\(account)' in \(folder)/\(stem).jsonl" : "'\(account)' fits several accounts:\n\(names)")
      throw ExitStatus.usage
    }
    do {
      let model = try Configuration(snapshot: "\(folder)/\(stem).config.json").scoring
      if let run = storedRun(of: stem, in: folder) {
        try Console.print("From \(run.isDryRun ? "the dry run" : "the live run") \(run.runID)")
      }
      try Console.print(Explanation(snapshot, Scorer(model: model).score(snapshot)).text)
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
  }

  /// The run that left a snapshot; nil where its answer is not there.
  private func storedRun(of stem: String, in folder: String) -> StoredRun? {
    let path = "\(folder)/run_\(stem.dropFirst("health_scores_".count)).json"
    return (try? Data(contentsOf: URL(filePath: path))).flatMap {
      try? JSONBody.decode(StoredRun.self, from: Array($0))
    }
  }

  private func isWanted(_ snapshot: AccountSnapshot) -> Bool {
    if let id = SalesforceID(account), snapshot.accountID == id.description { return true }
    return snapshot.accountID == account || snapshot.accountName.lowercased().contains(account.lowercased())
  }

  private func snapshotStem(in folder: String) throws -> String {
    if let period {
      guard Period(period) != nil else {
        Console.error("--period: expected a month such as 2026-10")
        throw ExitStatus.usage
      }
      let stem = "health_scores_\(period)\(runID.map { "." + $0 } ?? "")"
      if FileManager.default.fileExists(atPath: "\(folder)/\(stem).jsonl") { return stem }
      Console.error(
        "there is no snapshot of \(period)\(runID.map { " by run \($0)" } ?? "") in \(folder); make one with `healthscore run --period \(period) --dry-run`"
      )
      throw ExitStatus.usage
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // Runs over chosen accounts have names of another form.
    let months = names.filter { $0.hasPrefix("health_scores_") && $0.hasSuffix(".jsonl") }
      .compactMap { Period(String($0.dropFirst(14).dropLast(6))) }
    guard let newest = months.max() else {
      Console.error("there is no snapshot in \(folder); make one with `healthscore run --dry-run`")
      throw ExitStatus.usage
    }
    guard let runID else { return "health_scores_\(newest)" }
    // The newest month that this run has left.
    guard let name = names.filter({ $0.hasPrefix("health_scores_") && $0.hasSuffix(".\(runID).jsonl") }).max() else {
      Console.error("there is no snapshot by run \(runID) in \(folder)")
      throw ExitStatus.usage
    }
    return String(name.dropLast(".jsonl".count))
  }
}

/// A score taken apart, for the terminal.
private struct Explanation {
  let snapshot: AccountSnapshot
  let score: HealthScore

  init(_ snapshot: AccountSnapshot, _ score: HealthScore) {
    self.snapshot = snapshot
    self.score = score
  }

  var text: String {
    func shown(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "\u{2013}" }
    var lines = [
      "\(snapshot.accountName) (\(snapshot.accountID)), \(snapshot.segment.rawValue)"
        + (snapshot.asOf.map { ", as of \($0)" } ?? ""),
      score.unscoredReason.map { "Not scored: \($0)" }
        ?? "Health score \(shown(score.health)), \(score.tier?.rawValue ?? ""): quantitative \(shown(score.quantitative)) = churn risk \(shown(score.churnRisk)) and platform value \(shown(score.platformValue))",
      "Coverage \(Shown.text(score.coveragePercent)) % (\(score.coverage.rawValue))"
        + (score.interval.map {
          ", between \(shown($0.low)) and \(shown($0.high))\($0.isTierCertain ? "" : ", tier not certain")"
        } ?? ""),
      "Churn signals: rule \(score.qualitative.rule)" + (score.qualitative.cap.map { ", cap \(shown($0))" } ?? ""),
    ]
    lines += score.drivers.map { "  - \($0.text)" }
    for dimension in HealthModel.Dimension.allCases {
      lines.append("")
      lines.append("\(dimension.rawValue)  \(shown(score[dimension]))")
      for metric in Metric.allCases where metric.dimension == dimension { lines.append(line(metric)) }
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func line(_ metric: Metric) -> String {
    let part = score[metric]
    let name = metric.name + String(repeating: " ", count: max(1, 32 - metric.name.count))
    switch part.observation {
    case .missing(let reason): return "  \(name)missing: \(reason.rawValue)"
    case .value(let raw):
      guard let normalised = part.score else { return "  \(name)\(Driver.value(raw, metric.unit)) (not weighed)" }
      return
        "  \(name)\(Driver.value(raw, metric.unit)) scores \(Shown.text(normalised)), weight \(Shown.text(part.weight * 100)) %: +\(Shown.text(part.points, decimals: 2)), lost \(Shown.text(part.lost, decimals: 2))"
    }
  }
}
