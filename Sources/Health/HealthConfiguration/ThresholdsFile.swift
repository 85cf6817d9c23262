import ConfigurationReading
import HealthModel
import Scoring

/// `thresholds.yaml`: thresholds of metrics, tiers, coverage limits, qualitative rules and segments.
struct ThresholdsFile {
  /// What `metrics` says of one metric.
  struct Marks {
    var isLowerBetter: Bool
    var isMovable: Bool
    var paid: ScoringModel.Thresholds
    var standard: ScoringModel.Thresholds
  }

  var thresholds: [Metric: Marks] = [:]
  var tiers: ScoringModel.TierBounds
  var coverage: ScoringModel.Coverage
  var qualitative: ScoringModel.QualitativeRules
  var paidMinimumARR: Double

  init(_ document: ConfigurationSection, weighted: [Metric]) {
    paidMinimumARR = document.required("segments").section { $0.required("paid_minimum_arr").number(in: 0...1e15) }
    tiers = document.required("tiers").section { section in
      let tiers = ScoringModel.TierBounds(
        champion: section.required("champion").number(in: 0...100),
        healthy: section.required("healthy").number(in: 0...100),
        atRisk: section.required("at_risk").number(in: 0...100))
      if !(tiers.champion > tiers.healthy && tiers.healthy > tiers.atRisk) {
        section.reader.note(
          "tiers are out of order, expected champion > healthy > at_risk", at: section.path, section.mark)
      }
      return tiers
    }
    coverage = document.required("coverage").section { section in
      let coverage = ScoringModel.Coverage(
        full: section.required("full_pct").number(in: 0...100),
        partial: section.required("partial_pct").number(in: 0...100),
        minimum: section.required("minimum_pct").number(in: 0...100),
        dimensionMinimum: section.required("dimension_minimum_pct").number(in: 0...100))
      if coverage.partial > coverage.full {
        section.reader.note(
          "coverage is out of order, expected full_pct above partial_pct", at: section.path, section.mark)
      }
      return coverage
    }
    qualitative = document.required("qualitative").section(ThresholdsFile.qualitative)
    var found: [Metric: Marks] = [:]
    document.required("metrics").section { section in
      for dimension in Dimension.allCases {
        guard let field = section.optional(dimension.rawValue) else {
          if weighted.contains(where: { $0.dimension == dimension }) {
            _ = section.required(dimension.rawValue).section()
          }
          continue
        }
        field.section { metrics in
          for metric in dimension.metrics {
            let field = metrics.optional(metric.name)
            guard field != nil || weighted.contains(metric) else { continue }
            found[metric] = (field ?? metrics.required(metric.name)).section(ThresholdsFile.metric)
          }
        }
      }
    }
    thresholds = found
    document.close()
  }

  private static func metric(_ section: ConfigurationSection) -> Marks {
    let isLowerBetter = section.required("lower_is_better").flag()
    let isMovable = section.optional("movable")?.flag() ?? true
    section.approval()
    func thresholds(_ segment: Segment) -> ScoringModel.Thresholds {
      section.required(segment.rawValue).section { marks in
        let range = -1e15...1e15
        let green = marks.required("green").number(in: range)
        let yellow = marks.required("yellow").number(in: range)
        let red = marks.required("red").number(in: range)
        let isOrdered = isLowerBetter ? green <= yellow && yellow <= red : green >= yellow && yellow >= red
        if !isOrdered {
          let order = isLowerBetter ? "green \u{2264} yellow \u{2264} red" : "green \u{2265} yellow \u{2265} red"
          marks.reader.note("thresholds are out of order, expected \(order)", at: marks.path, marks.mark)
        }
        return ScoringModel.Thresholds(green: green, yellow: yellow, red: red)
      }
    }
    return Marks(
      isLowerBetter: isLowerBetter, isMovable: isMovable, paid: thresholds(.paid), standard: thresholds(.standard))
  }

  private enum SeverityName: String, CaseIterable {
    case critical, moderate, watch
  }

  private static func qualitative(_ section: ConfigurationSection) -> ScoringModel.QualitativeRules {
    let rules = section.required("rules").items().map { item in
      item.section { rule in
        ScoringModel.QualitativeRule(
          name: rule.required("name").identifier(),
          severity: ChurnSignal.Severity(named: rule.required("severity").choice(SeverityName.self).rawValue)
            ?? .critical,
          minimumCount: rule.required("at_least").wholeNumber(in: 1...1000),
          requiresConfirmation: rule.optional("confirmed")?.flag() ?? false,
          cap: rule.required("cap").number(in: 0...100))
      }
    }
    let days = section.required("expiry_days").section { expiry in
      SeverityName.allCases.map { name -> Int? in
        let field = expiry.required(name.rawValue)
        if case .scalar("never", _) = field.node?.content { return nil }
        return field.wholeNumber(in: 0...36_500)
      }
    }
    return ScoringModel.QualitativeRules(
      rules: rules, watchDays: days[2], moderateDays: days[1], criticalDays: days[0],
      unavailableLowCap: section.required("unavailable_low_cap").number(in: 0...100))
  }
}
