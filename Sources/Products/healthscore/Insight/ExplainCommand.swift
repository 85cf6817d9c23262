import ArgumentParser
import Formats
import Foundation
import HealthModel
import Insight
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
  // `--output` is the name of earlier versions.
  @Option(
    name: [.customLong("data"), .customLong("output")],
    help:
      "Folder of the snapshots, or s3://BUCKET[/PREFIX] (default: OUTPUT_DIR, else REPORTS_BUCKET where it is set, else output)."
  )
  var place: String?

  func run() async throws {
    let text = try await Console.reportingProblems {
      var options = SnapshotOptions()
      options.place = place
      let archive = try options.archive()
      let files = try await snapshot(in: archive)
      let account = try wanted(in: try await archive.accounts(of: files) ?? [], archive.location(of: files))
      let scorer = Scorer(model: try await archive.scoringModel(of: files))
      let origin = try await archive.run(of: files).map { run in
        "From \(run.isDryRun ? "the dry run" : "the live run") \(run.runID)\n"
      }
      return (origin ?? "")
        + Explanation(account, scorer, of: files.period, since: await earlier(than: files, in: archive)).text
    }
    try Console.print(text)
  }

  private func wanted(in accounts: [AccountSnapshot], _ place: String) throws -> AccountSnapshot {
    let matches = accounts.filter(isWanted)
    if let match = matches.first, matches.count == 1 { return match }
    let names = matches.prefix(10).map { "  \($0.accountID)  \($0.accountName)" }.joined(separator: "\n")
    throw SnapshotError(
      matches.isEmpty ? "no account '\(account)' in \(place)" : "'\(account)' fits several accounts:\n\(names)")
  }

  private func isWanted(_ snapshot: AccountSnapshot) -> Bool {
    if let id = SalesforceID(account), snapshot.accountID == id.description { return true }
    return snapshot.accountID == account || snapshot.accountName.lowercased().contains(account.lowercased())
  }

  /// The month before, to tell what moved; nil where there is none.
  private func earlier(than files: SnapshotFiles, in archive: SnapshotArchive) async -> Book? {
    do {
      guard let before = try await archive.months().last(where: { $0.period < files.period }) else { return nil }
      return try await archive.book(of: before)
    } catch {
      Console.error("what moved since the month before is not told: \(error)")
      return nil
    }
  }

  private func snapshot(in archive: SnapshotArchive) async throws -> SnapshotFiles {
    guard let runID else { return try await archive.month(period) }
    let all = try await archive.all()
    guard let files = all.last(where: { $0.runID == runID && (period == nil || "\($0.period)" == period) }) else {
      throw SnapshotError("there is no snapshot\(period.map { " of \($0)" } ?? "") by run \(runID) in \(archive.place)")
    }
    return files
  }
}
