import AWSClient
import ConfigurationReading
import HealthConfiguration
import HealthModel
import HealthSources
import Scoring

/// What the health score is configured with. Immutable, and right as a whole: it only exists after everything has been
/// checked.
public struct HealthScoreConfiguration: Sendable {
  /// From `weights.yaml` and `thresholds.yaml`.
  public let scoring: ScoringModel
  public let rules: SourceRules
  /// The files that it was read from. A run stores them beside its results.
  public let files: ConfigurationFiles

  /// Figures that carry `approved: false`, as `file: path`.
  public var unapproved: [String] { scoring.unapproved + rules.unapproved }

  /// The same without thresholds of metrics that have no weight: no score hangs on them.
  public var unapprovedInUse: [String] {
    let weighed = Set(scoring.dimensions.flatMap(\.metrics).map(\.metric))
    let idle = Set(Metric.allCases.filter { !weighed.contains($0) }.map { ": metrics.\($0.path)" })
    return unapproved.filter { place in !idle.contains { place.hasSuffix($0) } }
  }

  /// - Throws: ``ConfigurationError`` with every problem of all files.
  public init(_ files: ConfigurationFiles) throws {
    var problems: [ConfigurationProblem] = []
    guard let configuration = Self.read(files, problems: &problems) else {
      throw ConfigurationError(problems: problems.map(\.description))
    }
    self = configuration
  }

  private init(scoring: ScoringModel, rules: SourceRules, files: ConfigurationFiles) {
    self.scoring = scoring
    self.rules = rules
    self.files = files
  }

  /// - Returns: Nil, with everything noted, where one of the files can't be used.
  fileprivate static func read(
    _ files: ConfigurationFiles, problems: inout [ConfigurationProblem]
  ) -> HealthScoreConfiguration? {
    let scoring = ScoringModel.read(files, problems: &problems)
    let rules = SourceRules.read(files.sources, problems: &problems)
    guard let scoring, let rules else { return nil }
    return HealthScoreConfiguration(scoring: scoring, rules: rules, files: files)
  }
}

/// Everything that a run of the health score is given: the files, the accounts and the credentials, checked together.
public struct HealthScoreSetup: Sendable {
  public let configuration: HealthScoreConfiguration
  /// From `account_mapping.csv`, or from the table that `MAPPING_TABLE` names.
  public private(set) var mapping: AccountMapping
  public let credentials: SourceCredentials
  /// The bytes of `account_mapping.csv`, or what they would be for the table.
  public private(set) var mappingFile: [UInt8]

  /// `sha256:` and hexadecimal digits, over the mapping's bytes.
  public var mappingHash: String { "sha256:" + ContentHash.sha256(mappingFile) }

  /// - Parameter bytes: Those of `account_mapping.csv`; nil where it can't be read. Not used where `MAPPING_TABLE` is set:
  ///   a run then reads the table with ``use(mapping:from:)``.
  /// - Throws: ``ConfigurationError`` with every problem of the files and of the vendors' variables.
  public init(_ files: ConfigurationFiles, mapping bytes: [UInt8]?, environment: Environment) throws {
    var found: [ConfigurationProblem] = []
    let configuration = HealthScoreConfiguration.read(files, problems: &found)
    let isInTable = environment[MappingTable.variable] != nil
    let mapping =
      isInTable
      ? AccountMapping() : AccountMapping.parse(bytes, file: ConfigurationFiles.mappingName, problems: &found)
    var reader = VariableReader(environment: environment)
    let credentials = SourceCredentials(&reader)
    let problems = found.map(\.description) + reader.problems
    guard let configuration, let mapping, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    self.configuration = configuration
    self.mapping = mapping
    self.credentials = credentials
    mappingFile = isInTable ? [] : bytes ?? []
  }

  /// Takes the mapping of a table in place of the file's.
  ///
  /// - Parameters:
  ///   - csv: The rows as a file would have them; nil where there are none.
  ///   - place: For messages.
  /// - Throws: ``ConfigurationError`` where it can't be used.
  mutating func use(mapping csv: [UInt8]?, from place: String) throws {
    mapping = try AccountMapping(csv: csv, from: place)
    mappingFile = csv ?? []
  }

  /// From the environment's `CONFIG_DIR`.
  ///
  /// - Throws: ``ConfigurationError``.
  public init(environment: Environment) throws {
    let folder = environment.configDirectory
    try self.init(
      ConfigurationFiles(folder: folder), mapping: ConfigurationFiles.bytes(folder, ConfigurationFiles.mappingName),
      environment: environment)
  }
}
