import ArgumentParser
import ConfigurationReading
import Formats
import Foundation
import HealthJob
import HealthSources
import Insight
import Runs
import Snapshots

struct PilotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pilot",
    abstract: "Hold a stored month against what people know to be true, and tell what blocks the first live run.")

  @Option(help: "CSV of account_id,metric,value,tolerance,expected_tier.") var known: String
  @Option(help: "The month, YYYY-MM (default: the newest stored).") var period: String?
  @OptionGroup var snapshots: SnapshotOptions

  func run() async throws {
    let pilot = try await Console.reportingProblems(compare)
    let folder = try await Console.reportingProblems { try reportFolder() }
    let name = "\(folder)/pilot_\(pilot.period)"
    try await Console.reportingProblems {
      try AtomicFile.write(pilot.csv, to: "\(name).csv")
      try AtomicFile.write(Array(pilot.markdown.utf8), to: "\(name).md")
    }
    let blockers = pilot.blockers
    let equal = pilot.comparisons.count { $0.status == .equal }
    var lines = ["\(equal) of \(pilot.comparisons.count) known figures are equal"]
    lines += blockers.isEmpty ? ["Nothing blocks go-live."] : ["What blocks go-live:"] + blockers.map { "  - \($0)" }
    lines.append("The report is in \(name).md, its table in \(name).csv")
    try Console.print(lines.map(\.withoutControlCharacters).joined(separator: "\n"))
    if !blockers.isEmpty { throw ExitStatus.failed }
  }

  private func compare() async throws -> Pilot {
    guard let bytes = (try? Data(contentsOf: URL(filePath: known))).map({ [UInt8]($0) }) else {
      throw SnapshotError("\(known): the file can't be read")
    }
    let figures: [KnownFigure]
    do {
      figures = try KnownFigure.reading(bytes)
    } catch let error as RowProblems {
      throw SnapshotError(error.description(in: known))
    }
    let archive = try snapshots.archive()
    let files = try await archive.month(period)
    let book = try await archive.book(of: files)
    var others: [Book] = []
    for other in try await archive.months().reversed().prefix(13) where other != files {
      do {
        others.append(try await archive.book(of: other))
      } catch {
        Console.error("\(other.period) is not compared with: \(error)")
      }
    }
    let unapproved = try HealthScoreConfiguration(try await archive.configuration(of: files)).unapproved
    return Pilot(figures, book, others: others, sources: SourceRegistry.metricSources, unapproved: unapproved)
  }

  /// The snapshots' own folder; `OUTPUT_DIR` where they are in a bucket.
  private func reportFolder() throws -> String {
    if case .folder(let folder) = try snapshots.store() { return folder }
    return Environment.process().outputDirectory
  }
}
