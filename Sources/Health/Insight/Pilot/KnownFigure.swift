import Formats
import HealthModel

/// What a customer-success manager knows of an account: a metric's value, or the tier that it should be in.
public struct KnownFigure: Sendable, Equatable {
  public enum Figure: Sendable, Equatable {
    /// - Parameter tolerance: How far the extracted value may lie from it.
    case value(Metric, Double, tolerance: Double)
    case tier(Tier)
  }

  /// A Salesforce id in its 18-character form, any other id as it is.
  public var accountID: String
  public var figure: Figure

  static let columns = ["account_id", "metric", "value", "tolerance", "expected_tier"]

  /// Reads a CSV file with the columns `account_id,metric,value,tolerance,expected_tier`; `metric` is
  /// `dimension.metric`. A row has a value, an expected tier, or both. Without a tolerance a value is as exact as it is
  /// written: 3.2 stands for 3.15 to 3.25, and 4 for 4.
  ///
  /// - Throws: ``RowProblems`` with every row that can't be used.
  public static func reading(_ bytes: [UInt8]) throws -> [KnownFigure] {
    let file = try CSVTable(bytes)
    guard file.header.contains("account_id"), file.header.contains("metric") || file.header.contains("expected_tier")
    else {
      throw RowProblems(["1: expected the columns \(columns.joined(separator: ","))"])
    }
    var figures: [KnownFigure] = []
    var problems: [String] = []
    for row in file.rows {
      func note(_ text: String) { problems.append("\(row.line): \(text)") }
      guard let text = file.text("account_id", row) else {
        note("account_id is empty")
        continue
      }
      let id = SalesforceID(text)?.description ?? text
      let before = (figures.count, problems.count)
      if let name = file.text("metric", row) {
        let value = file.text("value", row)
        let tolerance = file.text("tolerance", row)
        let metric = Metric.allCases.first { $0.path == name }
        if metric == nil { note("metric: there is no \(name), expected a name such as support_health.csat_score") }
        let number = value.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
        if number == nil { note("value is not a number") }
        let limit =
          tolerance.map { Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil } }
          ?? value.map { $0.precision(of: metric?.unit) }
        if limit == nil, tolerance != nil { note("tolerance is not a number from 0 on") }
        if let metric, let number, let limit {
          figures.append(KnownFigure(accountID: id, figure: .value(metric, number, tolerance: limit)))
        }
      }
      if file.text("metric", row) == nil, file.text("value", row) != nil || file.text("tolerance", row) != nil {
        note("there is a value and no metric")
      }
      if let name = file.text("expected_tier", row) {
        if let tier = Tier.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
          figures.append(KnownFigure(accountID: id, figure: .tier(tier)))
        } else {
          note("expected_tier is none of \(Tier.allCases.map(\.rawValue).joined(separator: ", "))")
        }
      }
      if before == (figures.count, problems.count) { note("expected a metric with a value, or an expected_tier") }
    }
    guard problems.isEmpty else { throw RowProblems(problems) }
    guard !figures.isEmpty else { throw RowProblems(["1: there is no row below the header"]) }
    return figures
  }
}

extension String {
  /// How far a number may lie from the one that is written here and still be written so: 0.05 for `3.2`. A number without
  /// decimals is exact, except for percentages, seconds and days, which people round.
  fileprivate func precision(of unit: MetricUnit?) -> Double {
    guard !lowercased().contains("e") else { return 0 }
    guard let point = firstIndex(of: ".") else {
      return [.percent, .seconds, .days].contains(unit) ? 0.5 : 0
    }
    return (0..<distance(from: index(after: point), to: endIndex)).reduce(0.5) { size, _ in size / 10 }
  }
}
