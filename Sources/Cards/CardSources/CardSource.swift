import CardModel
import Connectors
import HTTPClient
import Time

/// Answers some of the cards out of one system.
///
/// Beside ``SourceError`` it throws whatever the vendor's client throws; the run words it.
public protocol CardSource: Sendable {
  var id: SourceID { get }

  /// The cards that it answers.
  var cards: [CardID] { get }

  /// What was sent so far.
  var usage: RequestUsage { get }

  /// - Parameter card: One of ``cards``.
  func read(_ card: CardID) async throws -> CardReading
}

/// What sources are given of a run.
public struct CardContext: Sendable {
  public let settings: CardSettings
  /// The day that the run is of, in the settings' zone.
  public let today: CalendarDate
  public let now: Timestamp
  public let time: TimeSource
  /// On the monotonic clock; nil without a limit.
  public let deadline: Duration?
  public let sessions: VendorSessions
  /// Limits that the configuration sets in place of the documented ones.
  public let limits: [SourceID: RateLimit]
  /// The cards that are asked for.
  public let asked: Set<CardID>
  public let archive: CardArchive

  public init(
    settings: CardSettings, today: CalendarDate, now: Timestamp, time: TimeSource, deadline: Duration?,
    sessions: VendorSessions, limits: [SourceID: RateLimit], asked: Set<CardID>, archive: CardArchive
  ) {
    self.settings = settings
    self.today = today
    self.now = now
    self.time = time
    self.deadline = deadline
    self.sessions = sessions
    self.limits = limits
    self.asked = asked
    self.archive = archive
  }

  /// The last day that anything can be dated; later than ``today`` where the run is of an earlier day.
  var lastDay: CalendarDate { max(today, settings.zone.date(of: time.now)) }

  /// Whole days that end yesterday.
  func window(days: Int) -> DayWindow { DayWindow(days: days, before: today, zone: settings.zone) }

  var recent: DayWindow { window(days: settings.windows.recent) }

  /// A client of a vendor, within its documented limit or the configured one.
  func api(
    _ source: SourceID, _ limit: RateLimit, policy: RetryPolicy = RetryPolicy(),
    verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) -> APIClient {
    sessions.api(
      for: source, (limits[source] ?? limit).withMargin, policy: policy, time: time, deadline: deadline,
      verdict: verdict)
  }

  /// As above, for calls that have a limit of their own beside the vendor's.
  ///
  /// - Parameter window: Their limit, with its margin.
  func api(
    _ source: SourceID, _ limit: RateLimit, calls: String, _ window: RateLimit.Window,
    policy: RetryPolicy = RetryPolicy(), verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) -> APIClient {
    sessions.api(
      for: source, (limits[source] ?? limit).withMargin, calls: calls, [window], policy: policy, time: time,
      deadline: deadline, verdict: verdict)
  }

  /// How a quotient or sum of a breakdown is written.
  func text(_ unit: CardUnit) -> CardText { CardText(unit, baseCurrency: settings.baseCurrency) }
}

extension RateLimit.Window {
  /// Requests take different times to arrive, so what leaves within a window can arrive within a shorter one.
  var withMargin: RateLimit.Window { RateLimit.Window(requests: requests, length: length + .milliseconds(500)) }
}

extension RateLimit {
  var withMargin: RateLimit { RateLimit(windows.map(\.withMargin), maximumConcurrency: maximumConcurrency) }
}

extension RequestUsage {
  /// Of several clients that worked side by side.
  static func sum(_ usages: [RequestUsage]) -> RequestUsage {
    usages.reduce(into: RequestUsage()) { sum, usage in
      sum.requests += usage.requests
      sum.retries += usage.retries
      sum.throttled += usage.throttled
      sum.bytesReceived += usage.bytesReceived
      sum.elapsed = max(sum.elapsed, usage.elapsed)
    }
  }
}

/// Something that several cards need and one request reads.
actor Shared<Value: Sendable> {
  private let read: @Sendable () async throws -> Value
  private var task: Task<Value, any Error>?
  private var callers = 0
  private var cancelled = 0

  init(_ read: @escaping @Sendable () async throws -> Value) { self.read = read }

  /// Reads it at the first call. An error is every caller's. The reading stops where all who asked for it were cancelled.
  var value: Value {
    get async throws {
      try Task.checkCancellation()
      let read = read
      let task = task ?? Task { try await read() }
      self.task = task
      callers += 1
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        Task { await self.noteCancelled() }
      }
    }
  }

  private func noteCancelled() {
    cancelled += 1
    if cancelled == callers { task?.cancel() }
  }
}
