import Foundation
import TestSupport
import Testing

/// The command line as a process: its output, its errors if it can't write, and its exit status.
@Suite struct CommandLineTests {
  private func run(_ arguments: [String], output path: String? = nil) throws -> (
    output: String, errors: String, status: Int32
  ) {
    let program = try #require(Shipped.program("healthscore"), "swift build --build-tests builds it")
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ["CONFIG_DIR": "/nowhere", "OUTPUT_DIR": "/nowhere"]
    let (output, errors) = (Pipe(), Pipe())
    if let path {
      process.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
    } else {
      process.standardOutput = output
    }
    process.standardError = errors
    try process.run()
    try? output.fileHandleForWriting.close()
    let printed = path == nil ? try output.fileHandleForReading.readToEnd() ?? Data() : Data()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: printed, as: UTF8.self), String(decoding: said, as: UTF8.self), process.terminationStatus)
  }

  @Test func saysItsVersion() throws {
    let (output, _, status) = try run(["--version"])
    #expect(status == 0)
    #expect(output.split(separator: ".").count == 3 && output.first?.isNumber == true, "\(output)")
  }

  /// Every command reports a full disk as a failure.
  @Test(arguments: [["sandbox", "--variety", "list"], ["sandbox", "--write-mapping", "/dev/full"]])
  func aFullDiskIsAFailure(_ arguments: [String]) throws {
    let (_, errors, status) = try run(arguments, output: "/dev/full")
    #expect(status == 1)
    #expect(errors.contains("can't be written"), "\(errors)")
  }

  @Test(arguments: [
    ["score", "--metrics", "/nowhere/metrics.jsonl"], ["validate"], ["run", "--dry-run"], ["explain", "nobody"],
    ["sandbox", "--variety", "nonsense"], ["run", "--period", "2026-13"], ["run", "--job", "business_metrics"],
  ]) func wrongInputIsOneClearMessage(_ arguments: [String]) throws {
    let (output, errors, status) = try run(arguments)
    #expect(status != 0 && output.isEmpty)
    #expect(!errors.isEmpty && !errors.contains("Fatal error"), "\(errors)")
  }

  /// Without the network: what was stored is found, scored again and explained.
  @Test func aStoredRunIsScoredAndExplained() throws {
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lines = try Shipped.fixtureLines("scoring/random_accounts.jsonl").prefix(3)
    let input = "\(folder)/health_scores_2026-10.jsonl"
    try Data(lines.map { $0 + [10] }.joined()).write(to: URL(filePath: input))
    let scored = try run(["score", "--metrics", input, "--config", Shipped.configFolder])
    #expect(scored.status == 0 && scored.output.split(separator: "\n").count == 3, "\(scored.errors)")
    let missing = try run(["explain", "nobody", "--output", folder])
    #expect(missing.status == 2 && missing.errors.contains("no account 'nobody'"), "\(missing.errors)")
    let none = try run(["explain", "x", "--period", "2026-09", "--output", folder])
    #expect(none.status == 2 && none.errors.contains("there is no snapshot of 2026-09"), "\(none.errors)")
  }
}
