import AWSClient
import HTTPClient
import HealthModel

/// The names of a month's files: what was scored, the configuration used, and the answer.
public struct SnapshotFiles: Sendable {
  public let period: Period
  /// A run over chosen accounts must not replace the month's record.
  private let suffix: String

  public init(period: Period, isSelection: Bool) {
    self.period = period
    suffix = isSelection ? "_selected" : ""
  }

  public var csv: String { "health_scores_\(period).csv" }
  public var accounts: String { "health_scores_\(period)\(suffix).jsonl" }
  public var configuration: String { "health_scores_\(period)\(suffix).config.json" }
  public var answer: String { "run_\(period)\(suffix).json" }
}

/// The configuration as a run used it: the files' texts, so that there is one way to read them.
public struct ConfigurationSnapshot: Codable, Sendable, Equatable {
  /// Of the texts; equal configurations have equal hashes.
  public let hash: String
  /// File name → text.
  public let files: [String: String]

  public init(files: [String: [UInt8]]) {
    self.files = files.mapValues { String(decoding: $0, as: UTF8.self) }
    let texts = self.files.sorted { $0.key < $1.key }.map { "\($0.key)\n\($0.value)\n" }.joined()
    hash = "sha256:" + ContentHash.sha256(Array(texts.utf8))
  }
}
