import Formats
import HealthModel
import Scoring
import Snapshots

/// How a score was computed, as text for the terminal.
struct Explanation {
  let snapshot: AccountSnapshot
  let score: HealthScore

  init(_ snapshot: AccountSnapshot, _ score: HealthScore) {
    self.snapshot = snapshot
    self.score = score
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
    for dimension in HealthModel.Dimension.allCases {
      lines.append("")
      lines.append("\(dimension.rawValue)  \(shown(score[dimension]))")
      for metric in Metric.allCases where metric.dimension == dimension { lines.append(line(metric)) }
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
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
