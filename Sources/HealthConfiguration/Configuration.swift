import HealthModel
import Scoring

/// The configuration files' bytes, wherever they come from.
public struct ConfigurationFiles: Sendable {
  public static let weightsName = "weights.yaml"
  public static let thresholdsName = "thresholds.yaml"
  public static let sourcesName = "sources.yaml"
  public static let mappingName = "account_mapping.csv"

  public var weights: [UInt8]
  public var thresholds: [UInt8]
  public var sources: [UInt8]

  public init(weights: [UInt8], thresholds: [UInt8], sources: [UInt8]) {
    self.weights = weights
    self.thresholds = thresholds
    self.sources = sources
  }
}

/// What a run is configured with. Immutable, and right as a whole: it only exists after everything has been checked.
public struct Configuration: Sendable {
  public let scoring: ScoringModel
  public let sources: SourceOptions
  /// The files that it was read from.
  public let files: ConfigurationFiles

  /// - Throws: ``ConfigurationError`` with every problem of all files.
  public init(_ files: ConfigurationFiles) throws {
    let (configuration, problems) = Configuration.read(files)
    guard let configuration, problems.isEmpty else { throw ConfigurationError(problems: problems.map(\.description)) }
    self = configuration
  }

  private init(scoring: ScoringModel, sources: SourceOptions, files: ConfigurationFiles) {
    self.scoring = scoring
    self.sources = sources
    self.files = files
  }

  /// Configuration and mapping together, so that the problems of both are reported at once.
  ///
  /// - Throws: ``ConfigurationError``.
  public static func load(
    _ files: ConfigurationFiles, mapping: [UInt8]
  ) throws -> (configuration: Configuration, mapping: AccountMapping) {
    var (configuration, problems) = read(files)
    let accounts = AccountMapping.parse(mapping, file: ConfigurationFiles.mappingName, problems: &problems)
    guard let configuration, let accounts, problems.isEmpty else {
      throw ConfigurationError(problems: problems.map(\.description))
    }
    return (configuration, accounts)
  }

  private static func read(_ files: ConfigurationFiles) -> (Configuration?, [ConfigurationProblem]) {
    let weightsReader = ConfigurationReader(file: ConfigurationFiles.weightsName)
    let thresholdsReader = ConfigurationReader(file: ConfigurationFiles.thresholdsName)
    let sourcesReader = ConfigurationReader(file: ConfigurationFiles.sourcesName)
    let weights = weightsReader.document(files.weights).map(WeightsFile.init)
    let weighted = weights?.dimensions.flatMap { $0.metrics.map(\.metric) } ?? []
    let thresholds = thresholdsReader.document(files.thresholds).map { ThresholdsFile($0, weighted: weighted) }
    let sources = sourcesReader.document(files.sources).map(SourceOptions.init)
    let problems = [weightsReader, thresholdsReader, sourcesReader].flatMap { reader in
      reader.problems.sorted { $0.mark < $1.mark }
    }
    guard let weights, let thresholds, let sources, problems.isEmpty else { return (nil, problems) }
    let unapproved = [thresholdsReader, sourcesReader].flatMap { reader in
      reader.unapproved.map { "\(reader.file): \($0)" }
    }
    let scoring = ScoringModel(weights: weights, thresholds: thresholds, unapproved: unapproved)
    return (Configuration(scoring: scoring, sources: sources, files: files), [])
  }
}
