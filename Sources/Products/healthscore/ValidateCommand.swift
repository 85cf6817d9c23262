import AWSClient
import ArgumentParser
import CardJob
import ConfigurationReading
import CurlTransport
import CustomerJob
import Foundation
import HealthConfiguration
import HealthJob
import Runs

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check the configuration, and with --online every credential.")

  @Flag(help: "Also log in to every source and to AWS, and look for the table and the bucket.") var online = false
  @OptionGroup var configuration: ConfigurationOptions

  func run() async throws {
    let environment = configuration.environment()
    let folder = environment.configDirectory
    do {
      let all = try RunConfiguration(environment, readFile: JobRunner.fileText) {
        try HealthScoreJob().setup(environment)
      }
      let setup = all.setup
      for row in setup.mapping.skipped { Console.error("\(row.problem); the row is skipped") }
      for warning in setup.mapping.warnings + setup.credentials.warnings { Console.error(warning) }
      let unapproved = setup.configuration.unapprovedInUse.count
      let accounts =
        environment[MappingTable.variable].map { "the accounts are in the table \($0)" }
        ?? "\(setup.mapping.accounts.count) accounts, \(setup.mapping.skipped.count) rows skipped"
      let reader = try CustomerReader(environment: environment, transport: try CurlMultiTransport())
      let cards = try RunConfiguration(environment, readFile: JobRunner.fileText) {
        try BusinessMetricsJob().setup(environment)
      }
      // A run goes on without them; who checks wants to know.
      guard cards.setup.targetProblems.isEmpty else { throw ConfigurationError(problems: cards.setup.targetProblems) }
      for warning in cards.setup.warnings { Console.error(warning) }
      try Console.print("\(folder) is valid: \(accounts), \(unapproved) figures that scores hang on not approved yet")
      if online { try await check(all, reader, cards) }
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
  }

  private func check(
    _ all: RunConfiguration<HealthScoreSetup>, _ customers: CustomerReader, _ cards: RunConfiguration<CardSetup>
  ) async throws {
    let transport = try CurlMultiTransport()
    let results = await CredentialCheck(all.setup, transport: transport).run()
    var isGood = true
    var findings = await OperationsCheck(operations: all.operations, transport: transport).run()
    if all.operations.aws != nil, findings.allSatisfy(\.isGood) { findings.append(await customers.check()) }
    if let table = try MappingTable(
      configuration.environment(), all.operations, connection: { DynamoDB(settings: $0, transport: transport) })
    {
      do {
        let mapping = try await AccountMapping(table)
        try Console.print(
          "mapping table \(table.name): \(mapping.accounts.count) accounts, \(mapping.skipped.count) rows skipped")
      } catch {
        isGood = false
        Console.error("\(error)")
      }
    }
    findings += await CardCredentialCheck(cards, configuration.environment(), transport: transport).run()
    for finding in findings {
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
