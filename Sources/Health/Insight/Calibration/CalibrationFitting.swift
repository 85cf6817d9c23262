import Concurrency
import RealModule

/// The two fits over one table: as the whole, over folds, and over resamples.
struct CalibrationFitting: Sendable {
  private let table: CalibrationTable
  private let matrix: DesignMatrix
  private let signs: [LogisticRegression.Sign]
  private let everyRow: [Double]

  private typealias Fit = LogisticRegression.Fit

  init(_ table: CalibrationTable) {
    self.table = table
    matrix = DesignMatrix(table.columns.map(\.values), rowCount: table.outcomes.count)
    // Coefficients raise the log-odds of a churn.
    signs = table.columns.map { column in
      switch column.direction {
      case .higherIsBetter: .negative
      case .lowerIsBetter: .positive
      case .unknown: .any
      }
    }
    everyRow = Array(repeating: 1, count: table.outcomes.count)
  }

  /// The same of both fits, such as each row's log-odds.
  struct Both: Sendable {
    var free: [Double]
    var constrained: [Double]
  }

  // MARK: The two fits

  private func free(_ weights: [Double], from start: Fit? = nil) -> Fit {
    LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: signs.map { _ in .any },
      prior: Array(repeating: 0, count: signs.count), penalty: Calibration.settings.trace
    ).fit(weights: weights, from: start)
  }

  private func constrained(_ penalty: Double, _ prior: Fit, _ weights: [Double], from start: Fit? = nil) -> Fit {
    LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: signs, prior: prior.coefficients,
      penalty: max(penalty, Calibration.settings.trace)
    ).fit(weights: weights, from: start ?? prior)
  }

  /// Today's weights as coefficients: the direction of the score, in the size that fits the rows best. All 0 where the
  /// columns have no weights.
  private func prior(_ weights: [Double]) -> Fit {
    let today = table.columns.indices.map { index -> Double in
      guard let weight = table.columns[index].weight else { return 0 }
      let sign: Double = table.columns[index].direction == .lowerIsBetter ? 1 : -1
      return sign * weight * matrix.scales[index]
    }
    guard today.contains(where: { $0 != 0 }) else { return .zero(today.count) }
    let risks = (0..<matrix.rowCount).map { row in
      today.indices.reduce(0.0) { $0 + matrix.values[row * matrix.columnCount + $1] * today[$1] }
    }
    let line = LogisticRegression(
      matrix: DesignMatrix([risks], rowCount: risks.count), outcomes: table.outcomes, signs: [.positive], prior: [0],
      penalty: Calibration.settings.trace)
    let slope = line.fit(weights: weights)
    let size = slope.coefficients[0] / line.matrix.scales[0]
    return Fit(intercept: slope.intercept, coefficients: today.map { $0 * size })
  }

  /// The penalty with the smallest cross-validated log-loss within these rows; the stronger one of two equal ones.
  private func penalty(_ prior: Fit, _ weights: [Double], seed: UInt64) -> Double {
    let churns = zip(weights, table.outcomes).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    let penalties = Calibration.penalties(churns: churns, rows: weights.reduce(0, +))
    let folds = folds(Calibration.settings.innerFolds, within: weights, seed: seed)
    var losses = [Double](repeating: 0, count: penalties.count)
    for fold in 0..<Calibration.settings.innerFolds {
      let training = weights.indices.map { folds[$0] == fold ? 0 : weights[$0] }
      var start: Fit?
      for (position, penalty) in penalties.enumerated().reversed() {
        let fit = constrained(penalty, prior, training, from: start)
        start = fit
        losses[position] += loss(of: fit, weights) { folds[$0] == fold }
      }
    }
    let best = losses.indices.min { (losses[$0], $1) < (losses[$1], $0) }
    return penalties[best ?? 0]
  }

  private func loss(of fit: Fit, _ weights: [Double], where isMeant: (Int) -> Bool) -> Double {
    predictors(of: fit).enumerated().reduce(0) { sum, entry in
      let (row, predictor) = entry
      guard weights[row] > 0, isMeant(row) else { return sum }
      return sum + weights[row] * .softplus(table.outcomes[row] ? -predictor : predictor)
    }
  }

  private func predictors(of fit: Fit) -> [Double] {
    LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: signs, prior: fit.coefficients, penalty: 0
    ).predictors(of: fit)
  }

  /// A fold for each row: churns and others are dealt out evenly, in a shuffled order.
  private func folds(_ count: Int, within weights: [Double], seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    var folds = [Int](repeating: -1, count: weights.count)
    var next = 0
    for churned in [true, false] {
      let rows = weights.indices.filter { weights[$0] > 0 && table.outcomes[$0] == churned }
      for row in rows.shuffled(using: &generator) {
        folds[row] = next % count
        next += 1
      }
    }
    return folds
  }

  // MARK: Cross-validation

  /// The log-odds of every row from fits that have not seen it. The penalty too is chosen without it.
  func crossValidated() async -> Both {
    let folds = folds(Calibration.settings.folds, within: everyRow, seed: 1)
    let none = [Double](repeating: 0, count: everyRow.count)
    var risks = Both(free: none, constrained: none)
    await concurrently(0..<Calibration.settings.folds) { fold in
      let training = everyRow.indices.map { folds[$0] == fold ? 0 : everyRow[$0] }
      let prior = prior(training)
      let penalty = penalty(prior, training, seed: UInt64(fold + 2))
      return Both(
        free: predictors(of: free(training)), constrained: predictors(of: constrained(penalty, prior, training)))
    } each: { fold, result in
      guard case .success(let both) = result else { return }
      for row in everyRow.indices where folds[row] == fold {
        risks.free[row] = both.free[row]
        risks.constrained[row] = both.constrained[row]
      }
    }
    return risks
  }

  // MARK: Coefficients and their intervals

  /// A fit and the spread of its coefficients, in the table's own units.
  struct Spread: Sendable {
    var intercept: Double
    var coefficients: [Double]
    /// Of the resamples; each has one coefficient per column.
    var samples: [[Double]]
    /// From the curvature of the likelihood; only of the free fit.
    var errors: [Double]

    func report(_ risks: [Double], _ outcomes: [Bool]) -> Calibration.FitReport {
      let sorted = coefficients.indices.map { column in samples.map { $0[column] }.sorted() }
      return Calibration.FitReport(
        intercept: intercept, coefficients: coefficients, low: sorted.map { Self.quantile($0, 0.025) },
        high: sorted.map { Self.quantile($0, 0.975) },
        area: ReceiverOperatingCharacteristic(risks: risks, outcomes: outcomes)?.area,
        logLoss: Probabilities.logLoss(risks.map { .logistic($0) }, outcomes))
    }

    /// Between the two nearest values.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
      guard let last = sorted.last else { return .nan }
      let place = share * Double(sorted.count - 1)
      let index = Int(place)
      guard index + 1 < sorted.count else { return last }
      return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }

    /// The standard error: the larger of the two ways to tell it.
    func error(_ column: Int) -> Double {
      let values = samples.map { $0[column] }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
      return max(variance.squareRoot(), errors[column])
    }
  }

  struct Reports: Sendable {
    var free: Spread
    var constrained: Spread

    /// Columns with an expected direction whose interval lies on the wrong side. The intervals are so wide that a list
    /// without any truth names a column in 5 % of all cases (Bonferroni).
    func contradictions(_ columns: [CalibrationTable.Column]) -> [Calibration.Contradiction] {
      let directed = columns.indices.filter { columns[$0].direction != .unknown }
      guard !directed.isEmpty else { return [] }
      let width = Normal.quantile(1 - 0.05 / Double(2 * directed.count))
      return directed.compactMap { index in
        let (value, reach) = (free.coefficients[index], width * free.error(index))
        let isWrong = columns[index].direction == .lowerIsBetter ? value + reach < 0 : value - reach > 0
        guard isWrong else { return nil }
        return .init(column: columns[index].name, coefficient: value, low: value - reach, high: value + reach)
      }
    }
  }

  func reports() async -> Reports {
    let prior = prior(everyRow)
    let penalty = penalty(prior, everyRow, seed: 7)
    let whole = (free: free(everyRow), constrained: constrained(penalty, prior, everyRow))
    var samples: [Int: Both] = [:]
    await concurrently(0..<Calibration.settings.resamples, atMost: 4) { index in
      let weights = resampled(seed: UInt64(index + 100))
      let free = free(weights, from: whole.free)
      let constrained = constrained(penalty, prior, weights, from: whole.constrained)
      return Both(free: own(free.coefficients), constrained: own(constrained.coefficients))
    } each: { index, result in
      if case .success(let both) = result { samples[index] = both }
    }
    let ordered = samples.sorted { $0.key < $1.key }.map(\.value)
    func spread(_ fit: Fit, _ samples: [[Double]], errors: [Double]) -> Spread {
      let coefficients = own(fit.coefficients)
      let shift = zip(coefficients, matrix.means).reduce(0) { $0 + $1.0 * $1.1 }
      return Spread(
        intercept: fit.intercept - shift, coefficients: coefficients, samples: samples, errors: errors)
    }
    return Reports(
      free: spread(whole.free, ordered.map(\.free), errors: own(curvatureErrors(whole.free))),
      constrained: spread(
        whole.constrained, ordered.map(\.constrained), errors: Array(repeating: 0, count: signs.count)))
  }

  private func own(_ standardised: [Double]) -> [Double] { zip(standardised, matrix.scales).map { $0 / $1 } }

  private func curvatureErrors(_ fit: Fit) -> [Double] {
    LogisticRegression(
      matrix: matrix, outcomes: table.outcomes, signs: signs.map { _ in .any }, prior: fit.coefficients,
      penalty: Calibration.settings.trace
    ).errors(of: fit, weights: everyRow)
  }

  /// How often each row is drawn when as many rows are drawn with replacement, of churns and of others each.
  private func resampled(seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    var weights = [Double](repeating: 0, count: everyRow.count)
    for churned in [true, false] {
      let rows = everyRow.indices.filter { table.outcomes[$0] == churned }
      for _ in rows { weights[rows[Int.random(in: 0..<rows.count, using: &generator)]] += 1 }
    }
    return weights
  }
}
