import ArgumentParser
import ConfigurationReading
import Formats
import Foundation
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
    let archive = SnapshotArchive(.folder(folder))
    let files = try await snapshot(in: archive, folder)
    let matches = (try await archive.accounts(of: files) ?? []).filter(isWanted)
    guard let snapshot = matches.first, matches.count == 1 else {
      let names = matches.prefix(10).map { "  \($0.accountID)  \($0.accountName)" }.joined(separator: "\n")
      Console.error(
        matches.isEmpty
          ? "no account '\(account)' in \(archive.location(of: files))"
          : "'\(account)' fits several accounts:\n\(names)")
      throw ExitStatus.usage
    }
    do {
      let model = try await archive.scoringModel(of: files)
      if let run = try await archive.run(of: files) {
        try Console.print("From \(run.isDryRun ? "the dry run" : "the live run") \(run.runID)")
      }
      try Console.print(Explanation(snapshot, Scorer(model: model).score(snapshot)).text)
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
  }

  private func isWanted(_ snapshot: AccountSnapshot) -> Bool {
    if let id = SalesforceID(account), snapshot.accountID == id.description { return true }
    return snapshot.accountID == account || snapshot.accountName.lowercased().contains(account.lowercased())
  }

  private func snapshot(in archive: SnapshotArchive, _ folder: String) async throws -> SnapshotFiles {
    let all = try await archive.all()
    if let period {
      guard let month = Period(period) else {
        Console.error("--period: expected a month such as 2026-10")
        throw ExitStatus.usage
      }
      let files = SnapshotFiles(period: month, isSelection: false, runID: runID)
      if all.contains(files) { return files }
      Console.error(
        "there is no snapshot of \(period)\(runID.map { " by run \($0)" } ?? "") in \(folder); make one with `healthscore run --period \(period) --dry-run`"
      )
      throw ExitStatus.usage
    }
    // A run over chosen accounts is not the month's record.
    guard let newest = all.last(where: { !$0.isSelection && $0.runID == nil }) else {
      Console.error("there is no snapshot in \(folder); make one with `healthscore run --dry-run`")
      throw ExitStatus.usage
    }
    guard let runID else { return newest }
    guard let files = all.last(where: { $0.runID == runID }) else {
      Console.error("there is no snapshot by run \(runID) in \(folder)")
      throw ExitStatus.usage
    }
    return files
  }
}
