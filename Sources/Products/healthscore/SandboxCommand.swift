import ArgumentParser
import CardJob
import CustomerJob
import Formats
import Foundation
import HealthConfiguration
import HealthJob
import Sandbox
import Time

struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Serve an invented world on loopback: all vendors, and Lambda's Runtime and Invoke APIs.",
    discussion: """
      Without --function it serves until it is stopped, and prints the environment that leads a process to it. With \
      --function it starts that Lambda function against itself, invokes it once, prints the answer and ends.
      """)

  @Option(help: "How many accounts the world has; the shipped mapping fits the default.") var accounts = 120
  @Option(help: "Conversations per account and month (default: a believable number).") var conversations: Int?
  @Option(help: "How many more accounts Salesforce has that the mapping does not name.") var unmapped = 60
  @Option(help: "How many contacts the customer sync finds, with three conversations each.") var contacts = 240
  @Option(help: "What every vendor takes for an answer, in milliseconds.") var latency = 0
  @Option(help: "Port on 127.0.0.1; 0 takes a free one.") var port = 0
  @Option(help: "The month that the world is arranged around, YYYY-MM (default: the last closed month).")
  var period: String?
  @Option(
    name: .customLong("variety"),
    help: "How this world's vendors differ from most; may be given several times. `--variety list` names them.")
  var varieties: [String] = []
  @Option(name: .customLong("write-mapping"), help: "Write the world's account_mapping.csv to this file and end.")
  var mappingFile: String?
  @Option(name: .customLong("write-links"), help: "Write the true links of these accounts to this CSV file and end.")
  var linksFile: String?
  @Option(name: .customLong("function"), help: "A bootstrap to start and invoke.") var function: String?
  @Option(
    help:
      "What to invoke it for: health_score; customer_sync, which runs twice with changes in between; or business_metrics, which runs for yesterday and for today."
  )
  var job = HealthScoreJob().name
  @Option(help: "The event to invoke it with, a JSON file (default: EventBridge's, for a dry run).") var event: String?
  @Flag(name: .customLong("live"), help: "Let the default event write to the sandbox's Salesforce.") var isLive = false
  @Flag(
    name: .customLong("dry-run"), help: "Let the customer sync or the business metrics write files and nothing else.")
  var isDryRun = false
  @Option(name: .customLong("timeout"), help: "Seconds that the function is told it has.") var timeout = 900
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard accounts >= 1, accounts <= 100_000 else { throw ValidationError("--accounts: expected 1 to 100000") }
    let jobs = [HealthScoreJob().name, CustomerSyncJob().name, BusinessMetricsJob().name]
    guard jobs.contains(job) else { throw ValidationError("--job: expected one of \(jobs.joined(separator: ", "))") }
    guard job == HealthScoreJob().name || (event == nil && period == nil) else {
      throw ValidationError("--event and --period belong to the job \(HealthScoreJob().name)")
    }
    guard unmapped >= 0, unmapped <= 10_000 else { throw ValidationError("--unmapped: expected 0 to 10000") }
    guard contacts >= 0, contacts <= 1_000_000 else { throw ValidationError("--contacts: expected 0 to 1000000") }
    guard latency >= 0, timeout >= 1 else { throw ValidationError("--latency and --timeout can't be negative") }
    for name in varieties where name != "list" && SandboxVariety(rawValue: name) == nil {
      throw ValidationError(
        "--variety: there is no \(name); there are \(SandboxVariety.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard period.map({ Period($0) != nil }) ?? true else {
      throw ValidationError("--period: expected a month such as 2026-10")
    }
  }

  private static var now: Timestamp { TimeSource.system.now }

  func run() async throws {
    if varieties.contains("list") {
      let width = SandboxVariety.allCases.map(\.rawValue.count).max() ?? 0
      for variety in SandboxVariety.allCases {
        let name = variety.rawValue
        try Console.print(name + String(repeating: " ", count: width + 2 - name.count) + variety.summary)
      }
      return
    }
    let running = Period(containing: Self.now)
    let month = period.flatMap { Period($0) } ?? running.advanced(by: -1)
    let world = SandboxWorld(
      accounts: accounts, period: month, conversationsPerAccount: conversations,
      varieties: Set(varieties.compactMap { SandboxVariety(rawValue: $0) }), unmapped: unmapped)
    if let (file, text) = mappingFile.map({ ($0, world.mapping) }) ?? linksFile.map({ ($0, world.links) }) {
      do {
        try Data(text.utf8).write(to: URL(filePath: file))
      } catch {
        Console.error("\(file) can't be written; name a file in a folder that is there and has room")
        throw ExitStatus.failed
      }
      return
    }
    let services = SandboxServices(
      world: world, customers: CustomerWorld(contacts: contacts, now: Self.now), latency: .milliseconds(latency),
      timeout: .seconds(timeout), keepsLimits: true)
    services.prepare()
    let server = SandboxServer(services: services, port: port)
    guard let function else {
      try await server.run { base in Self.printInstructions(base) }
      return
    }
    let payload = try event.map(eventFile) ?? defaultEvent(month, running: running)
    let environment = try functionEnvironment(services)
    let status = await withTaskGroup(of: ExitCode?.self) { group in
      let (bases, continuation) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        do {
          try await server.run { base in continuation.yield(base) }
        } catch {
          Console.error("the sandbox failed: \(error)")
        }
        continuation.finish()
        return nil
      }
      group.addTask {
        for await base in bases {
          var environment = environment
          environment["SLACK_WEBHOOK_URL"] = environment["SLACK_WEBHOOK_URL"] ?? base + "/slack"
          let run = FunctionRun(path: function, environment: environment, base: base)
          switch job {
          case CustomerSyncJob().name: return await run.sync(services, isDryRun: isDryRun)
          case BusinessMetricsJob().name: return await run.cards(services, isDryRun: isDryRun)
          default: return await run.score(payload, services)
          }
        }
        return ExitStatus.failed
      }
      for await status in group {
        if let status {
          group.cancelAll()
          return status
        }
      }
      return ExitStatus.failed
    }
    throw status
  }

  private func eventFile(_ path: String) throws -> [UInt8] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      Console.error("--event: \(path) can't be read")
      throw ExitStatus.usage
    }
    return Array(data)
  }

  /// The event that EventBridge sends in the morning after the month; for the running month, now.
  private func defaultEvent(_ month: Period, running: Period) -> [UInt8] {
    let time = month == running ? Self.now : month.end.advanced(bySeconds: 6 * 3600)
    return Array(
      """
      {"version":"0","id":"5f0c3f9e-0000-4000-8000-000000000000","detail-type":"Scheduled Event","source":"aws.events",\
      "account":"123456789012","time":"\(Timestamp(milliseconds: time.seconds * 1000))","region":"eu-west-1",\
      "resources":["arn:aws:events:eu-west-1:123456789012:rule/sandbox"],\
      "detail":{"period":"\(month)","dry_run":\(!isLive)}}
      """.utf8)
  }

  /// The process's own environment. If the job or the world's size needs it, it names a copy of the configuration with the
  /// world's own files.
  private func functionEnvironment(_ services: SandboxServices) throws -> [String: String] {
    var variables = ProcessInfo.processInfo.environment
    let environment = configuration.environment()
    variables["OUTPUT_DIR"] = environment.outputDirectory
    variables["CONFIG_DIR"] = environment.configDirectory
    variables["LOG_FORMAT"] = environment["LOG_FORMAT"] ?? "text"
    let readsCards = job == BusinessMetricsJob().name
    guard accounts != 120 || readsCards else { return variables }
    let folder = "\(environment.outputDirectory)/sandbox-config"
    let files = FileManager.default
    try? files.removeItem(atPath: folder)
    try files.createDirectory(atPath: environment.outputDirectory, withIntermediateDirectories: true)
    try files.copyItem(atPath: environment.configDirectory, toPath: folder)
    try Data(services.world.mapping.utf8).write(to: URL(filePath: "\(folder)/\(ConfigurationFiles.mappingName)"))
    if readsCards { try services.cards.writeFiles(to: folder) }
    variables["CONFIG_DIR"] = folder
    return variables
  }

  private static func printInstructions(_ base: String) {
    print("# The sandbox serves at \(base) until you stop it. In another shell:")
    for (name, value) in SandboxServices.environment(base: base).sorted(by: { $0.key < $1.key }) {
      print("export \(name)='\(value)'")
    }
    let host = base.dropFirst("http://".count)
    print(
      """
      # then run a job by hand:        healthscore run --dry-run
      # or as Lambda, in a third shell: AWS_LAMBDA_RUNTIME_API=\(host) bootstrap
      #   and invoke it:  aws lambda invoke --endpoint-url \(base) --function-name function --payload '{"dry_run": true}' answer.json
      #   or:             curl -d '{"dry_run": true}' \(base)/2015-03-31/functions/function/invocations
      """)
    fflush(nil)
  }
}
