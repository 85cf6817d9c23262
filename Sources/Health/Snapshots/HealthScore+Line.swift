import Formats
import HealthModel

extension HealthScore {
  /// The full result as one line of JSON. Scores that people see have one decimal, all other numbers are unrounded.
  ///
  /// - Parameter drivers: As sentences for people.
  public func line(accountID: String, drivers: [String]) -> [UInt8] {
    var json = JSONWriter()
    json.reserve(6144)
    json.object { json in
      json.field("account_id", accountID)
      json.field("health_score", health)
      json.field("tier", tier?.rawValue)
      json.field("quantitative_score", quantitative)
      json.field("churn_risk_score", churnRisk)
      json.field("platform_value_score", platformValue)
      json.key("dimensions")
      json.object { json in
        for (dimension, score) in zip(Dimension.allCases, dimensions) { json.field(dimension.rawValue, score) }
      }
      json.key("metrics")
      writeMetrics(&json)
      json.field("coverage_pct", coveragePercent)
      json.field("coverage", coverage.rawValue)
      json.key("interval")
      if let interval {
        json.object { json in
          json.field("low", interval.low)
          json.field("high", interval.high)
          json.key("tier_certain")
          json.write(interval.isTierCertain)
        }
      } else {
        json.null()
      }
      json.key("qualitative")
      json.object { json in
        json.field("rule", qualitative.rule)
        json.field("cap", qualitative.cap)
        json.field("critical", qualitative.counts.map { Double($0.critical) })
        json.field("moderate", qualitative.counts.map { Double($0.moderate) })
        json.field("watch", qualitative.counts.map { Double($0.watch) })
        json.field("monitoring_reduction", qualitative.counts.map { Double($0.monitoringReduction) })
      }
      json.field("unscored_reason", unscoredReason)
      json.key("drivers")
      json.list { json in
        for driver in drivers { json.write(driver) }
      }
    }
    json.endLine()
    return json.bytes
  }

  private func writeMetrics(_ json: inout JSONWriter) {
    json.object { json in
      for dimension in Dimension.allCases {
        json.key(dimension.rawValue)
        json.object { json in
          for metric in dimension.metrics {
            let score = self[metric]
            json.key(metric.name)
            json.object { json in
              json.field("raw", score.observation.value)
              json.field("missing", score.observation.missingReason?.rawValue)
              json.field("score", score.score)
              json.field("weight", score.weight)
              json.field("points", score.points)
              json.field("lost", score.lost)
            }
          }
        }
      }
    }
  }
}
