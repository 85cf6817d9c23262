import ConfigurationReading
import Formats
import Foundation
import HealthModel
import Runs
import Scoring
import Snapshots
import TestSupport
import Testing
import Time

@Suite struct SnapshotFilesTests {
  @Test(arguments: [
    SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: false),
    SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: true),
    SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: false, runID: "r-1"),
    SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: true, runID: "r-1"),
  ])
  func aNameIsReadAsItIsWritten(_ files: SnapshotFiles) {
    #expect(SnapshotFiles(accounts: files.accounts) == files, "\(files.accounts)")
  }

  @Test(arguments: [
    "health_scores_2026-10.config.json", "health_scores_2026-13.jsonl", "run_2026-10.json", "health_scores_.jsonl",
    "health_scores_2026-10x.jsonl", "health_scores_2026-10.csv", "health_scores_2026-10..jsonl.partial",
  ])
  func othersAreNone(_ name: String) { #expect(SnapshotFiles(accounts: name) == nil) }
}

/// What a folder of runs holds, without any vendor.
@Suite struct SnapshotArchiveTests {
  private func line(_ id: String) -> [UInt8] {
    AccountSnapshot(
      accountID: id, accountName: "Sample \(id)", segment: .paid, asOf: nil, observations: Observations(),
      signals: .known([])
    ).line
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try Shipped.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  @Test func theNewestMonthComesLast() async throws {
    try await withFolder { folder in
      for name in ["2026-10", "2026-09", "2026-10.r2", "2026-10_selected", "2025-12"] {
        try AtomicFile.write(line("a"), to: "\(folder)/health_scores_\(name).jsonl")
      }
      try AtomicFile.write([1], to: "\(folder)/notes.txt")
      let all = try await SnapshotArchive(.folder(folder)).all()
      #expect(
        all.map(\.accounts).map { $0.dropFirst(14).dropLast(6) }
          == ["2025-12", "2026-09", "2026-10", "2026-10.r2", "2026-10_selected"])
    }
  }

  @Test func aRunCanBeScoredAgainWithItsOwnConfiguration() async throws {
    try await withFolder { folder in
      let archive = SnapshotArchive(.folder(folder))
      let files = SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: false)
      try AtomicFile.write(line("a") + Array("\n".utf8) + line("b"), to: "\(folder)/\(files.accounts)")
      let used = ConfigurationSnapshot(files: try Shipped.files().byName)
      try AtomicFile.write(JSONBody.encode(used), to: "\(folder)/\(files.configuration)")
      try AtomicFile.write(
        Array(#"{"run_id":"r1","dry_run":true,"as_of":"2026-11-01"}"#.utf8), to: "\(folder)/\(files.answer)")
      #expect(try await archive.book(of: files).accounts.map(\.accountID) == ["a", "b"])
      #expect(try await archive.run(of: files)?.runID == "r1")
      let shipped = try ScoringModel(Shipped.files())
      #expect(try await archive.scoringModel(of: files).dimensions.count == shipped.dimensions.count)
    }
  }

  @Test func whatIsNotThereIsNilAndWhatIsBrokenIsNamed() async throws {
    try await withFolder { folder in
      let archive = SnapshotArchive(.folder(folder))
      let files = SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: false)
      #expect(try await archive.storedBook(of: files)?.accounts == nil)
      #expect(try await archive.run(of: files) == nil)
      try AtomicFile.write(Array("{}".utf8), to: "\(folder)/\(files.configuration)")
      let error = await #expect(throws: ConfigurationError.self) { try await archive.scoringModel(of: files) }
      #expect(error?.description.contains("not the configuration of a run") == true)
    }
  }

  /// A damaged line is never left out in silence: sums over the book would be wrong.
  @Test func aDamagedLineIsNamed() async throws {
    try await withFolder { folder in
      let archive = SnapshotArchive(.folder(folder))
      let files = SnapshotFiles(period: Period(year: 2026, month: 10), isSelection: false)
      let used = ConfigurationSnapshot(files: try Shipped.files().byName)
      try AtomicFile.write(JSONBody.encode(used), to: "\(folder)/\(files.configuration)")
      let error = await #expect(throws: SnapshotError.self) { try await archive.book(of: files) }
      #expect(error?.description.contains("can't be read") == true)
      try AtomicFile.write(line("a") + Array("not a line\n".utf8) + line("b"), to: "\(folder)/\(files.accounts)")
      let damaged = await #expect(throws: SnapshotError.self) { try await archive.book(of: files) }
      #expect(damaged?.description.contains("health_scores_2026-10.jsonl:2: ") == true, "\(damaged?.description ?? "")")
    }
  }
}
