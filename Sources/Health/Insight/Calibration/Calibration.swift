import Concurrency
import RealModule

/// Whether another weighting would have told better who churns, and whether there is enough data to say so.
public struct Calibration: Sendable {
  /// A fit's coefficients, in the table's own units: by how much one unit raises the log-odds of a churn.
  public struct FitReport: Sendable, Equatable {
    public var intercept: Double
    /// By column, in the table's order.
    public var coefficients: [Double]
    /// The 95 % interval of each coefficient, by bootstrap.
    public var low: [Double]
    public var high: [Double]
    /// By cross-validation; nil where all churned, or none.
    public var area: Double?
    public var logLoss: Double?
  }

  /// A column whose free coefficient has the wrong sign beyond chance, over the whole list of columns.
  public struct Contradiction: Sendable, Equatable {
    public var column: String
    public var coefficient: Double
    /// So wide that with 95 % probability all columns' intervals hold at once.
    public var low: Double
    public var high: Double
  }

  public enum Verdict: String, Sendable {
    case change = "change weights"
    case tooLittle = "not enough to change weights"
  }

  /// How much better the constrained fit ranks than today's score (than chance where there is none), cross-validated,
  /// with its 95 % interval.
  public struct Improvement: Sendable, Equatable {
    public var area: Double
    public var low: Double
    public var high: Double
  }

  /// Below so many churns no weights are changed.
  public static let minimumChurns = 20
  private static let folds = 5
  private static let innerFolds = 3
  private static let resamples = 200
  /// Penalties to choose from, as multiples of the information in the data. The last one leaves today's weights.
  private static let strengths = [0.0003, 0.003, 0.03, 0.3, 3, 1000]
  /// Keeps a fit finite where columns repeat one another or tell everything; far too small to be seen otherwise.
  private static let trace = 1e-5

  public let columns: [String]
  public let rows: Int
  public let churns: Int
  /// Nil where all churned, or none, or no column is left.
  public private(set) var free: FitReport?
  /// With the expected signs, and shrunk towards today's weights.
  public private(set) var constrained: FitReport?
  public private(set) var contradictions: [Contradiction] = []
  /// Nil with less than two churns or two others.
  public private(set) var improvement: Improvement?
  public private(set) var verdict = Verdict.tooLittle
  /// How many more outcomes of the same kind it would take to tell; 0 where there are enough. Nil where nobody churned, and
  /// where more of the same would show nothing either.
  public private(set) var outcomesNeeded: Int?

  /// The same table gives the same result.
  public init(_ table: CalibrationTable) async {
    columns = table.columns.map(\.name)
    rows = table.outcomes.count
    churns = table.outcomes.count { $0 }
    if churns > 0, churns < Self.minimumChurns {
      outcomesNeeded = Int((Double(Self.minimumChurns * rows) / Double(churns)).rounded(.up)) - rows
    }
    guard churns > 0, churns < rows, !table.columns.isEmpty else { return }
    let fitting = CalibrationFitting(table)
    let risks = await fitting.crossValidated()
    let reports = await fitting.reports()
    free = reports.free.report(risks.free, table.outcomes)
    constrained = reports.constrained.report(risks.constrained, table.outcomes)
    contradictions = reports.contradictions(table.columns)
    judge(risks.constrained, table)
  }

  private mutating func judge(_ risks: [Double], _ table: CalibrationTable) {
    guard
      let refitted = ReceiverOperatingCharacteristic(risks: risks, outcomes: table.outcomes),
      let today = ReceiverOperatingCharacteristic(
        risks: table.scores?.map { -$0 } ?? Array(repeating: 0, count: rows), outcomes: table.outcomes),
      let difference = refitted.difference(from: today)
    else { return }
    let reach = Normal.quantile(0.975) * difference.error
    improvement = Improvement(
      area: difference.value, low: difference.value - reach, high: difference.value + reach)
    // A fit that tells less than the mere share of churns has learnt noise, however it ranks.
    let share = Double(churns) / Double(rows)
    let base = Probabilities.logLoss(Array(repeating: share, count: rows), table.outcomes) ?? 0
    let isBetter = difference.value - reach > 0 && (constrained?.logLoss ?? .infinity) < base
    if isBetter, churns >= Self.minimumChurns {
      verdict = .change
      outcomesNeeded = 0
    } else if difference.value > 0, difference.value - reach <= 0 {
      // The interval shrinks with the square root of the outcomes.
      let ratio = reach / difference.value
      let needed = (Double(rows) * ratio * ratio).rounded(.up) - Double(rows)
      outcomesNeeded = needed < 1e9 ? max(outcomesNeeded ?? 1, Int(needed)) : outcomesNeeded
    }
  }

  /// The strengths of the penalty that a fit may choose from, scaled to the data.
  static func penalties(churns: Double, rows: Double) -> [Double] {
    let information = churns * (1 - churns / rows)
    return strengths.map { $0 * information }
  }

  static let settings = (folds: folds, innerFolds: innerFolds, resamples: resamples, trace: trace)
}
