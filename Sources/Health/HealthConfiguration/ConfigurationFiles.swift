import FoundationEssentials

/// The bytes of the configuration files, from a folder or a stored snapshot. Nil for a file that can't be read.
public struct ConfigurationFiles: Sendable {
  /// Weights of components, dimensions and metrics.
  public static let weightsName = "weights.yaml"
  /// Thresholds of metrics, tiers, coverage limits, qualitative rules and segments.
  public static let thresholdsName = "thresholds.yaml"
  /// Per vendor: API versions, rate limits, and names of fields, Looks, tags and statuses.
  public static let sourcesName = "sources.yaml"
  /// One row per account: its ids at every vendor. Not part of this type.
  public static let mappingName = "account_mapping.csv"

  public var weights: [UInt8]?
  public var thresholds: [UInt8]?
  public var sources: [UInt8]?

  public init(weights: [UInt8]?, thresholds: [UInt8]?, sources: [UInt8]?) {
    self.weights = weights
    self.thresholds = thresholds
    self.sources = sources
  }

  /// Bytes by file name, without the files that can't be read.
  public var byName: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    files[Self.weightsName] = weights
    files[Self.thresholdsName] = thresholds
    files[Self.sourcesName] = sources
    return files
  }
}

extension ConfigurationFiles {
  /// The files of a folder.
  public init(folder: String) {
    self.init(
      weights: Self.bytes(folder, Self.weightsName), thresholds: Self.bytes(folder, Self.thresholdsName),
      sources: Self.bytes(folder, Self.sourcesName))
  }

  /// A file's bytes; nil where it can't be read.
  public static func bytes(_ folder: String, _ name: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: "\(folder)/\(name)"))).map { Array($0) }
  }
}
