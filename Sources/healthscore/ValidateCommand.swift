import ArgumentParser
import CurlTransport
import Foundation
import HTTPClient
import HealthConfiguration
import Jobs

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check the configuration, and with --online every credential.")

  @Flag(help: "Also log in to every source that has credentials.") var online = false
  @OptionGroup var configuration: ConfigurationOptions

  func run() async throws {
    let environment = configuration.environment()
    let folder = environment.configDirectory
    do {
      let (configuration, mapping) = try Configuration.load(
        ConfigurationFiles(folder: folder), mapping: FileBytes.read(folder, ConfigurationFiles.mappingName))
      for row in mapping.skipped { Console.error("\(row.problem); the row is skipped") }
      for warning in mapping.warnings { Console.error(warning) }
      let unapproved = configuration.scoring.unapproved.count
      print(
        "\(folder) is valid: \(mapping.accounts.count) accounts, \(mapping.skipped.count) rows skipped, \(unapproved) figures not approved yet"
      )
      let credentials = try Credentials(environment)
      credentials.warnings.forEach(Console.error)
      if online { try await check(credentials, configuration) }
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
  }

  private func check(_ credentials: Credentials, _ configuration: Configuration) async throws {
    let results = try await CredentialCheck(
      credentials: credentials, options: configuration.sources, transport: CurlMultiTransport()
    ).run()
    var isGood = true
    for (source, problem) in results {
      switch problem {
      case .inactive: print("\(source.title): inactive, no credentials")
      case .accepted: print("\(source.title): accepted")
      case .refused(let message):
        isGood = false
        Console.error(message)
      }
    }
    if !isGood { throw ExitStatus.failed }
  }
}
