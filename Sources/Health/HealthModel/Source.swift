import Time

/// A system that data is read from.
public enum SourceID: String, CaseIterable, Sendable, Codable {
  case intercom, jira, looker, salesforce

  public var metrics: [Metric] { Metric.allCases.filter { $0.source == self } }

  public var title: String {
    switch self {
    case .intercom: "Intercom"
    case .jira: "Jira"
    case .looker: "Looker"
    case .salesforce: "Salesforce"
    }
  }
}

/// What a run asks every source for.
public struct Extraction: Sendable {
  public let period: Period
  /// The earlier of the period's end and the event's time; nothing after it is known.
  public let asOf: Timestamp
  /// Whether values that a source only knows as of today stand for the period too.
  public let isCurrent: Bool
  /// Partial observations name accounts by their position here.
  public let accounts: [MappedAccount]

  public init(period: Period, asOf: Timestamp, isCurrent: Bool, accounts: [MappedAccount]) {
    self.period = period
    self.asOf = asOf
    self.isCurrent = isCurrent
    self.accounts = accounts
  }

  /// `[start, end)` of the scored window.
  public var window: Range<Timestamp> { period.start..<max(period.start, asOf) }

  /// `[as-of − 12 months, as-of)`.
  public var lastTwelveMonths: Range<Timestamp> { asOf.advanced(byMonths: -12)..<asOf }
}

/// A part of an extraction's result that merges with others in any order to the same value.
public protocol PartialObservations: Codable, Sendable {
  init()
  var received: Received { get }
  mutating func merge(_ other: Self)
}

/// The slices of an extraction, and what listing them found out already.
public struct ExtractionPlan<Slice: Sendable, Partial: PartialObservations>: Sendable {
  public var slices: [Slice]
  /// Merges with what the slices yield.
  public var found: Partial

  public init(slices: [Slice], found: Partial = Partial()) {
    self.slices = slices
    self.found = found
  }
}

/// One vendor, read in independent slices for one extraction.
///
/// The slices are the items of a scale-out too: both types are `Codable`, a repeated slice yields the same partial, and a
/// source keeps nothing between the three steps, which need not run in one process.
/// Beside ``SourceError``, whatever the vendor's client throws passes through; the job words it.
public protocol Source: Sendable {
  associatedtype Slice: Codable & Sendable
  associatedtype Partial: PartialObservations

  var id: SourceID { get }
  var extraction: Extraction { get }

  /// Whether the account has an id for this source.
  func isMapped(_ account: MappedAccount) -> Bool

  /// Metrics that the source only knows as of today.
  var currentOnlyMetrics: Set<Metric> { get }

  /// Metrics that the configuration names no field for.
  var unconfiguredMetrics: Set<Metric> { get }

  /// Whether churn signals come from here; they only know today.
  var deliversSignals: Bool { get }

  /// Lists the slices that together cover the extraction, after checking that the source can be read at all.
  ///
  /// An error here means that the whole source can't be read.
  func plan() async throws -> ExtractionPlan<Slice, Partial>

  /// Reads one slice. Safe to repeat.
  func read(_ slice: Slice) async throws -> Partial

  /// Turns what was read into observations; every metric that a failed slice, or a record that can't be read, could have
  /// fed is `unavailable` for the accounts that it could touch.
  func observe(_ partial: Partial, failed: [Slice]) async throws -> SourceObservations
}

extension Source {
  /// Whether the source lets us in; planning for no accounts does little more.
  ///
  /// - Throws: What ``plan()`` throws.
  public func checkAccess() async throws { _ = try await plan() }

  public var currentOnlyMetrics: Set<Metric> { [] }

  public var unconfiguredMetrics: Set<Metric> { [] }

  public var deliversSignals: Bool { false }

  /// The reason that counts where several apply to a metric: the one that outranks the others.
  public func reason(_ reason: MissingReason, for metric: Metric, of account: MappedAccount) -> MissingReason {
    var reasons = [reason]
    if unconfiguredMetrics.contains(metric) { reasons.append(.notConfigured) }
    if !isMapped(account) { reasons.append(.notMapped) }
    if !extraction.isCurrent, currentOnlyMetrics.contains(metric) { reasons.append(.notAsOf) }
    return reasons.min() ?? reason
  }

  /// All of an account's metrics missing, and its signals unknown, except where there can be none.
  public func missing(_ reason: MissingReason, for account: MappedAccount) -> AccountFacts {
    var facts = AccountFacts(
      observations: Dictionary(
        uniqueKeysWithValues: id.metrics.map { ($0, .missing(self.reason(reason, for: $0, of: account))) }))
    if deliversSignals {
      facts.signals = isMapped(account) ? .missing(extraction.isCurrent ? reason : .notAsOf) : .known([])
    }
    return facts
  }
}

/// A source's observations, one entry for each account of the extraction.
public struct SourceObservations: Sendable {
  public var accounts: [AccountFacts]
  public var received: Received
  public var warnings: [String]
  /// Why some of it is `unavailable` although no slice failed; nil if nothing is.
  public var problem: String?

  public init(
    accounts: [AccountFacts], received: Received = Received(), warnings: [String] = [], problem: String? = nil
  ) {
    self.accounts = accounts
    self.received = received
    self.warnings = warnings
    self.problem = problem
  }
}

/// What one source says of one account.
public struct AccountFacts: Sendable {
  public var observations: [Metric: Observation]
  /// Nil from sources that know no signals.
  public var signals: SignalReading?
  /// Annual recurring revenue in the org's currency, where known.
  public var arr: Double?
  public var renewalDate: CalendarDate?
  /// The score that the previous period's record shows, where there is one.
  public var previousHealth: Double?
  public var previousTier: Tier?

  public init(observations: [Metric: Observation] = [:]) { self.observations = observations }
}

/// Rows announced by the vendor against rows received, so that a success with missing rows can't hide: every row that
/// was received is either used or left out for a reason.
public struct Received: Sendable, Codable, Equatable {
  /// A reason to leave a row out: it can't be read, and does not say whose it is.
  public static let malformed = "malformed"
  /// A reason to leave a row out: it can't be read, and the metrics of the account that it names are `unavailable`.
  public static let spoiled = "malformed, account known"

  /// Rows that the vendor said there are; nil where it does not say.
  public private(set) var announced: Int?
  public var used = 0
  /// Rows left out, by reason.
  public private(set) var skipped: [String: Int] = [:]
  /// Rows that were announced and did not come.
  public private(set) var lost = 0
  public var pages = 0

  public init() {}

  public mutating func skip(_ reason: String, count: Int = 1) {
    if count > 0 { skipped[reason, default: 0] += count }
  }

  /// Notes how many rows a query has, and how many of them came.
  ///
  /// - Throws: ``SourceError`` for a number of rows that there can't be.
  public mutating func announce(_ count: Int, came: Int, by source: SourceID) throws {
    guard (0...Self.maximum).contains(count) else {
      throw SourceError(.malformed, "\(source.title) announced a number of rows that is not possible")
    }
    announced = (announced ?? 0) + count
    lost += max(0, count - came)
  }

  /// Raises what is announced to what was announced elsewhere for all queries together.
  public mutating func expect(_ count: Int) {
    let count = min(count, Self.maximum)
    announced = max(announced ?? 0, count)
    lost = max(lost, count - total)
  }

  /// More than any vendor keeps, and little enough to be added up.
  private static let maximum = 1 << 48

  /// Why the rows are no measure of anything: of more than a twentieth nobody knows whose they are.
  public var defect: String? {
    let unknown = (skipped[Self.malformed] ?? 0) + lost
    let all = max(announced ?? 0, total)
    guard unknown * 20 > all else { return nil }
    return "\(unknown) of \(all) records can't be read or did not come, too many to count the rest"
  }

  /// Rows that came, whatever became of them.
  public var total: Int { used + skipped.values.reduce(0, +) }

  public mutating func merge(_ other: Received) {
    if let more = other.announced { announced = min((announced ?? 0) + more, Self.maximum) }
    used += other.used
    pages += other.pages
    lost += other.lost
    skipped.merge(other.skipped, uniquingKeysWith: +)
  }
}

/// A source, or a slice of it, that could not be read.
///
/// The message is safe to show: it names the place and what to do, never a body, a token or a person.
public struct SourceError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Credentials were refused.
    case refused
    /// The object, field or endpoint does not exist there.
    case notConfigured
    /// The vendor is down, throttling or out of time; a later run may succeed.
    case unavailable
    /// The answer was not what the vendor documents.
    case malformed
  }

  public var kind: Kind
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
