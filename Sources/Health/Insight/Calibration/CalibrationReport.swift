import Formats
import HealthModel

/// A calibration with everything that is told of it.
public struct CalibrationReport: Sendable {
  /// Rows of the file.
  public var rows: Int
  /// Rows that churned.
  public var events: Int
  /// Columns that are not numbers.
  public var ignored: [String]
  /// Outcomes without a score before them.
  public var unmatched: Int
  public var evaluations: [ScoreEvaluation]
  public var calibration: Calibration

  /// Of a flat file of numbers.
  ///
  /// - Parameter bounds: The lower bounds of the tiers, for a table with scores.
  public init(table: CalibrationTable, ignored: [String], bounds: [(tier: Tier, bound: Double)]) async {
    rows = table.outcomes.count
    events = table.outcomes.count { $0 }
    self.ignored = ignored
    unmatched = 0
    evaluations =
      table.scores.map { [ScoreEvaluation(horizon: nil, scores: $0, outcomes: table.outcomes, bounds: bounds)] } ?? []
    calibration = await Calibration(table)
  }

  /// Of outcomes and the stored months.
  public init(_ history: OutcomeHistory, outcomes: [Outcome]) async {
    rows = outcomes.count
    events = outcomes.count { $0.kind == .churned }
    ignored = []
    unmatched = history.unmatched
    evaluations = history.evaluations
    calibration = await Calibration(history.table)
  }

  /// One line of JSON, with its line feed.
  public var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.field("rows", Double(rows))
      json.field("events", Double(events))
      json.key("ignored")
      json.list { json in
        for name in ignored { json.write(name) }
      }
      json.field("unmatched", Double(unmatched))
      json.key("evaluation")
      json.list { json in
        for evaluation in evaluations { evaluation.write(to: &json) }
      }
      json.key("fits")
      json.object { json in
        for (name, fit) in [("free", calibration.free), ("constrained", calibration.constrained)] {
          json.key(name)
          if let fit { fit.write(to: &json, calibration.columns) } else { json.null() }
        }
      }
      json.key("contradictions")
      json.list { json in
        for contradiction in calibration.contradictions {
          json.object { json in
            json.field("metric", contradiction.column)
            json.field("coefficient", contradiction.coefficient)
            json.field("low", contradiction.low)
            json.field("high", contradiction.high)
          }
        }
      }
      json.key("improvement")
      json.object { json in
        json.field("auc", calibration.improvement?.area)
        json.field("low", calibration.improvement?.low)
        json.field("high", calibration.improvement?.high)
      }
      json.field("verdict", calibration.verdict.rawValue)
      json.field("outcomes_needed", calibration.outcomesNeeded.map { Double($0) })
    }
    json.endLine()
    return json.bytes
  }
}

extension Calibration.FitReport {
  fileprivate func write(to json: inout JSONWriter, _ columns: [String]) {
    json.object { json in
      json.field("intercept", intercept)
      for (name, values) in [("coefficients", coefficients), ("low", low), ("high", high)] {
        json.key(name)
        json.object { json in
          for (column, value) in zip(columns, values) { json.field(column, value) }
        }
      }
      json.field("auc", area)
      json.field("log_loss", logLoss)
    }
  }
}

extension ScoreEvaluation {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("horizon", horizon.map { Double($0) })
      json.field("n", Double(count))
      json.field("churns", Double(churns))
      json.field("auc", area)
      json.field("auc_low", areaLow)
      json.field("auc_high", areaHigh)
      json.field("brier", brier)
      json.field("log_loss", logLoss)
      json.key("edges")
      json.list { json in
        for edge in edges {
          json.object { json in
            json.field("tier", edge.tier.rawValue)
            json.field("precision", edge.precision)
            json.field("recall", edge.recall)
          }
        }
      }
      json.key("reliability")
      json.list { json in
        for decile in deciles {
          json.object { json in
            json.field("from", decile.from)
            json.field("to", decile.to)
            json.field("n", Double(decile.count))
            json.field("observed", decile.observed)
            json.field("low", decile.low)
            json.field("high", decile.high)
          }
        }
      }
    }
  }
}
