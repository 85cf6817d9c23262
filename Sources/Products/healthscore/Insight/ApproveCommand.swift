import ArgumentParser
import ConfigurationReading
import Formats
import HealthConfiguration
import HealthJob
import Runs
import Snapshots
import Time

struct ApproveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Turn `approved: false` of a configured figure into who approved it and when.")

  @Argument(help: "As the messages name it, such as coverage.minimum_pct; may be given several times.")
  var keys: [String]
  @Option(name: .customLong("by"), help: "Who approves.") var name: String
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard !keys.isEmpty else { throw ValidationError("expected at least one KEY") }
    guard !name.trimmed.isEmpty, name.withoutControlCharacters == name else {
      throw ValidationError("--by: expected a name in one line")
    }
  }

  func run() async throws {
    let changed = try await Console.reportingProblems { try approve() }
    let count = Set(keys).count
    let what = count == 1 ? "1 figure" : "\(count) figures"
    try Console.print("\(what) approved by \(name.trimmed), in \(changed.joined(separator: ", "))")
  }

  /// - Returns: The paths of the changed files.
  private func approve() throws -> [String] {
    let folder = configuration.environment().configDirectory
    let files = ConfigurationFiles(folder: folder)
    let unapproved = try HealthScoreConfiguration(files).unapproved
    do {
      let changed = try Approval.approving(
        keys, by: name.trimmed, on: "\(TimeSource.system.now.date)", in: files.byName, unapproved: unapproved)
      return try changed.sorted { $0.key < $1.key }.map { file, bytes in
        try AtomicFile.write(bytes, to: "\(folder)/\(file)")
        return "\(folder)/\(file)"
      }
    } catch let error as Approval.Refusal {
      throw SnapshotError("\(error)")
    }
  }
}
