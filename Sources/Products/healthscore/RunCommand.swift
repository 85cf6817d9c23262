import ArgumentParser
import Formats
import Foundation
import HealthJob
import Runs

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job as Lambda does: extract, score, and write to Salesforce or a CSV.")

  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
  }

  @Option(help: "The job to run.") var job = "health_score"
  @Option(help: "The month to score, YYYY-MM (default: the last closed month).") var period: String?
  @Flag(name: .customLong("dry-run"), help: "Write a CSV and nothing to Salesforce.") var isDryRun = false
  @Flag(help: "Allow a live run of a month before the last closed one.") var backfill = false
  @Option(name: .customLong("account"), help: "Score just this Salesforce id; may be given several times.")
  var accounts: [String] = []
  @Flag(name: .customLong("in-steps"), help: "Plan, extract and finish by an event each, as the state machine does.")
  var isInSteps = false
  @Option(help: "How to print the answer.") var output = Output.table
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    if output == .csv, !isDryRun { throw ValidationError("--output csv: a live run writes no CSV; add --dry-run") }
  }

  func run() async throws {
    let environment = configuration.environment()
    if Console.isTerminal { Console.error("reading the sources of \(period ?? "the last closed month")…") }
    let answer: HealthScoreAnswer
    do {
      let runner = try JobRunner.commandLine(environment)
      answer =
        isInSteps
        ? try await SteppedRun(runner: runner).run(plan: event())
        : try await runner.run(HealthScoreJob(), event: event())
    } catch let error as JobError {
      Console.error(error.message)
      throw error.isUsage ? ExitStatus.usage : ExitStatus.failed
    }
    switch output {
    case .json:
      try answer.encode(Console.output)
      try Console.output([10])
    case .table: try Console.print(AnswerTable(answer).text)
    case .csv:
      // The local file, even if the answer names its copy in a bucket.
      let name = answer.csv.flatMap { $0.split(separator: "/").last } ?? ""
      let path = "\(environment.outputDirectory)/\(name)"
      guard answer.csv != nil, let data = try? Data(contentsOf: URL(filePath: path)) else {
        answer.warnings.forEach(Console.error)
        throw ExitStatus.failed
      }
      try Console.output(Array(data))
    }
    if answer.status != .succeeded { throw ExitStatus.failed }
  }

  /// The options as an event, so that the same rules apply as in Lambda.
  private func event() throws -> [UInt8] {
    struct Options: Encodable {
      let job: String
      let period: String?
      let dry_run: Bool
      let backfill: Bool
      let accounts: [String]?
      let step: String?
    }
    return try JSONBody.encode(
      Options(
        job: job, period: period, dry_run: isDryRun, backfill: backfill, accounts: accounts.isEmpty ? nil : accounts,
        step: isInSteps ? "plan" : nil))
  }
}
