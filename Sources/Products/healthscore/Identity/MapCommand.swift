import AWSClient
import AccountLinking
import ArgumentParser
import ConfigurationReading
import Connectors
import CurlTransport
import Foundation
import HTTPClient
import HealthConfiguration
import HealthJob
import HealthSources
import Runs
import Snapshots

struct MapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Who is who: find, prove and keep the links between the systems' ids.",
    subcommands: [MapAuditCommand.self, MapSuggestCommand.self, MapApplyCommand.self, MapMatchCommand.self])
}

/// What the commands that read or write the mapping have in common.
struct MapWorkplace {
  let environment: Environment
  private let operations: Operations

  init(_ options: ConfigurationOptions) throws {
    environment = options.environment()
    operations = Operations(environment, readFile: JobRunner.fileText)
    guard operations.problems.isEmpty else { throw ConfigurationError(problems: operations.problems) }
  }

  var folder: String { environment.configDirectory }
  var mappingPath: String { "\(folder)/\(ConfigurationFiles.mappingName)" }
  var refusedPath: String { "\(folder)/\(RefusedLinks.name)" }

  /// Nil where `MAPPING_TABLE` is not set.
  func table() throws -> MappingTable? {
    let transport = try CurlMultiTransport()
    return try MappingTable(environment, operations) { DynamoDB(settings: $0, transport: transport) }
  }

  /// The bytes of the mapping, from the table where there is one; nil where there is none yet.
  func mapping() async throws -> (bytes: [UInt8]?, name: String) {
    guard let table = try table() else { return (try Self.bytes(mappingPath), ConfigurationFiles.mappingName) }
    do {
      let contents = try await table.contents()
      // A table begins with the file's rows.
      guard let csv = contents.csv else { return (try Self.bytes(mappingPath), ConfigurationFiles.mappingName) }
      return (csv, table.name)
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw SourceFailure(message: "the mapping could not be read: \(error)")
    }
  }

  /// What the mapping links now. Rows that can't be used are named on standard error.
  func mapped() async throws -> MappedIDs {
    let (bytes, name) = try await mapping()
    guard let bytes else { return MappedIDs([]) }
    var problems: [ConfigurationProblem] = []
    let mapping = AccountMapping.parse(bytes, file: name, problems: &problems)
    for row in mapping?.skipped ?? [] { Console.error("\(row.problem); the row is skipped") }
    guard let mapping else {
      // A header alone links nothing, which is how a mapping begins.
      for problem in problems { Console.error("\(problem)") }
      return MappedIDs([])
    }
    return MappedIDs(mapping.accounts)
  }

  func refused() throws -> RefusedLinks {
    guard let bytes = try Self.bytes(refusedPath) else { return RefusedLinks() }
    return try MapMatchCommand.reading(refusedPath) { _ in try RefusedLinks(bytes) }
  }

  /// Every system's accounts.
  func rosters() async throws -> Rosters {
    let files = ConfigurationFiles(folder: folder)
    let configuration = try HealthScoreConfiguration(files)
    var reader = VariableReader(environment: environment)
    let credentials = SourceCredentials(&reader)
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    let connection = SourceConnection(sessions: VendorSessions(transport: try CurlMultiTransport()))
    do {
      return try await RosterReader(rules: configuration.rules, credentials: credentials, connection: connection).read()
    } catch let error as SourceError where error.kind == .notConfigured {
      throw ConfigurationError(problems: [error.message])
    } catch {
      throw SourceFailure(message: SourceID.salesforce.message(for: error))
    }
  }

  /// A file's bytes; nil where there is no such file.
  ///
  /// - Throws: ``SnapshotError`` where there is one that can't be read: it must not pass for none, and be replaced.
  static func bytes(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw SnapshotError("\(path): the file can't be read; check its permissions")
    }
    return [UInt8](data)
  }
}

/// Salesforce or the mapping could not be read: nothing can be linked. Another try may help.
struct SourceFailure: Error, CustomStringConvertible {
  var message: String

  var description: String { message }
}
