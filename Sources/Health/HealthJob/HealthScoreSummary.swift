import HealthModel
import Insight
import Runs
import Time

/// What the health score tells of a run. Nil fields are left out.
public struct HealthScoreSummary: RunSummary {
  /// Numbers of accounts.
  public struct Accounts: Codable, Sendable {
    /// Rows of the mapping, or accounts that the event names.
    public var total = 0
    public var scored = 0
    /// Too little data for a score.
    public var unscored = 0
    /// Entries of `failures`; an account that was scored but not loaded counts here too.
    public var failed = 0

    public init() {}
  }

  /// How many Salesforce records a live run wrote.
  public struct Load: Codable, Sendable {
    public var created = 0
    public var updated = 0
    public var failed = 0

    public init() {}
  }

  /// An account that failed, and where.
  public struct Failure: Codable, Sendable {
    public var accountID: String
    public var accountName: String
    /// `mapping`, `segment` or `load`.
    public var stage: String
    /// One line: what is wrong, without secrets.
    public var error: String

    public init(accountID: String, accountName: String, stage: String, error: String) {
      self.accountID = accountID
      self.accountName = accountName
      self.stage = stage
      self.error = error
    }

    private enum CodingKeys: String, CodingKey {
      case accountID = "account_id"
      case accountName = "account_name"
      case stage, error
    }
  }

  /// An account whose score moved against the previous period's record.
  public struct Mover: Codable, Sendable {
    public var accountID: String
    public var accountName: String
    /// The score in the previous month's Salesforce record.
    public var previous: Double
    public var current: Double
    /// `current − previous`, one decimal, never 0.
    public var change: Double
    public var previousTier: Tier?
    public var tier: Tier

    public init(
      accountID: String, accountName: String, previous: Double, current: Double, change: Double, previousTier: Tier?,
      tier: Tier
    ) {
      self.accountID = accountID
      self.accountName = accountName
      self.previous = previous
      self.current = current
      self.change = change
      self.previousTier = previousTier
      self.tier = tier
    }

    private enum CodingKeys: String, CodingKey {
      case accountID = "account_id"
      case accountName = "account_name"
      case previous, current, change, tier
      case previousTier = "previous_tier"
    }
  }

  /// One account of a dry run.
  public struct Result: Codable, Sendable {
    public var accountID: String
    public var accountName: String
    public var segment: Segment
    /// 0…100, one decimal; nil for an unscored account.
    public var healthScore: Double?
    public var tier: Tier?
    public var coveragePercent: Double
    public var coverage: CoverageLevel
    /// As in ``Qualitative/rule``.
    public var qualitativeRule: String
    public var drivers: [String]
    /// Sources without a value for this account, and why.
    public var missing: [String: MissingReason]

    public init(
      accountID: String, accountName: String, segment: Segment, healthScore: Double?, tier: Tier?,
      coveragePercent: Double, coverage: CoverageLevel, qualitativeRule: String, drivers: [String],
      missing: [String: MissingReason]
    ) {
      self.accountID = accountID
      self.accountName = accountName
      self.segment = segment
      self.healthScore = healthScore
      self.tier = tier
      self.coveragePercent = coveragePercent
      self.coverage = coverage
      self.qualitativeRule = qualitativeRule
      self.drivers = drivers
      self.missing = missing
    }

    /// Writes `null` where there is no score and no tier.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(accountID, forKey: .accountID)
      try container.encode(accountName, forKey: .accountName)
      try container.encode(segment, forKey: .segment)
      try container.encode(healthScore, forKey: .healthScore)
      try container.encode(tier, forKey: .tier)
      try container.encode(coveragePercent, forKey: .coveragePercent)
      try container.encode(coverage, forKey: .coverage)
      try container.encode(qualitativeRule, forKey: .qualitativeRule)
      try container.encode(drivers, forKey: .drivers)
      try container.encode(missing, forKey: .missing)
    }

    private enum CodingKeys: String, CodingKey {
      case accountID = "account_id"
      case accountName = "account_name"
      case segment, tier, coverage, drivers, missing
      case healthScore = "health_score"
      case coveragePercent = "coverage_pct"
      case qualitativeRule = "qualitative_rule"
    }
  }

  /// Why the book moved since the month before.
  public struct Changes: Codable, Sendable, Equatable {
    /// The earlier month.
    public var from: Period
    public var to: Period
    public var book: BookChange
  }

  /// Salesforce accounts that no row of the mapping names: nobody scores them.
  public struct Unmapped: Codable, Sendable, Equatable {
    public var accounts: Int
    /// Their annual recurring revenue in the org's currency; nil where it can't be told.
    public var arr: Double?
  }

  /// A link of an account that is another one than in the month before.
  public struct IdentityChange: Codable, Sendable, Equatable {
    public var accountID: String
    public var accountName: String
    /// The column of the mapping, such as `intercom_company_id`.
    public var column: String
    /// Nil where there was none, or is none.
    public var from: String?
    public var to: String?

    private enum CodingKeys: String, CodingKey {
      case accountID = "account_id"
      case accountName = "account_name"
      case column, from, to
    }
  }

  /// A churn signal that lapses soon: the score changes then without anybody acting.
  public struct LapsingSignal: Codable, Sendable, Equatable {
    public var accountID: String
    public var accountName: String
    /// `Critical`, `Moderate` or `Watch`.
    public var severity: String
    /// The last day on which it counts.
    public var lapses: CalendarDate
    /// What it costs now, unrounded; nil without a score.
    public var cost: Double?
    /// The score shown on the day after; nil without a score.
    public var scoreWhenLapsed: Double?

    private enum CodingKeys: String, CodingKey {
      case accountID = "account_id"
      case accountName = "account_name"
      case severity, lapses, cost
      case scoreWhenLapsed = "score_when_lapsed"
    }
  }

  public var period: Period
  /// The earlier of the period's end and the event's time.
  public var asOf: Timestamp
  /// The month is still running.
  public var provisional: Bool
  public var accounts = Accounts()
  /// By the tier's name.
  public var tiers: [String: Int] = [:]
  /// Nil on a dry run.
  public var load: Load?
  /// At most ``listLimit`` entries in ``shortened``.
  public private(set) var failures: [Failure] = []
  /// All failures, also those that ``shortened`` leaves out.
  public private(set) var failuresTotal = 0
  /// The largest changes first; at most ``listLimit`` entries in ``shortened``.
  public private(set) var movers: [Mover] = []
  /// All movers, also those that ``shortened`` leaves out.
  public private(set) var moversTotal = 0
  /// Nil where the month before is not stored.
  public var changes: Changes?
  /// Signals that lapse within 14 days, the first to lapse first; at most ``listLimit`` entries in ``shortened``.
  public private(set) var lapsingSignals: [LapsingSignal] = []
  /// All of them, also those that ``shortened`` leaves out.
  public private(set) var lapsingSignalsTotal = 0
  /// Nil where Salesforce is inactive, or could not say.
  public var unmapped: Unmapped?
  /// Against the month before, where it is stored; at most ``listLimit`` entries in ``shortened``.
  public private(set) var identityChanges: [IdentityChange] = []
  /// All of them, also those that ``shortened`` leaves out.
  public private(set) var identityChangesTotal = 0
  /// The scored accounts of a dry run. Nil on a live run, or where they are too long for an answer.
  public var results: [Result]?
  /// Path or `s3://` address of a dry run's table; nil on a live run, or if it was not written.
  public var csv: String?
  /// Path or `s3://` address of the JSON Lines file with all accounts; nil if it was not written.
  public var snapshot: String?
  /// Percent of the configured weight that was present, over all accounts; nil without any.
  public var meanCoveragePercent: Double?

  public init(period: Period, asOf: Timestamp, provisional: Bool = false) {
    self.period = period
    self.asOf = asOf
    self.provisional = provisional
  }

  /// Keeps earlier failures, and updates the total.
  public mutating func add(failures more: [Failure]) {
    failures += more
    failuresTotal = failures.count
  }

  /// Replaces the list and sets the total. The caller sorts.
  public mutating func set(movers all: [Mover]) {
    movers = all
    moversTotal = all.count
  }

  /// Replaces the list and sets the total. The caller sorts.
  public mutating func set(lapsing all: [LapsingSignal]) {
    lapsingSignals = all
    lapsingSignalsTotal = all.count
  }

  /// Replaces the list and sets the total.
  public mutating func set(identityChanges all: [IdentityChange]) {
    identityChanges = all
    identityChangesTotal = all.count
  }

  public var shortened: HealthScoreSummary {
    var summary = self
    summary.identityChanges = Array(identityChanges.prefix(HealthScoreAnswer.listLimit))
    summary.lapsingSignals = Array(lapsingSignals.prefix(HealthScoreAnswer.listLimit))
    summary.failures = Array(failures.prefix(HealthScoreAnswer.listLimit))
    summary.movers = Array(movers.prefix(HealthScoreAnswer.listLimit))
    return summary
  }

  public var place: String? { snapshot }

  private enum CodingKeys: String, CodingKey {
    case period, provisional, accounts, tiers, load, failures, movers, changes, unmapped, results, csv, snapshot
    case identityChanges = "identity_changes"
    case identityChangesTotal = "identity_changes_total"
    case lapsingSignals = "lapsing_signals"
    case lapsingSignalsTotal = "lapsing_signals_total"
    case asOf = "as_of"
    case failuresTotal = "failures_total"
    case moversTotal = "movers_total"
    case meanCoveragePercent = "coverage_mean_pct"
  }
}
