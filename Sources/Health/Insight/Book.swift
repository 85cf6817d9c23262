import HealthModel
import Scoring
import Time

/// A month's accounts and the model that scored them.
public struct Book: Sendable {
  public let period: Period
  public let accounts: [AccountSnapshot]
  public let scorer: Scorer

  public init(period: Period, accounts: [AccountSnapshot], model: ScoringModel) {
    self.period = period
    self.accounts = accounts
    scorer = Scorer(model: model)
  }
}

/// Where an account stands in a month: in a tier, without a score, or not in the month's book at all. Encoded by its name.
public enum Standing: Hashable, Sendable, Codable {
  case tier(Tier)
  case unscored
  case absent

  public init(_ score: HealthScore) { self = score.tier.map(Standing.tier) ?? .unscored }

  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let standing = Standing.all.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "expected a tier"))
    }
    self = standing
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  /// The tier's name, `Unscored` or `Absent`.
  public var name: String {
    switch self {
    case .tier(let tier): tier.rawValue
    case .unscored: "Unscored"
    case .absent: "Absent"
    }
  }

  /// From the best tier to the worst, then the two without one.
  public static let all: [Standing] = Tier.allCases.map(Standing.tier) + [.unscored, .absent]

  /// How many tiers it is below the best; nil without a tier.
  var rank: Int? {
    if case .tier(let tier) = self { Tier.allCases.firstIndex(of: tier) } else { nil }
  }
}

/// How many accounts moved from where to where, and their ARR. In the order of ``Standing/all``, without empty entries.
/// Encoded as the list of its entries.
public struct Migration: Sendable, Equatable, Codable {
  public struct Entry: Sendable, Equatable, Codable {
    public let from: Standing
    public let to: Standing
    public fileprivate(set) var accounts: Int
    /// In the org's currency. An account whose ARR is not known adds nothing.
    public fileprivate(set) var arr: Double
  }

  public private(set) var entries: [Entry] = []

  init(_ moves: [(from: Standing, to: Standing, arr: Double?)]) {
    var cells: [[Standing]: Entry] = [:]
    for move in moves {
      var entry = cells[[move.from, move.to]] ?? Entry(from: move.from, to: move.to, accounts: 0, arr: 0)
      entry.accounts += 1
      entry.arr += move.arr ?? 0
      cells[[move.from, move.to]] = entry
    }
    entries = Standing.all.flatMap { from in Standing.all.compactMap { cells[[from, $0]] } }
  }

  public init(from decoder: any Decoder) throws { entries = try [Entry](from: decoder) }

  public func encode(to encoder: any Encoder) throws { try entries.encode(to: encoder) }

  /// The sum over accounts that are in a better (or worse) tier than before.
  func arr(movedUp: Bool) -> Double { moved(up: movedUp).reduce(0) { $0 + $1.arr } }

  func accounts(movedUp: Bool) -> Int { moved(up: movedUp).reduce(0) { $0 + $1.accounts } }

  private func moved(up: Bool) -> [Entry] {
    entries.filter { entry in
      guard let from = entry.from.rank, let to = entry.to.rank else { return false }
      return up ? to < from : to > from
    }
  }
}
