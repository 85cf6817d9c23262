import ConfigurationReading
import Formats
import HealthConfiguration
import HealthModel
import Runs
import Scoring

/// The snapshots that runs have left in a folder or bucket.
public struct SnapshotArchive: Sendable {
  /// Is put before the name of every file of a run in the reports bucket.
  public static let bucketPrefix = ResultStore.reportsPrefix

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

  /// The file with the accounts; nil where it is not there.
  func bytes(of files: SnapshotFiles) async throws -> [UInt8]? { try await store.read(files.accounts) }

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

  /// The files that a run scored with.
  ///
  /// - Throws: `ConfigurationError` where they can't be read; what the store throws.
  public func configuration(of files: SnapshotFiles) async throws -> ConfigurationFiles {
    try ConfigurationFiles(
      stored: try await store.read(files.configuration), place: store.location(of: files.configuration))
  }

  /// Where a person finds the files: a folder, or `s3://…`.
  public var place: String { String(store.location(of: "").dropLast()) }

  /// Where a person finds a snapshot.
  public func location(of files: SnapshotFiles) -> String { store.location(of: files.accounts) }
}

extension ConfigurationFiles {
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
      self.init(
        weights: file(ConfigurationFiles.weightsName), thresholds: file(ConfigurationFiles.thresholdsName),
        sources: file(ConfigurationFiles.sourcesName))
    } catch let error as JSONBodyError {
      throw ConfigurationError(problems: ["\(place):1:1: not the configuration of a run: \(error)"])
    }
  }

  /// The same with the other's files, where it has them.
  public func replaced(by other: ConfigurationFiles) -> ConfigurationFiles {
    ConfigurationFiles(
      weights: other.weights ?? weights, thresholds: other.thresholds ?? thresholds, sources: other.sources ?? sources)
  }
}

extension ScoringModel {
  /// From the configuration that a run has stored.
  ///
  /// - Throws: `ConfigurationError`.
  public init(stored bytes: [UInt8]?, place: String) throws {
    try self.init(ConfigurationFiles(stored: bytes, place: place))
  }
}
