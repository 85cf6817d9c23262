import HealthModel
import Scoring
import Time

/// What was extracted beside what people know to be true, and what stands between a dry run and the first live one.
public struct Pilot: Sendable {
  public enum Status: String, Sendable {
    case equal, different, missing
    case unknownAccount = "unknown_account"
  }

  /// One known figure.
  public struct Comparison: Sendable, Equatable {
    public var accountID: String
    /// Empty for an account that is not in the book.
    public var accountName: String
    /// `dimension.metric`, or `tier`.
    public var figure: String
    public var known: String
    /// Nil where there is none.
    public var extracted: String?
    /// Extracted less known; nil without both numbers.
    public var difference: Double?
    public var status: Status
    /// Why they differ, as far as the snapshot can tell; empty where they are equal.
    public var explanation: String
  }

  /// A configured figure that nobody has approved yet.
  public struct Unapproved: Sendable, Equatable {
    /// `thresholds.yaml: metrics.support_health.csat_score`.
    public var place: String
    /// Accounts whose score hangs on it.
    public var accounts: Int
  }

  public let period: Period
  public let comparisons: [Comparison]
  public let unapproved: [Unapproved]

  /// - Parameters:
  ///   - others: Other stored months, to recognise a figure of another month.
  ///   - unapproved: As `file: path`.
  public init(
    _ known: [KnownFigure], _ book: Book, others: [Book], sources: [MetricSource], unapproved: [String]
  ) {
    let scores = book.accounts.map { book.scorer.score($0) }
    period = book.period
    comparisons = PilotExplainer(known, book, scores, others: others, sources: sources).comparisons
    self.unapproved = unapproved.map { place in
      Unapproved(place: place, accounts: Self.accounts(hangingOn: place, scores))
    }
  }

  /// What has to be settled before the first live run, in words; empty where nothing is in the way.
  public var blockers: [String] {
    var blockers: [String] = []
    func add(_ status: Status, _ words: String) {
      let found = comparisons.filter { $0.status == status }
      guard !found.isEmpty else { return }
      blockers.append("\(found.count) \(words): " + Self.list(found.map { "\($0.name) \($0.figure)" }))
    }
    add(.unknownAccount, "figures of accounts that are not in the book")
    add(.missing, "known figures that were not extracted")
    add(.different, "figures that differ from what is known")
    let waiting = unapproved.filter { $0.accounts > 0 }
    if !waiting.isEmpty {
      blockers.append(
        "\(waiting.count) figures not approved that scores hang on (`healthscore approve KEY… --by NAME`): "
          + Self.list(waiting.map(\.place)))
    }
    return blockers
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
  }

  /// How many scores would be others with another figure there: those that weigh its metric, or that miss something
  /// where it is about missing data.
  private static func accounts(hangingOn place: String, _ scores: [HealthScore]) -> Int {
    if let metric = Metric.allCases.first(where: { place.hasSuffix(": metrics.\($0.path)") }) {
      return scores.count { $0[metric].weight > 0 }
    }
    if place.contains(": coverage.") { return scores.count { Shown.snapped($0.coveragePercent) < 100 } }
    if place.contains(".arr_history.") { return scores.count { $0[.arrTrajectory].weight > 0 } }
    return scores.count { $0.health != nil }
  }
}

extension Pilot.Comparison {
  var name: String { accountName.isEmpty ? accountID : accountName }
}
