import ArgumentParser
import Formats
import HealthSources
import Insight
import Snapshots

struct ChangesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "Show why scores moved between two months: the exact split, and the whole book.")

  @Option(help: "The earlier month, YYYY-MM (default: the stored one before the later).") var from: String?
  @Option(help: "The later month, YYYY-MM (default: the newest stored).") var to: String?
  @Option(
    name: .customLong("account"), help: "Just this account, by its id; may be given several times.")
  var accounts: [String] = []
  @Option(help: "How to print.") var output = OutputFormat.table
  @OptionGroup var snapshots: SnapshotOptions

  func run() async throws {
    let (changes, chosen) = try await Console.reportingProblems(read)
    switch output {
    case .json: try Console.output(try await Console.reportingProblems { try changes.json(of: chosen) })
    case .csv: try Console.output(changes.csv(of: chosen))
    case .table: try Console.print(ChangesTable(changes, chosen: chosen).text)
    }
  }

  /// The changes, and the ids of the accounts to list; nil for all.
  private func read() async throws -> (Changes, Set<String>?) {
    let archive = try snapshots.archive()
    let later = try await archive.month(to, option: "--to")
    let earlier = try await earlier(than: later, in: archive)
    let before = try await archive.book(of: earlier)
    let after = try await archive.book(of: later)
    let changes = Changes(from: before, to: after, sources: SourceRegistry.metricSources)
    return (changes, try chosen(from: changes, archive.place))
  }

  private func earlier(than later: SnapshotFiles, in archive: SnapshotArchive) async throws -> SnapshotFiles {
    if let from {
      let earlier = try await archive.month(from, option: "--from")
      guard earlier.period < later.period else {
        throw SnapshotError("--from: expected a month before \(later.period)")
      }
      return earlier
    }
    guard let before = try await archive.months().last(where: { $0.period < later.period }) else {
      throw SnapshotError(
        "there is no snapshot in \(archive.place) of a month before \(later.period); make one with `healthscore run --period … --dry-run`"
      )
    }
    return before
  }

  /// Nil for all accounts.
  private func chosen(from changes: Changes, _ place: String) throws -> Set<String>? {
    guard !accounts.isEmpty else { return nil }
    let ids = Set(accounts.map { SalesforceID($0)?.description ?? $0 })
    let unknown = ids.subtracting(changes.accounts.map(\.accountID)).sorted()
    guard unknown.isEmpty else {
      throw SnapshotError("--account: \(unknown.joined(separator: ", ")) is in neither month in \(place)")
    }
    return ids
  }
}
