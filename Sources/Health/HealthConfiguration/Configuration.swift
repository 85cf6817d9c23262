import Scoring
import YAML

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

  fileprivate static func read(_ files: ConfigurationFiles) -> (Configuration?, [ConfigurationProblem]) {
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

/// Everything that a job is given: the files, the accounts and the credentials, checked together.
public struct JobConfiguration: Sendable {
  public let configuration: Configuration
  public let mapping: AccountMapping
  public let credentials: Credentials
  public let operations: Operations
  /// The bytes of `account_mapping.csv`.
  public let mappingFile: [UInt8]
  /// `DEADLINE_MARGIN_SECONDS`: kept of an invocation for files and the answer.
  public let deadlineMargin: Duration

  /// - Parameters:
  ///   - mapping: The bytes of `account_mapping.csv`; nil where it can't be read.
  ///   - readFile: A file's text outside the configuration; nil where it can't be read.
  /// - Throws: ``ConfigurationError`` with every problem of the files and of the environment.
  public init(
    _ files: ConfigurationFiles, mapping bytes: [UInt8]?, environment: Environment,
    readFile: (String) -> String? = { _ in nil }
  ) throws {
    var (configuration, found) = Configuration.read(files)
    let mapping = AccountMapping.parse(bytes, file: ConfigurationFiles.mappingName, problems: &found)
    var problems = found.map(\.description)
    func checked<Value>(_ make: () throws -> Value) -> Value? {
      do {
        return try make()
      } catch {
        problems += (error as? ConfigurationError)?.problems ?? ["\(error)"]
        return nil
      }
    }
    let credentials = checked { try Credentials(environment) }
    let operations = Operations(environment, readFile: readFile)
    problems += operations.problems
    var reader = VariableReader(environment: environment)
    let seconds = reader.wholeNumber("DEADLINE_MARGIN_SECONDS", default: 10, in: 5...600)
    problems += reader.problems
    guard let configuration, let mapping, let credentials, problems.isEmpty else {
      throw ConfigurationError(problems: problems)
    }
    self.configuration = configuration
    self.mapping = mapping
    self.credentials = credentials
    self.operations = operations
    mappingFile = bytes ?? []
    deadlineMargin = .seconds(seconds)
  }
}

extension ConfigurationProblem {
  /// A file that is not there, or not for us.
  static func unreadable(_ file: String) -> ConfigurationProblem {
    ConfigurationProblem(
      file: file, mark: SourceMark(line: 1, column: 1), path: "",
      message: "the file can't be read; set CONFIG_DIR to the folder that holds it")
  }
}
