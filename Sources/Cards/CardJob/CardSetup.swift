import BILL
import BigQuery
import CardModel
import ConfigurationReading
import FoundationEssentials
import HubSpot
import Intercom
import SimpleFIN
import Smartlead
import Time
import Zendesk

/// Everything that the business metrics are given: their files, and the credentials that are set.
public struct CardSetup: Sendable {
  let configuration: CardConfiguration
  let settings: CardSettings
  /// Those of the configuration; a run may find others that override them.
  let targets: CardTargets
  /// What is wrong with the configuration's targets. The cards come without them.
  public let targetProblems: [String]
  let simpleFIN: SimpleFINCredentials?
  let smartlead: SmartleadCredentials?
  let hubSpot: HubSpotCredentials?
  let bill: BILLCredentials?
  let zendesk: ZendeskCredentials?
  let intercom: IntercomCredentials?
  let bigQuery: BigQueryCredentials?
  /// What a person should know of the environment, one line each.
  public let warnings: [String]

  /// - Throws: ``ConfigurationError`` with every problem of the file and of the variables. A faulty target is none.
  public init(environment: Environment) throws {
    let folder = environment.configDirectory
    var problems: [String] = []
    var configuration: CardConfiguration?
    do {
      configuration = try CardConfiguration(Self.bytes("\(folder)/\(CardConfiguration.fileName)")) {
        Self.zone($0, environment)
      }
    } catch let error as ConfigurationError {
      problems = error.problems
    }
    let file = TargetsFile(Self.bytes("\(folder)/\(TargetsFile.name)"), name: TargetsFile.name)
    targets = file.targets
    targetProblems = file.problems
    var reader = VariableReader(environment: environment)
    simpleFIN = SimpleFINCredentials(&reader)
    smartlead = SmartleadCredentials(&reader)
    hubSpot = HubSpotCredentials(&reader)
    bill = BILLCredentials(&reader)
    zendesk = ZendeskCredentials(&reader)
    intercom = IntercomCredentials(&reader)
    bigQuery = BigQueryCredentials(&reader) { path in
      Self.bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }
    var warnings = reader.warnings
    problems += reader.problems
    guard let configuration, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    self.configuration = configuration
    var settings = configuration.settings
    settings.supportSource = configuration.supportSource
    if settings.supportSource == nil {
      settings.supportSource = zendesk != nil ? .zendesk : intercom != nil ? .intercom : nil
      if zendesk != nil, intercom != nil {
        warnings.append(
          "Zendesk and Intercom are both connected; tickets are Zendesk's. Say which in support_source of \(CardConfiguration.fileName)"
        )
      }
    }
    self.settings = settings
    self.warnings = warnings
  }

  static func bytes(_ path: String) -> [UInt8]? { (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } }

  /// A zone from the system's database; nil where it has none of that name.
  static func zone(_ name: String, _ environment: Environment) -> CivilTimeZone? {
    if name == "UTC" { return .utc }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...64).contains(name.count), parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }),
      name.utf8.allSatisfy({ byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "/_+-".utf8.contains(byte)
      })
    else { return nil }
    let folders = [environment["TZDIR"], "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"].compactMap(\.self)
    return folders.lazy.compactMap { bytes("\($0)/\(name)") }.compactMap { CivilTimeZone(name: name, file: $0) }.first
  }
}
