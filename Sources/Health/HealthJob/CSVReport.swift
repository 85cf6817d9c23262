import Formats
import HealthModel
import Scoring
import Time

/// The table of a dry run: one line per account, as in RFC 4180. Missing values are empty.
struct CSVReport {
  static let header: [String] =
    [
      "account_id", "account_name", "segment", "period", "health_score", "tier", "quantitative_score",
      "churn_risk_score", "platform_value_score", "support_health", "financial_contract", "adoption_engagement",
      "relationship_expansion", "coverage_pct", "coverage", "qualitative_rule", "qualitative_cap", "critical_signals",
      "moderate_signals", "watch_signals", "monitoring_reduction", "drivers",
    ] + Metric.allCases.map { "raw:\($0.path)" } + Metric.allCases.map { "score:\($0.path)" }

  static var headerLine: [UInt8] { Array(CSV.line(header, ending: "\r\n").utf8) }

  static func line(_ scored: ScoredAccount, period: Period) -> [UInt8] {
    let score = scored.score
    func shown(_ value: Double?) -> String { value.map { Shown.text($0) } ?? "" }
    func exact(_ value: Double?) -> String { value.map { "\($0)".withoutZeroFraction } ?? "" }
    func count(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }
    let counts = score.qualitative.counts
    var fields: [String] = [
      CSV.defused(scored.snapshot.accountID), CSV.defused(scored.snapshot.accountName),
      scored.snapshot.segment.rawValue,
      "\(period)", shown(score.health), score.tier?.rawValue ?? "", shown(score.quantitative), shown(score.churnRisk),
      shown(score.platformValue),
    ]
    fields += Dimension.churnRisk.map { shown(score[$0]) }
    fields += [
      shown(score.coveragePercent), score.coverage.rawValue, score.qualitative.rule, exact(score.qualitative.cap),
      count(counts?.critical), count(counts?.moderate), count(counts?.watch),
      count(counts?.monitoringReduction), CSV.defused(scored.drivers.joined(separator: "; ")),
    ]
    fields += score.metrics.map { exact($0.observation.value) }
    fields += score.metrics.map { exact($0.score) }
    return Array(CSV.line(fields, ending: "\r\n").utf8)
  }
}

extension String {
  fileprivate var withoutZeroFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}
