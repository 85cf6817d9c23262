import Formats
import Time

/// `cards.yaml`, as far as computing and explaining need it.
public struct CardSettings: Sendable, Equatable {
  /// `cash_accounts`: which of the bank's accounts count.
  public enum CashAccounts: Sendable, Equatable {
    case all
    /// By the bank's id.
    case only(Set<String>)
    case except(Set<String>)

    /// Whether an account with that id counts.
    public func contains(_ id: String) -> Bool {
      switch self {
      case .all: true
      case .only(let ids): ids.contains(id)
      case .except(let ids): !ids.contains(id)
      }
    }
  }

  /// `staged`: which leads wait in the queue beside those of active campaigns.
  public enum Staged: String, CaseIterable, Sendable {
    case none
    /// Those of drafted and paused campaigns.
    case campaigns
  }

  /// `clock`: what time counts until a ticket's first reply.
  public enum Clock: String, CaseIterable, Sendable { case calendar, business }

  /// `support_source`.
  public enum SupportSource: String, CaseIterable, Sendable { case zendesk, intercom }

  /// `mql_source`.
  public enum MQLSource: String, CaseIterable, Sendable { case hubspot, warehouse }

  /// A figure to compare a card with, and who says so.
  public struct Benchmark: Sendable, Equatable {
    public var value: String
    public var source: String

    public init(value: String, source: String) {
      self.value = value
      self.source = source
    }
  }

  /// Lengths of time, in whole days that end yesterday.
  public struct Windows: Sendable, Equatable {
    /// Of meetings, activities, e-mails and ticket replies.
    public var recent = 7
    /// Sending days that the rate of first e-mails is the mean of.
    public var sendingDays = 10
    /// How far back sending days are looked for.
    public var sendingLookBack = 60
    /// Of ad spend and MQLs.
    public var spend = 30
    /// Of a record's history.
    public var history = 30
    /// How old the base of a delta may be.
    public var delta = 7

    public init() {}
  }

  /// `time_zone`: whose days are counted.
  public var zone = CivilTimeZone.utc
  /// `base_currency`: its three letters.
  public var baseCurrency = "USD"
  public var cashAccounts = CashAccounts.all
  public var staged = Staged.none
  public var clock = Clock.calendar
  public var mqlSource = MQLSource.hubspot
  /// `near_pct`: percent of the target.
  public var nearPercent = Rational(5)
  public var benchmarks: [CardID: Benchmark] = [:]
  public var windows = Windows()
  /// What answers the cards about tickets; nil where nothing is connected.
  public var supportSource: SupportSource?

  public init() {}

  /// How long after its instant a value is fresh: a day and a half, since the job runs daily.
  public static let freshForSeconds = 129_600
}

/// Whole days, as one zone counts them.
public struct DayWindow: Sendable, Equatable {
  public let first: CalendarDate
  /// Included.
  public let last: CalendarDate
  public let zone: CivilTimeZone

  public init(first: CalendarDate, last: CalendarDate, zone: CivilTimeZone) {
    (self.first, self.last, self.zone) = (first, last, zone)
  }

  /// The days that end the day before `today`.
  ///
  /// - Parameter days: One at least.
  public init(days: Int, before today: CalendarDate, zone: CivilTimeZone) {
    self.init(first: today.advanced(byDays: -days), last: today.advanced(byDays: -1), zone: zone)
  }

  public var start: Timestamp { zone.start(of: first) }

  /// Not in the window any more.
  public var end: Timestamp { zone.start(of: last.advanced(byDays: 1)) }

  public func contains(_ instant: Timestamp) -> Bool { start <= instant && instant < end }

  public func contains(_ date: CalendarDate) -> Bool { first <= date && date <= last }

  /// As many days before these.
  public var previous: DayWindow {
    let count = last.day - first.day + 1
    return DayWindow(first: first.advanced(byDays: -count), last: first.advanced(byDays: -1), zone: zone)
  }
}
