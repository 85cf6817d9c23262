import Formats
import HealthModel
import Scoring
import Time

/// What became of an account, and when.
public struct Outcome: Sendable, Equatable {
  public enum Kind: String, CaseIterable, Sendable {
    case churned, renewed, downgraded
  }

  /// A Salesforce id in its 18-character form, any other id as it is.
  public var accountID: String
  public var date: CalendarDate
  public var kind: Kind

  /// Reads `account_id,date,outcome`; other columns are not used.
  ///
  /// - Throws: ``RowProblems`` with every row that can't be used.
  public static func reading(_ bytes: [UInt8]) throws -> [Outcome] {
    let file = try CSVTable(bytes, needing: ["account_id", "date", "outcome"])
    var outcomes: [Outcome] = []
    var problems: [String] = []
    for row in file.rows {
      let id = file.text("account_id", row)
      // A day, and nothing after it: a time of day would say which zone it is in.
      let date = file.text("date", row).flatMap { $0.utf8.count == 10 ? Timestamp(iso8601: $0)?.date : nil }
      let kind = file.text("outcome", row).flatMap { Kind(rawValue: $0.lowercased()) }
      if id == nil { problems.append("\(row.line): account_id is empty") }
      if date == nil { problems.append("\(row.line): date is not a day such as 2026-11-26") }
      if kind == nil {
        problems.append(
          "\(row.line): outcome is none of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard let id, let date, let kind else { continue }
      outcomes.append(Outcome(accountID: SalesforceID(id)?.description ?? id, date: date, kind: kind))
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    guard !outcomes.isEmpty else { throw RowProblems(["1: there is no row below the header"]) }
    return outcomes
  }
}

/// Outcomes beside the scores that were known long enough before them.
public struct OutcomeHistory: Sendable {
  /// At least so many days lie between a score and the outcome that it is held against.
  public static let horizons = [60, 90, 120]
  /// A score older than the horizon by more than this says nothing of the outcome.
  private static let oldestDays = 62

  private struct Known: Sendable {
    let day: CalendarDate
    let account: AccountSnapshot
    let score: HealthScore
  }

  private struct Match {
    let outcome: Outcome
    let known: Known
  }

  private let outcomes: [Outcome]
  /// Every account's scores, the oldest first.
  private let history: [String: [Known]]
  private let model: ScoringModel
  private let bounds: [(tier: Tier, bound: Double)]

  /// - Parameters:
  ///   - books: Any months. Every account is scored as its month was.
  ///   - model: Today's; its weights are what a fit may change, its tiers are judged.
  public init(_ outcomes: [Outcome], _ books: [Book], today model: ScoringModel) {
    self.outcomes = outcomes
    self.model = model
    let wanted = Set(outcomes.map(\.accountID))
    var history: [String: [Known]] = [:]
    for book in books {
      for account in book.accounts where wanted.contains(account.accountID) {
        guard let day = account.asOf?.date else { continue }
        let score = book.scorer.score(account)
        guard score.unrounded != nil else { continue }
        history[account.accountID, default: []].append(Known(day: day, account: account, score: score))
      }
    }
    self.history = history.mapValues { $0.sorted { $0.day < $1.day } }
    bounds = [Tier.champion, .healthy, .atRisk].map { ($0, model.lowerBound(of: $0)) }
  }

  /// How many outcomes have no score before them at any horizon.
  public var unmatched: Int {
    outcomes.count { outcome in Self.horizons.allSatisfy { known(before: outcome, by: $0) == nil } }
  }

  /// What the score was worth at each horizon.
  public var evaluations: [ScoreEvaluation] {
    Self.horizons.map { horizon in
      let matches = matches(horizon)
      return ScoreEvaluation(
        horizon: horizon, scores: matches.map { $0.known.score.unrounded?.health ?? 0 },
        outcomes: matches.map { $0.outcome.kind == .churned }, bounds: bounds)
    }
  }

  /// The normalised metrics that today's model weighs, at the shortest horizon, which has the most outcomes.
  public var table: CalibrationTable {
    let matches = matches(Self.horizons[0])
    let columns = Scorer(model: model).weightedMetrics.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap {
      metric, entry -> CalibrationTable.Column? in
      let values = matches.map { match in
        match.known.account.observations[metric].value.map {
          entry.metric.normalise($0, for: match.known.account.segment)
        }
      }
      guard values.contains(where: { $0 != nil }) else { return nil }
      return .init(name: metric.path, values: values, direction: .higherIsBetter, weight: entry.share)
    }
    return CalibrationTable(
      columns: columns, outcomes: matches.map { $0.outcome.kind == .churned },
      scores: matches.map { $0.known.score.unrounded?.health ?? 0 })
  }

  private func matches(_ horizon: Int) -> [Match] {
    outcomes.compactMap { outcome in known(before: outcome, by: horizon).map { Match(outcome: outcome, known: $0) } }
  }

  /// The latest score that is at least so many days older than the outcome. Nothing later is looked at.
  private func known(before outcome: Outcome, by horizon: Int) -> Known? {
    history[outcome.accountID]?.last { known in
      let days = outcome.date.day - known.day.day
      return days >= horizon && days <= horizon + Self.oldestDays
    }
  }
}
