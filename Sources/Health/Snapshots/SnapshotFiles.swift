import AWSClient
import Time

/// The names of a month's files: what was scored, the configuration used, and the answer.
public struct SnapshotFiles: Sendable, Equatable {
  public let period: Period
  /// Whether the run was over chosen accounts: it must not replace the month's record.
  public let isSelection: Bool
  /// Of a run that must not replace what an earlier one left; nil for the month's own files.
  public let runID: String?

  private static let prefix = "health_scores_"
  private static let selected = "_selected"

  /// - Parameters:
  ///   - isSelection: Whether the run scores chosen accounts only.
  ///   - runID: Nil for the month's own names.
  public init(period: Period, isSelection: Bool, runID: String? = nil) {
    self.period = period
    self.isSelection = isSelection
    self.runID = runID
  }

  /// Nil where no snapshot is called so.
  ///
  /// - Parameter name: Of the file with the accounts: `health_scores_2026-10.jsonl`.
  public init?(accounts name: String) {
    guard name.hasPrefix(Self.prefix), name.hasSuffix(".jsonl") else { return nil }
    var rest = name.dropFirst(Self.prefix.count).dropLast(".jsonl".count)
    guard let period = Period(String(rest.prefix(7))) else { return nil }
    rest = rest.dropFirst(7)
    let isSelection = rest.hasPrefix(Self.selected)
    if isSelection { rest = rest.dropFirst(Self.selected.count) }
    guard rest.isEmpty || (rest.hasPrefix(".") && rest.count > 1) else { return nil }
    self.init(period: period, isSelection: isSelection, runID: rest.isEmpty ? nil : String(rest.dropFirst()))
  }

  private var suffix: String { isSelection ? Self.selected : "" }

  private var name: String { "\(period)\(suffix)\(runID.map { "." + $0 } ?? "")" }

  /// The table of a dry run.
  public var csv: String { "health_scores_\(period)\(runID.map { "." + $0 } ?? "").csv" }
  /// One ``AccountSnapshot`` per line.
  public var accounts: String { "health_scores_\(name).jsonl" }
  /// A ``ConfigurationSnapshot`` as JSON.
  public var configuration: String { "health_scores_\(name).config.json" }
  /// The full answer of the run as JSON.
  public var answer: String { "run_\(name).json" }
}

/// The part of a run's stored answer that decides whether another run may replace its files.
public struct StoredRun: Decodable, Sendable, Equatable {
  public let runID: String
  public let isDryRun: Bool
  public let asOf: Timestamp?
  /// The mean over the run's accounts, 0 to 100; nil without accounts and in files of earlier versions.
  public let meanCoveragePercent: Double?

  private enum CodingKeys: String, CodingKey {
    case runID = "run_id"
    case isDryRun = "dry_run"
    case asOf = "as_of"
    case meanCoveragePercent = "coverage_mean_pct"
  }

  /// In percentage points: another run may replace this one if its mean coverage is lower by no more than this.
  private static let tolerance = 5.0

  /// Why another run must not replace this run's files; nil if it may.
  public func objection(to other: String, isDryRun: Bool, meanCoveragePercent: Double?) -> String? {
    guard other != runID else { return nil }
    if isDryRun, !self.isDryRun { return "run \(runID) was live, and a dry run never replaces a live one" }
    guard let before = self.meanCoveragePercent, before - (meanCoveragePercent ?? 0) > Self.tolerance else {
      return nil
    }
    return "run \(runID) knew more: on the mean \(before) % of what is scored, this one \(meanCoveragePercent ?? 0) %"
  }
}

/// The configuration that a run used. It holds the files' texts, so that the same code reads it again.
public struct ConfigurationSnapshot: Codable, Sendable, Equatable {
  /// `sha256:` and hexadecimal digits, over names and texts. Equal configurations have equal hashes.
  public let hash: String
  /// Texts by file name.
  public let files: [String: String]

  /// Of the mapping, whose rows stand with their accounts; nil in files of earlier versions.
  public let mappingHash: String?

  private enum CodingKeys: String, CodingKey {
    case hash, files
    case mappingHash = "mapping_hash"
  }

  /// - Parameter files: Bytes by file name, in UTF-8.
  public init(files: [String: [UInt8]], mappingHash: String? = nil) {
    self.mappingHash = mappingHash
    self.files = files.mapValues { String(decoding: $0, as: UTF8.self) }
    let texts = self.files.sorted { $0.key < $1.key }.map { "\($0.key)\n\($0.value)\n" }.joined()
    hash = "sha256:" + ContentHash.sha256(Array(texts.utf8))
  }
}
