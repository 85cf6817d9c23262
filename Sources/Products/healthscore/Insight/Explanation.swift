import Formats
import HealthModel
import HealthSources
import Insight
import Scoring
import Snapshots
import Time

/// How a score was computed, as text for the terminal.
struct Explanation {
  let snapshot: AccountSnapshot
  let score: HealthScore

  private let fix: SmallestFix
  private let ledger: [SignalEntry]
  /// Nil where no earlier month is stored, or the account is not in it.
  private let change: (account: AccountChange, since: Period)?

  /// - Parameters:
  ///   - period: The account's month.
  ///   - earlier: The month to tell the change against; nil without one.
  init(_ snapshot: AccountSnapshot, _ scorer: Scorer, of period: Period, since earlier: Book?) {
    self.snapshot = snapshot
    score = scorer.score(snapshot)
    fix = scorer.smallestFix(of: snapshot, score)
    ledger = scorer.ledger(of: snapshot)
    change = earlier.flatMap { earlier in
      guard let old = earlier.accounts.first(where: { $0.accountID == snapshot.accountID }) else { return nil }
      let before = Book(period: earlier.period, accounts: [old], model: earlier.scorer.model)
      let after = Book(period: period, accounts: [snapshot], model: scorer.model)
      return Changes(from: before, to: after, sources: SourceRegistry.metricSources).accounts.first.map {
        ($0, earlier.period)
      }
    }
  }

  var text: String {
    func shown(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "\u{2013}" }
    var lines = [
      "\(snapshot.accountName) (\(snapshot.accountID)), \(snapshot.segment.rawValue)"
        + (snapshot.asOf.map { ", as of \($0)" } ?? ""),
      score.unscoredReason.map { "Not scored: \($0)" }
        ?? "Health score \(shown(score.health)), \(score.tier?.rawValue ?? ""): quantitative \(shown(score.quantitative)) = churn risk \(shown(score.churnRisk)) and platform value \(shown(score.platformValue))",
      "Coverage \(Shown.text(score.coveragePercent)) % (\(score.coverage.rawValue))"
        + (score.interval.map {
          ", between \(shown($0.low)) and \(shown($0.high))\($0.isTierCertain ? "" : ", tier not certain")"
        } ?? ""),
      "Churn signals: rule \(score.qualitative.rule)" + (score.qualitative.cap.map { ", cap \(shown($0))" } ?? ""),
    ]
    lines += score.drivers.map { "  - \($0.text)" }
    if let summary = change?.account.summary(since: "\(change?.since.description ?? "")") { lines.append(summary) }
    lines += fix.texts
    for entry in ledger where entry.countsAs != nil { lines.append(line(entry)) }
    for dimension in HealthModel.Dimension.allCases {
      lines.append("")
      lines.append("\(dimension.rawValue)  \(shown(score[dimension]))")
      for metric in Metric.allCases where metric.dimension == dimension { lines.append(line(metric)) }
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func line(_ entry: SignalEntry) -> String {
    let lapses = entry.lapses.map { "counts through \($0)" } ?? "counts until a person closes it"
    let then = entry.scoreWhenLapsed.map { ", then the score is \(Shown.text($0))" } ?? ""
    let cost = entry.cost.map { "costs \(Shown.text($0)), " } ?? ""
    return
      "Signal \(entry.signal.severity.name)\(entry.signal.observed.map { " of \($0)" } ?? ""): \(cost)\(lapses)\(then)"
  }

  private func line(_ metric: Metric) -> String {
    let part = score[metric]
    let name = metric.name + String(repeating: " ", count: max(1, 32 - metric.name.count))
    switch part.observation {
    case .missing(let reason): return "  \(name)missing: \(reason.rawValue)"
    case .value(let raw):
      guard let normalised = part.score else { return "  \(name)\(Driver.value(raw, metric.unit)) (not weighed)" }
      return
        "  \(name)\(Driver.value(raw, metric.unit)) scores \(Shown.text(normalised)), weight \(Shown.text(part.weight * 100)) %: +\(Shown.text(part.points, decimals: 2)), lost \(Shown.text(part.lost, decimals: 2))"
    }
  }
}
