import ArgumentParser
import ConfigurationReading
import CurlTransport
import Formats
import Foundation
import Jobs
import Logging
import Runs

@main
struct HealthScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthscore", abstract: "Which customer accounts are healthy, which are about to leave, and why.",
    version: "0.9.0",
    subcommands: [RunCommand.self, ScoreCommand.self, ExplainCommand.self, ValidateCommand.self, SandboxCommand.self])

  /// As the library does it, but for wrong usage, which ends with 2 here and 64 there.
  static func main() async {
    // A reader that goes away is an error of a write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      guard code == .validationFailure else {
        // Help and the version go to standard output, where they may not arrive either.
        guard code.isSuccess else {
          if !message.isEmpty { Console.error(message) }
          Foundation.exit(code.rawValue)
        }
        let isTaken = message.isEmpty || (try? Console.print(message)) != nil
        Foundation.exit(isTaken ? 0 : ExitStatus.failed.rawValue)
      }
      Console.error(message)
      Foundation.exit(ExitStatus.usage.rawValue)
    }
  }
}

/// Options of every command that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(name: .customLong("config"), help: "Folder of the configuration (default: CONFIG_DIR, else config).")
  var folder: String?

  /// The process's environment with the options on top.
  func environment() -> Environment { .process(configFolder: folder) }
}

extension Environment {
  /// What the process was started with.
  ///
  /// - Parameter configFolder: Counts more than `CONFIG_DIR`.
  static func process(configFolder: String? = nil) -> Environment {
    var variables = ProcessInfo.processInfo.environment
    if let configFolder { variables["CONFIG_DIR"] = configFolder }
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

  static func error(_ message: String) {
    let lines = message.split(separator: "\n").map { String($0).withoutControlCharacters + "\n" }
    try? FileHandle.standardError.write(contentsOf: Data(lines.joined().utf8))
  }

  /// A line, or several.
  ///
  /// - Throws: ``ExitStatus/failed`` where nobody takes it.
  static func print(_ text: String) throws { try output(Array((text + "\n").utf8)) }

  /// - Throws: ``ExitStatus/failed`` where nobody takes it: a full disk, a closed pipe.
  static func output(_ bytes: [UInt8]) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } catch {
      self.error("the output can't be written")
      throw ExitStatus.failed
    }
  }
}

extension JobRunner {
  /// The same runner as in Lambda; quiet unless LOG_LEVEL asks for more.
  static func commandLine(_ environment: Environment) throws -> JobRunner {
    let log = Logger(label: "health-score") { _ in StderrLogHandler(environment: environment, defaultLevel: .error) }
    return JobRunner(
      jobs: .all, environment: environment, transport: try CurlMultiTransport(), log: log)
  }
}
