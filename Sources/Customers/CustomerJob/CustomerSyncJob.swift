import ConfigurationReading
import Formats
import Runs
import Time

/// The 6-hourly job: Intercom's contacts with their Stripe revenue, into one table.
public struct CustomerSyncJob: Job {
  public let name = "customer_sync"

  public let subjectName = "date"

  public init() {}

  /// The event's keys that are the customer sync's own.
  public struct Keys: EventKeys {
    /// Whether everything is read, and not only what changed.
    public var isFull = false

    public static let names = ["full"]

    public static let example = #"{"job": "customer_sync", "full": true, "dry_run": true}"#

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyCodingKey.self)
      isFull = try container.decodeIfPresent(Bool.self, forKey: AnyCodingKey("full")) ?? false
    }
  }

  /// What an event asks of the customer sync.
  public struct Request: JobRequest {
    public var isFull: Bool
    public var isDryRun: Bool
    /// The day on which the run begins, in UTC.
    public var subject: String?
  }

  public func request(_ event: Event<Keys>, now: Timestamp) -> Request {
    Request(isFull: event.keys.isFull, isDryRun: event.isDryRun, subject: "\(now.date)")
  }

  public func setup(_ environment: Environment) throws -> CustomerSyncSetup {
    try CustomerSyncSetup(environment: environment)
  }

  public func work(
    _ request: Request, in context: RunContext<CustomerSyncSetup>
  ) async throws -> Work<CustomerSyncSummary> {
    var run = Run<CustomerSyncSummary>(
      subject: request.subject ?? "", isDryRun: request.isDryRun, lock: request.isDryRun ? nil : name
    ) {
      try await CustomerSyncRun(request: request, context: context).run()
    }
    // A dry run writes its CSV and nothing else.
    run.isRecorded = !request.isDryRun
    return .run(run)
  }
}

/// An answer of the customer sync.
public typealias CustomerSyncAnswer = RunAnswer<CustomerSyncSummary>
