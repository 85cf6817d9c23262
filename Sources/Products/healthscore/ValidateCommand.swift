import ArgumentParser
import CurlTransport
import Foundation
import HealthConfiguration
import Jobs

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check the configuration, and with --online every credential.")

  @Flag(help: "Also log in to every source and to AWS, and look for the table and the bucket.") var online = false
  @OptionGroup var configuration: ConfigurationOptions

  func run() async throws {
    let environment = configuration.environment()
    let folder = environment.configDirectory
    do {
      let all = try JobConfiguration(environment: environment, readFile: JobRunner.fileText)
      for row in all.mapping.skipped { Console.error("\(row.problem); the row is skipped") }
      for warning in all.mapping.warnings + all.credentials.warnings { Console.error(warning) }
      let unapproved = all.configuration.scoring.unapproved.count
      try Console.print(
        "\(folder) is valid: \(all.mapping.accounts.count) accounts, \(all.mapping.skipped.count) rows skipped, \(unapproved) figures not approved yet"
      )
      if online { try await check(all) }
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
  }

  private func check(_ all: JobConfiguration) async throws {
    let transport = try CurlMultiTransport()
    let results = await CredentialCheck(
      credentials: all.credentials, options: all.configuration.sources, transport: transport
    ).run()
    var isGood = true
    for finding in await OperationsCheck(operations: all.operations, transport: transport).run() {
      if finding.isGood {
        try Console.print(finding.text)
      } else {
        isGood = false
        Console.error(finding.text)
      }
    }
    for (source, problem) in results {
      switch problem {
      case .inactive: try Console.print("\(source.title): inactive, no credentials")
      case .accepted: try Console.print("\(source.title): accepted")
      case .refused(let message):
        isGood = false
        Console.error(message)
      }
    }
    if !isGood { throw ExitStatus.failed }
  }
}
