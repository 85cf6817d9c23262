import ConfigurationReading
import Formats
import HealthConfiguration
import Runs
import Scoring

/// The snapshots that runs have left in a folder or bucket.
public struct SnapshotArchive: Sendable {
  private let store: ResultStore

  public init(_ store: ResultStore) { self.store = store }

  /// All snapshots, the newest month last; a month's own files come before those with a run's id.
  ///
  /// - Throws: What the store throws.
  public func all() async throws -> [SnapshotFiles] {
    try await store.names().compactMap(SnapshotFiles.init(accounts:)).sorted {
      ($0.period, $0.isSelection ? 1 : 0, $0.runID ?? "") < ($1.period, $1.isSelection ? 1 : 0, $1.runID ?? "")
    }
  }

  /// What every account was scored from; nil where the file is not there. Lines that can't be read are left out.
  public func accounts(of files: SnapshotFiles) async throws -> [AccountSnapshot]? {
    try await store.read(files.accounts)?.split(separator: 10).compactMap { try? AccountSnapshot(line: Array($0)) }
  }

  /// The run that left a snapshot; nil where its answer is not there or is none.
  public func run(of files: SnapshotFiles) async throws -> StoredRun? {
    try await store.read(files.answer).flatMap { try? JSONBody.decode(StoredRun.self, from: $0) }
  }

  /// The model that a run scored with.
  ///
  /// - Throws: `ConfigurationError` where the stored configuration can't be used; what the store throws.
  public func scoringModel(of files: SnapshotFiles) async throws -> ScoringModel {
    try ScoringModel(
      stored: try await store.read(files.configuration), place: store.location(of: files.configuration))
  }

  /// Where a person finds a snapshot.
  public func location(of files: SnapshotFiles) -> String { store.location(of: files.accounts) }
}

extension ScoringModel {
  /// From the configuration that a run has stored.
  ///
  /// - Parameters:
  ///   - bytes: Of `….config.json`; nil where it can't be read.
  ///   - place: Its path, for messages.
  /// - Throws: `ConfigurationError`.
  public init(stored bytes: [UInt8]?, place: String) throws {
    guard let bytes else { throw ConfigurationError(problems: ["\(place):1:1: the file can't be read"]) }
    do {
      let files = try JSONBody.decode(ConfigurationSnapshot.self, from: bytes).files
      func file(_ name: String) -> [UInt8]? { files[name].map { Array($0.utf8) } }
      try self.init(
        ConfigurationFiles(
          weights: file(ConfigurationFiles.weightsName), thresholds: file(ConfigurationFiles.thresholdsName),
          sources: file(ConfigurationFiles.sourcesName)))
    } catch let error as JSONBodyError {
      throw ConfigurationError(problems: ["\(place):1:1: not the configuration of a run: \(error)"])
    }
  }
}
