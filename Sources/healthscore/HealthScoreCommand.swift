import ArgumentParser
import CurlTransport
import Foundation
import HealthConfiguration
import Jobs
import Logging

@main
struct HealthScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthscore", abstract: "Which customer accounts are healthy, which are about to leave, and why.",
    subcommands: [RunCommand.self, ScoreCommand.self, ExplainCommand.self, ValidateCommand.self, SandboxCommand.self])
}

/// Options of every command that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(name: .customLong("config"), help: "Folder of the configuration (default: CONFIG_DIR, else config).")
  var folder: String?

  /// The process's environment with the options on top.
  func environment(adding values: [String: String] = [:]) -> Environment {
    var variables = ProcessInfo.processInfo.environment.merging(values) { $1 }
    if let folder { variables["CONFIG_DIR"] = folder }
    return Environment(variables)
  }
}

/// A run failed or is partial: 1. Usage or configuration: 2.
enum ExitStatus {
  static let failed = ExitCode(1)
  static let usage = ExitCode(2)
}

enum Console {
  static var isTerminal: Bool { isatty(1) == 1 }

  static func error(_ message: String) { FileHandle.standardError.write(Data((message + "\n").utf8)) }

  static func output(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }
}

extension JobRunner {
  /// The same runner as in Lambda; quiet unless LOG_LEVEL asks for more.
  static func commandLine(_ environment: Environment) throws -> JobRunner {
    let log = Logger(label: "health-score") { _ in StderrLogHandler(environment: environment, defaultLevel: .error) }
    return JobRunner(environment: environment, transport: try CurlMultiTransport(), log: log)
  }
}
