import CardModel
import ConfigurationReading
import Formats
import Runs
import Time

/// The daily job: cards that leaders look at every morning.
public struct BusinessMetricsJob: Job {
  public let name = "business_metrics"

  public let subjectName = "date"

  public init() {}

  /// The event's keys that are the business metrics' own.
  public struct Keys: EventKeys {
    /// The cards to refresh; nil for all.
    public var cards: [CardID]?

    public static let names = ["cards"]

    public static let example = #"{"job": "business_metrics", "cards": ["cash_position"], "dry_run": true}"#

    public init() {}

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyCodingKey.self)
      let key = AnyCodingKey("cards")
      guard let names = try container.decodeIfPresent([String].self, forKey: key) else { return }
      func refused(_ message: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: container, debugDescription: message)
      }
      guard !names.isEmpty else { throw refused("the list is empty; leave it out for all cards") }
      let known = CardID.allCases.map(\.rawValue).joined(separator: ", ")
      cards = try names.map { name in
        guard let card = CardID(rawValue: name) else { throw refused("there is an unknown card, expected of \(known)") }
        return card
      }
    }
  }

  /// What an event asks of the business metrics.
  public struct Request: JobRequest {
    /// The cards to refresh.
    public var cards: Set<CardID>
    public var isDryRun: Bool
    /// When the cards are of. The configuration says which day that is.
    public var instant: Timestamp
    /// Nil: the day hangs on the configuration.
    public var subject: String? { nil }
  }

  public func request(_ event: Event<Keys>, now: Timestamp) -> Request {
    Request(
      cards: Set(event.keys.cards ?? CardID.allCases), isDryRun: event.isDryRun,
      instant: Timestamp(milliseconds: (event.time ?? now).seconds * 1000))
  }

  public func setup(_ environment: Environment) throws -> CardSetup { try CardSetup(environment: environment) }

  public func work(
    _ request: Request, in context: RunContext<CardSetup>
  ) async throws -> Work<BusinessMetricsSummary> {
    let today = context.setup.settings.zone.date(of: request.instant)
    var run = Run<BusinessMetricsSummary>(
      subject: "\(today)", isDryRun: request.isDryRun, lock: request.isDryRun ? nil : name
    ) {
      try await BusinessMetricsRun(request: request, today: today, context: context).run()
    }
    // A dry run writes its files and nothing else.
    run.isRecorded = !request.isDryRun
    return .run(run)
  }
}

/// An answer of the business metrics.
public typealias BusinessMetricsAnswer = RunAnswer<BusinessMetricsSummary>
