import ArgumentParser
import CardJob
import ConfigurationReading
import CustomerJob
import Formats
import Foundation
import HealthJob
import Runs

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job as Lambda does, or dry: into files instead of Salesforce or the table.")

  @Option(help: "The job to run: health_score, customer_sync or business_metrics.") var job = HealthScoreJob().name
  @Option(help: "Health score: the month to score, YYYY-MM (default: the last closed month).") var period: String?
  @Flag(name: .customLong("dry-run"), help: "Write a CSV and nothing else.") var isDryRun = false
  @Flag(help: "Health score: allow a live run of a month before the last closed one.") var backfill = false
  @Option(
    name: .customLong("account"), help: "Health score: just this Salesforce id; may be given several times.")
  var accounts: [String] = []
  @Flag(
    name: .customLong("in-steps"),
    help: "Health score: plan, extract and finish by an event each, as the state machine does.")
  var isInSteps = false
  @Flag(name: .customLong("full"), help: "Customer sync: read everything, and not only what changed.") var isFull =
    false
  @Option(
    name: .customLong("card"),
    help: "Business metrics: refresh just this card, by its id; may be given several times.")
  var cards: [String] = []
  @Option(help: "How to print the answer.") var output = OutputFormat.table
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    if output == .csv, !isDryRun, job != BusinessMetricsJob().name {
      throw ValidationError("--output csv: a live run writes no CSV; add --dry-run")
    }
  }

  func run() async throws {
    let environment = configuration.environment()
    do {
      let runner = try JobRunner.commandLine(environment)
      if job == CustomerSyncJob().name {
        if Console.isTerminal { Console.error("reading contacts and conversations…") }
        let answer = try await runner.run(CustomerSyncJob(), event: event())
        try show(answer, SyncAnswerTable(answer).text, csv: answer.csv, environment)
      } else if job == BusinessMetricsJob().name {
        if Console.isTerminal { Console.error("reading the cards' sources…") }
        let answer = try await runner.run(BusinessMetricsJob(), event: event())
        try show(answer, CardAnswerTable(answer).text, csv: answer.csv, environment)
      } else {
        if Console.isTerminal { Console.error("reading the sources of \(period ?? "the last closed month")…") }
        let answer =
          isInSteps
          ? try await SteppedRun(runner: runner).run(plan: event())
          : try await runner.run(HealthScoreJob(), event: event())
        try show(answer, AnswerTable(answer).text, csv: answer.csv, environment)
      }
    } catch let error as JobError {
      Console.error(error.message)
      throw error.isUsage ? ExitStatus.usage : ExitStatus.failed
    }
  }

  /// - Parameter csv: The path or `s3://` address of a dry run's table; nil where it was not written.
  private func show<Summary>(
    _ answer: RunAnswer<Summary>, _ text: @autoclosure () -> String, csv: String?, _ environment: Environment
  ) throws {
    switch output {
    case .json:
      try answer.encode(Console.output)
      try Console.output([10])
    case .table: try Console.print(text())
    case .csv:
      // The local file, even if the answer names its copy in a bucket.
      let name = csv.flatMap { $0.split(separator: "/").last } ?? ""
      let path = "\(environment.outputDirectory)/\(name)"
      guard csv != nil, let data = try? Data(contentsOf: URL(filePath: path)) else {
        answer.warnings.forEach(Console.error)
        throw ExitStatus.failed
      }
      try Console.output(Array(data))
    }
    if answer.status != .succeeded { throw ExitStatus.failed }
  }

  /// The options as an event, so that the same rules apply as in Lambda. Options that were not given are not in it.
  private func event() throws -> [UInt8] {
    struct Options: Encodable {
      let job: String
      let period: String?
      let dry_run: Bool
      let backfill: Bool?
      let accounts: [String]?
      let step: String?
      let full: Bool?
      let cards: [String]?
    }
    return try JSONBody.encode(
      Options(
        job: job, period: period, dry_run: isDryRun, backfill: backfill ? true : nil,
        accounts: accounts.isEmpty ? nil : accounts, step: isInSteps ? "plan" : nil, full: isFull ? true : nil,
        cards: cards.isEmpty ? nil : cards))
  }
}
