import HTTPClient
import HealthModel

/// A run's files in a folder: what was scored, the configuration used, and the answer.
public struct SnapshotFiles: Sendable {
  public let folder: String
  public let period: Period
  /// A run over chosen accounts must not replace the month's record.
  private let suffix: String

  public init(folder: String, period: Period, isSelection: Bool) {
    self.folder = folder
    self.period = period
    suffix = isSelection ? "_selected" : ""
  }

  public var csv: String { "\(folder)/health_scores_\(period).csv" }
  public var accounts: String { "\(folder)/health_scores_\(period)\(suffix).jsonl" }
  public var configuration: String { "\(folder)/health_scores_\(period)\(suffix).config.json" }
  public var answer: String { "\(folder)/run_\(period)\(suffix).json" }
}

/// The configuration as a run used it: the files' texts, so that there is one way to read them.
public struct ConfigurationSnapshot: Codable, Sendable, Equatable {
  /// Of the texts; equal configurations have equal hashes.
  public let hash: String
  /// File name → text.
  public let files: [String: String]

  public init(files: [String: [UInt8]]) {
    self.files = files.mapValues { String(decoding: $0, as: UTF8.self) }
    // FNV-1a: tells configurations apart, guards nothing.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for (name, text) in self.files.sorted(by: { $0.key < $1.key }) {
      for byte in "\(name)\n\(text)\n".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    let digits = String(hash, radix: 16)
    self.hash = "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
