import Time

/// How a card came about.
public enum CardState: String, Codable, CaseIterable, Sendable {
  case ok
  /// Some inputs are missing.
  case partial
  /// The source failed; value, time and breakdown are the last good ones.
  case stale
  /// The source failed, and there is nothing to show.
  case error
  /// A source is not connected.
  case blocked
  /// The source has nothing to count.
  case noData = "no_data"
  /// A division by zero.
  case undefined

  /// Whether the value was computed in this run. Only these are history, and last good values.
  public var isGood: Bool { self == .ok || self == .partial }

  /// Whether a source failed.
  public var isFailure: Bool { self == .stale || self == .error }
}

/// A card as it is stored, answered and shown. Numbers are decimals as text, so that no reader makes binary fractions of them.
public struct CardRecord: Codable, Sendable, Equatable {
  /// A part of the value, or something beside it.
  public struct Entry: Codable, Sendable, Equatable {
    public var label: String
    /// Nil where it is not known.
    public var value: String?
    /// What a later run finds the same thing by; nil for most. Says nothing about what it stands for.
    public var key: String?
    /// Nil where it is the card's own.
    public var asOf: Timestamp?

    public init(_ label: String, _ value: String?, key: String? = nil, asOf: Timestamp? = nil) {
      self.label = label
      self.value = value
      self.key = key
      self.asOf = asOf
    }

    private enum CodingKeys: String, CodingKey {
      case label, value, key
      case asOf = "as_of"
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(label, forKey: .label)
      try container.encode(value, forKey: .value)
      try container.encodeIfPresent(key, forKey: .key)
      try container.encodeIfPresent(asOf, forKey: .asOf)
    }
  }

  public struct LastGood: Codable, Sendable, Equatable {
    public var value: String
    public var asOf: Timestamp?

    private enum CodingKeys: String, CodingKey {
      case value
      case asOf = "as_of"
    }
  }

  public struct Delta: Codable, Sendable, Equatable {
    /// The earlier day.
    public var versus: CalendarDate
    public var absolute: String
    /// Of the earlier value, with two decimals; nil where that is 0.
    public var percent: String?

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(versus, forKey: .versus)
      try container.encode(absolute, forKey: .absolute)
      try container.encode(percent, forKey: .percent)
    }
  }

  public struct Day: Codable, Sendable, Equatable {
    public var date: CalendarDate
    public var value: String
  }

  public var id: CardID
  public var label: String
  public var tabs: [CardTab]
  public var unit: String
  /// Nil for `error`, `blocked`, `no_data` and `undefined`.
  public var value: String?
  /// For people: `$512.3K`.
  public var display: String
  public var state: CardState
  /// Why the state is not `ok`.
  public var reason: String?
  /// What instant the value speaks of.
  public var asOf: Timestamp?
  /// When its sources were asked last; nil where none was.
  public var fetchedAt: Timestamp?
  /// How long after ``asOf`` the value is fresh.
  public var freshForSeconds: Int
  /// The newest earlier value that was computed.
  public var lastGood: LastGood?
  public var target: CardTarget?
  public var targetStatus: TargetStatus
  public var direction: CardDirection
  public var delta: Delta?
  /// Earlier days that have a value, the oldest first.
  public var history: [Day]
  public var breakdown: [Entry]
  public var warnings: [String]
  public var tooltip: CardTooltip

  private enum CodingKeys: String, CodingKey {
    case id, label, tabs, unit, value, display, state, reason, target, direction, delta, history, breakdown, warnings
    case tooltip
    case asOf = "as_of"
    case fetchedAt = "fetched_at"
    case freshForSeconds = "fresh_for_seconds"
    case lastGood = "last_good"
    case targetStatus = "target_status"
  }

  /// Every key is written, also those without a value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(label, forKey: .label)
    try container.encode(tabs, forKey: .tabs)
    try container.encode(unit, forKey: .unit)
    try container.encode(value, forKey: .value)
    try container.encode(display, forKey: .display)
    try container.encode(state, forKey: .state)
    try container.encode(reason, forKey: .reason)
    try container.encode(asOf, forKey: .asOf)
    try container.encode(fetchedAt, forKey: .fetchedAt)
    try container.encode(freshForSeconds, forKey: .freshForSeconds)
    try container.encode(lastGood, forKey: .lastGood)
    try container.encode(target, forKey: .target)
    try container.encode(targetStatus, forKey: .targetStatus)
    try container.encode(direction, forKey: .direction)
    try container.encode(delta, forKey: .delta)
    try container.encode(history, forKey: .history)
    try container.encode(breakdown, forKey: .breakdown)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(tooltip, forKey: .tooltip)
  }
}
