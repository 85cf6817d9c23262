import AWSClient
import Time

/// The names of a month's files: what was scored, the configuration used, and the answer.
public struct SnapshotFiles: Sendable {
  public let period: Period
  /// A run over chosen accounts must not replace the month's record.
  private let suffix: String
  /// Of a run that must not replace what an earlier one left.
  private let runID: String?

  public init(period: Period, isSelection: Bool, runID: String? = nil) {
    self.period = period
    suffix = isSelection ? "_selected" : ""
    self.runID = runID
  }

  private var name: String { "\(period)\(suffix)\(runID.map { "." + $0 } ?? "")" }

  public var csv: String { "health_scores_\(period)\(runID.map { "." + $0 } ?? "").csv" }
  public var accounts: String { "health_scores_\(name).jsonl" }
  public var configuration: String { "health_scores_\(name).config.json" }
  public var answer: String { "run_\(name).json" }
}

/// What the stored answer of a run says of it, as far as it decides whether another one may take its place.
public struct StoredRun: Decodable, Sendable, Equatable {
  public let runID: String
  public let isDryRun: Bool
  public let asOf: Timestamp?
  /// Over the accounts of the run; nil in files of earlier versions.
  public let meanCoveragePercent: Double?

  private enum CodingKeys: String, CodingKey {
    case runID = "run_id"
    case isDryRun = "dry_run"
    case asOf = "as_of"
    case meanCoveragePercent = "coverage_mean_pct"
  }

  /// Percentage points of mean coverage that a run may know less and still replace this one.
  private static let tolerance = 5.0

  /// Why another run must not take its place; nil where it may.
  public func objection(to other: String, isDryRun: Bool, meanCoveragePercent: Double?) -> String? {
    guard other != runID else { return nil }
    if isDryRun, !self.isDryRun { return "run \(runID) was live, and a dry run never replaces a live one" }
    guard let before = self.meanCoveragePercent, before - (meanCoveragePercent ?? 0) > Self.tolerance else {
      return nil
    }
    return "run \(runID) knew more: on the mean \(before) % of what is scored, this one \(meanCoveragePercent ?? 0) %"
  }
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
