import Formats
import HealthModel
import Insight
import Scoring

/// A calibration as text for the terminal.
struct CalibrationTexts {
  private let report: CalibrationReport

  init(_ report: CalibrationReport) { self.report = report }

  var text: String {
    var lines = ["\(report.rows) outcomes, \(report.events) churns"]
    if report.unmatched > 0 { lines.append("  \(report.unmatched) without a score long enough before them") }
    if !report.ignored.isEmpty { lines.append("  not numbers: \(report.ignored.joined(separator: ", "))") }
    for evaluation in report.evaluations { lines += self.lines(of: evaluation) }
    if let free = report.calibration.free, let constrained = report.calibration.constrained {
      lines += ["", "Refitted (cross-validated)"]
      lines += fit("free", free) + fit("expected signs", constrained)
      let rows = report.calibration.columns.indices.map { index in
        [
          report.calibration.columns[index], exact(free.coefficients[index]),
          "\(exact(free.low[index])) \u{2026} \(exact(free.high[index]))", exact(constrained.coefficients[index]), "",
        ]
      }
      lines += TextTable(["COLUMN", "FREE", "95 %", "EXPECTED SIGNS", ""], rows, rightAligned: [1, 2, 3]).lines.map {
        "  " + $0
      }
    }
    for contradiction in report.calibration.contradictions {
      lines.append(
        "  \(contradiction.column) works against its direction: \(exact(contradiction.coefficient)) (\(exact(contradiction.low)) \u{2026} \(exact(contradiction.high)))"
      )
    }
    lines += ["", "Verdict: \(report.calibration.verdict.rawValue)"]
    if let improvement = report.calibration.improvement {
      lines.append(
        "  the refit ranks better by \(exact(improvement.area)) (\(exact(improvement.low)) \u{2026} \(exact(improvement.high)))"
      )
    }
    switch (report.calibration.verdict, report.calibration.outcomesNeeded) {
    case (.change, _): break
    case (.tooLittle, let needed?): lines.append("  it would take about \(needed) more outcomes to tell")
    case (.tooLittle, nil) where report.events == 0: lines.append("  nobody churned, so there is nothing to tell apart")
    case (.tooLittle, nil): lines.append("  more outcomes of this kind would show nothing either")
    }
    return lines.map(\.withoutControlCharacters).joined(separator: "\n")
  }

  private func lines(of evaluation: ScoreEvaluation) -> [String] {
    let title = evaluation.horizon.map { "The score at least \($0) days before" } ?? "The score"
    var lines = ["", "\(title): \(evaluation.count) outcomes, \(evaluation.churns) churns"]
    guard let area = evaluation.area else { return lines + ["  nothing to tell without both churns and others"] }
    let range = evaluation.areaLow.flatMap { low in evaluation.areaHigh.map { " (\(exact(low)) \u{2026} \(exact($0)))" }
    }
    lines.append(
      "  AUC \(exact(area))\(range ?? ""), Brier \(exact(evaluation.brier)), log-loss \(exact(evaluation.logLoss))")
    for edge in evaluation.edges {
      lines.append("  below \(edge.tier.rawValue): precision \(exact(edge.precision)), recall \(exact(edge.recall))")
    }
    let rows = evaluation.deciles.map { decile in
      [
        "\(Shown.text(decile.from)) \u{2026} \(Shown.text(decile.to))", "\(decile.count)", exact(decile.observed),
        "\(exact(decile.low)) \u{2026} \(exact(decile.high))",
      ]
    }
    return lines + TextTable(["SCORE", "N", "CHURNED", "95 %"], rows, rightAligned: [1, 2]).lines.map { "  " + $0 }
  }

  private func fit(_ name: String, _ fit: Calibration.FitReport) -> [String] {
    ["  \(name): AUC \(exact(fit.area)), log-loss \(exact(fit.logLoss))"]
  }

  /// Three decimals; more where the number is small.
  private func exact(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "\u{2013}" }
    return Shown.text(value, decimals: value.magnitude < 0.01 && value != 0 ? 6 : 3)
  }
}
