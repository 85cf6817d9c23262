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
    subcommands: [
      RunCommand.self, ScoreCommand.self, ExplainCommand.self, ChangesCommand.self, WhatIfCommand.self, FixCommand.self,
      SignalsCommand.self, CalibrateCommand.self, PilotCommand.self, ApproveCommand.self, MapCommand.self,
      CustomersCommand.self, CardsCommand.self, SimpleFINCommand.self, ValidateCommand.self, SandboxCommand.self,
    ])

  /// Like ArgumentParser's `main`, but wrong usage exits with 2 instead of 64.
  static func main() async {
    // If the reader of a pipe ends, the write fails with an error instead of ending this process.
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
        // Help and the version go to standard output, and that can fail too.
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

  /// The process's environment. The options count more than its variables.
  func environment() -> Environment { .process(configFolder: folder) }
}

extension Environment {
  /// The environment that the process was started with.
  ///
  /// - Parameter configFolder: Replaces `CONFIG_DIR`; nil leaves it.
  static func process(configFolder: String? = nil) -> Environment {
    var variables = ProcessInfo.processInfo.environment
    if let configFolder { variables["CONFIG_DIR"] = configFolder }
    return Environment(variables)
  }
}

/// 1 if a run failed or is partial, 2 if the usage or the configuration is wrong.
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

  /// Prints one line or several to standard output.
  ///
  /// - Throws: ``ExitStatus/failed`` if they can't be written.
  static func print(_ text: String) throws { try output(Array((text + "\n").utf8)) }

  /// - Throws: ``ExitStatus/failed`` if they can't be written: a full disk, a closed pipe.
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
  /// The same runner as in Lambda. Logs errors only, unless `LOG_LEVEL` asks for more.
  static func commandLine(_ environment: Environment) throws -> JobRunner {
    let log = Logger(label: "health-score") { _ in StderrLogHandler(environment: environment, defaultLevel: .error) }
    return JobRunner(
      jobs: .all, environment: environment, transport: try CurlMultiTransport(), log: log)
  }
}
