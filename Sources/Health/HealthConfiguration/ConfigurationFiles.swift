import FoundationEssentials

/// The configuration files' bytes, wherever they come from; nil for a file that can't be read.
public struct ConfigurationFiles: Sendable {
  public static let weightsName = "weights.yaml"
  public static let thresholdsName = "thresholds.yaml"
  public static let sourcesName = "sources.yaml"
  public static let mappingName = "account_mapping.csv"

  public var weights: [UInt8]?
  public var thresholds: [UInt8]?
  public var sources: [UInt8]?

  public init(weights: [UInt8]?, thresholds: [UInt8]?, sources: [UInt8]?) {
    self.weights = weights
    self.thresholds = thresholds
    self.sources = sources
  }

  /// File name → bytes of what can be read.
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
