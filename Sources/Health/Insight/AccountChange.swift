import HealthModel

/// Why one account's score moved between two months. The points of all parts add up to ``change``.
public struct AccountChange: Sendable, Equatable {
  /// The steps from the old score to the new one, always in this order.
  public enum Stage: String, CaseIterable, Sendable {
    /// New weights, thresholds and rules on the old inputs; the only step in points of the final score.
    case configuration
    /// Other ids in the mapping, or another segment.
    case identity
    /// Metrics that became missing or known. One part per source.
    case availability
    /// Metrics known both times.
    case data
    /// Caps that came, went or lapsed, and what a cap swallows or gives back.
    case signals
  }

  /// A metric's raw value, or why there is none, before and after.
  public struct MetricChange: Sendable, Equatable {
    public var metric: Metric
    public var from: Observation
    public var to: Observation
    /// Effective weight × change of the normalised value; only in ``Stage/data``.
    public var points: Double?
  }

  public struct Part: Sendable, Equatable {
    public var stage: Stage
    /// The source's name; only in ``Stage/availability``.
    public var source: String?
    /// Unrounded. 0 for a step that leaves the account without a score.
    public var points: Double
    /// The quantitative score after this part; the last one known where the step leaves the account without a score.
    public var quantitative: Double
    /// Only metrics that the new configuration weighs.
    public var metrics: [MetricChange]
  }

  /// One of the two months.
  public struct Side: Sendable, Equatable {
    public var standing: Standing
    /// One decimal; nil without a score.
    public var score: Double?
  }

  public var accountID: String
  public var accountName: String
  public var from: Side
  public var to: Side
  /// Of the later month; of the earlier one for an account that left the book. Nil if not known.
  public var arr: Double?
  /// Before rounding; nil where one of the months has no score.
  public var change: Double?
  /// In words, why there is no ``change``; nil where there is one.
  public var cause: String?
  /// Empty without a ``change``, and where nothing changed at all.
  public var parts: [Part]

  /// The points of a stage over all its parts.
  public func points(_ stage: Stage) -> Double { parts.reduce(0) { $0 + ($1.stage == stage ? $1.points : 0) } }
}

/// The sum over a whole book.
public struct BookChange: Sendable, Equatable, Codable {
  /// ARR of the accounts in a better and in a worse tier than before.
  public struct MovedARR: Sendable, Equatable, Codable {
    public let up: Double
    public let down: Double
  }

  /// Accounts of both months together.
  public let accounts: Int
  /// Over the accounts with a score in both months; unrounded.
  public let change: Double
  /// By the stage's name.
  private let parts: [String: Double]
  public let migration: Migration
  public let movedARR: MovedARR

  private enum CodingKeys: String, CodingKey {
    case accounts, change, parts, migration
    case movedARR = "arr_moved"
  }

  init(_ changes: [AccountChange]) {
    accounts = changes.count
    change = changes.reduce(0) { $0 + ($1.change ?? 0) }
    migration = Migration(changes.map { ($0.from.standing, $0.to.standing, $0.arr) })
    movedARR = MovedARR(up: migration.arr(movedUp: true), down: migration.arr(movedUp: false))
    parts = Dictionary(
      uniqueKeysWithValues: AccountChange.Stage.allCases.map { stage in
        (stage.rawValue, changes.reduce(0) { $0 + $1.points(stage) })
      })
  }

  /// The sum of a stage over all accounts.
  public func points(_ stage: AccountChange.Stage) -> Double { parts[stage.rawValue] ?? 0 }
}
