import ConfigurationReading
import Connectors
import HealthConfiguration
import HealthModel
import Intercom
import Runs

/// The sources of the health score. A further vendor is one more line here.
public enum SourceRegistry {
  /// In the order in which they are reported.
  public static let all: [any HealthSource.Type] = [
    IntercomSource.self, JiraSource.self, LookerSource.self, SalesforceSource.self,
  ]

  /// Their ids, in the same order.
  public static let ids: [SourceID] = all.map { $0.id }

  /// What each delivers, and by which ids it is asked.
  public static let metricSources: [MetricSource] = all.map {
    MetricSource(name: $0.id.name, metrics: $0.metrics, columns: $0.mappingColumns)
  }
}

/// `sources.yaml`: what each source is told.
public struct SourceRules: Sendable {
  private let rules: [SourceID: any Sendable]
  /// Figures that carry `approved: false`, as `file: path`.
  public let unapproved: [String]

  /// - Returns: Nil, with everything noted, where the file can't be used.
  public static func read(_ bytes: [UInt8]?, problems: inout [ConfigurationProblem]) -> SourceRules? {
    let reader = ConfigurationReader(file: ConfigurationFiles.sourcesName)
    guard let document = reader.document(bytes) else {
      problems += reader.sortedProblems
      return nil
    }
    var rules: [SourceID: any Sendable] = [:]
    for source in SourceRegistry.all { rules[source.id] = source.readRules(document) }
    // One switch for the whole product, since it is about what people wrote.
    let readsText = document.optional("text_analysis")?.flag() ?? false
    if var intercom = rules[.intercom] as? IntercomRules {
      intercom.readsText = readsText
      rules[.intercom] = intercom
    }
    document.close()
    problems += reader.sortedProblems
    return reader.problems.isEmpty ? SourceRules(rules: rules, unapproved: reader.unapprovedPlaces) : nil
  }

  public subscript<Source: HealthSource>(source: Source.Type) -> Source.Rules {
    guard let rules = rules[source.id] as? Source.Rules else { preconditionFailure("\(source) is not registered") }
    return rules
  }
}

/// The credentials of the sources that have some.
public struct SourceCredentials: Sendable {
  private let credentials: [SourceID: any Sendable]
  /// Sources that are inactive because only a part of their variables is set, and variables with white space around.
  public let warnings: [String]

  /// - Parameter reader: Gets every problem with a variable.
  public init(_ reader: inout VariableReader) {
    var credentials: [SourceID: any Sendable] = [:]
    for source in SourceRegistry.all { credentials[source.id] = source.readCredentials(&reader) }
    let prefixes = SourceRegistry.all.map { $0.variablePrefix } + Operations.variablePrefixes
    let trimmed = reader.environment.namesWithOuterSpace(prefixes)
    if !trimmed.isEmpty {
      reader.warnings.append(
        "\(trimmed.joined(separator: ", ")) begins or ends in white space or a line break, which is left out")
    }
    reader.problems += reader.environment.namesWithControlCharacters(prefixes).map {
      "\($0): has a line break or control character inside"
    }
    self.credentials = credentials
    warnings = reader.warnings
  }

  /// True if no source is active.
  public var isEmpty: Bool { credentials.isEmpty }

  /// Nil for a source that is inactive.
  public subscript<Source: HealthSource>(source: Source.Type) -> Source.Credentials? {
    credentials[source.id] as? Source.Credentials
  }
}

extension HealthSource {
  fileprivate static func readRules(_ document: ConfigurationSection) -> Rules {
    document.required(id.name).section(rules)
  }

  fileprivate static func readCredentials(_ reader: inout VariableReader) -> Credentials? { credentials(&reader) }

  /// The source of an extraction; nil without credentials.
  public static func active(
    _ all: SourceCredentials, _ rules: SourceRules, by connection: SourceConnection, for extraction: Extraction
  ) -> ActiveSource? {
    all[Self.self].map { connect($0, rules[Self.self], by: connection, for: extraction) }
  }
}
