import Foundation
import TestSupport
import Testing

/// The command line as a process: its output, its errors if it can't write, and its exit status.
@Suite struct CommandLineTests {
  private func run(_ arguments: [String], output path: String? = nil, folder: String = "/nowhere") throws -> (
    output: String, errors: String, status: Int32
  ) {
    let program = try #require(Shipped.program("healthscore"), "swift build --build-tests builds it")
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ["CONFIG_DIR": "/nowhere", "OUTPUT_DIR": folder]
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

  /// Without the network: the customers' file.
  @Test func customersAreShownFilteredAndAddedUp() throws {
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let rows = [
      #"{"email":{"S":"a@x.example"},"name":{"S":"=Ann"},"mrr":{"N":"1200.5"},"subscription_status":{"S":"active"},"is_delinquent":{"BOOL":true},"quality_score":{"N":"80"},"last_intercom_sync":{"S":"2026-11-01T06:00:00Z"}}"#,
      #"{"email":{"S":"b@x.example"},"name":{"S":"Bob"},"mrr":{"N":"9"},"subscription_status":{"S":"past_due"},"mentioned_cancel":{"BOOL":true},"cancel_mentioned_at":{"S":"2026-10-30T06:00:00Z"},"quality_score":{"N":"40"},"last_intercom_sync":{"S":"2026-11-01T06:00:00Z"}}"#,
      #"{"email":{"S":"c@x.example"},"intercom_deleted_at":{"S":"2026-11-01T06:00:00Z"},"last_intercom_sync":{"S":"2026-11-01T06:00:00Z"}}"#,
      #"{"email":{"S":"d@x.example"},"owner":{"S":"of another source"}}"#,
    ]
    try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: "\(folder)/unified_customers.jsonl"))
    func customers(_ arguments: String...) throws -> (output: String, errors: String, status: Int32) {
      try run(["customers", "--config", Shipped.configFolder] + arguments, folder: folder)
    }
    let all = try customers()
    #expect(all.status == 0, "\(all.errors)")
    #expect(
      all.output.contains("2 customers of 3 rows") && all.output.contains("mrr        USD 1209.5"), "\(all.output)")
    #expect(all.output.contains("mentioned a cancellation on 2026-10-30"))
    #expect(try customers("--include-deleted").output.contains("deleted 2026-11-01"))
    #expect(try customers("--delinquent", "--output", "csv").output.contains("'=Ann"))
    #expect(try customers("--mrr-over", "1000", "--output", "json").output.contains(#""count":1"#))
    #expect(try customers("--cancel-mentioned").output.contains("1 customers of 3 rows"))
    let wrong = try customers("--sort", "nonsense")
    #expect(wrong.status == 2 && wrong.errors.contains("there is no field nonsense"), "\(wrong.errors)")
    let none = try run(["customers", "--config", Shipped.configFolder])
    #expect(none.status == 0 && none.errors.contains("no customers yet"), "\(none.errors)")
    let other = try run(["run", "--job", "customer_sync", "--period", "2026-10", "--config", Shipped.configFolder])
    #expect(other.status == 2 && other.errors.contains("a key of the job health_score"), "\(other.errors)")
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
