import RealModule

/// Logistic regression by Newton's method, with a quadratic penalty around a prior and with signs that coefficients must
/// have.
struct LogisticRegression: Sendable {
  /// What a coefficient may be.
  enum Sign: Sendable {
    case any, positive, negative

    func allowed(_ value: Double) -> Double {
      switch self {
      case .any: value
      case .positive: max(0, value)
      case .negative: min(0, value)
      }
    }
  }

  /// Intercept and coefficients of the standardised columns.
  struct Fit: Sendable, Equatable {
    var intercept: Double
    var coefficients: [Double]

    static func zero(_ count: Int) -> Fit { Fit(intercept: 0, coefficients: Array(repeating: 0, count: count)) }
  }

  let matrix: DesignMatrix
  let outcomes: [Bool]
  var signs: [Sign]
  /// Where the penalty is 0.
  var prior: [Double]
  /// Half of it times the squared distance to the prior is added to the negative log-likelihood.
  var penalty: Double

  private static let maximumSteps = 60

  /// The minimum; the same for the same input.
  ///
  /// - Parameters:
  ///   - weights: How often each row counts; 0 leaves it out.
  ///   - start: Where the search begins.
  func fit(weights: [Double], from start: Fit? = nil) -> Fit {
    var fit = start ?? .zero(matrix.columnCount)
    for index in signs.indices { fit.coefficients[index] = signs[index].allowed(fit.coefficients[index]) }
    var loss = loss(of: fit, weights)
    for _ in 0..<Self.maximumSteps {
      let (gradient, hessian) = derivatives(of: fit, weights)
      let step = step(from: fit, gradient, hessian)
      let slope = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      guard slope < -1e-13 * max(1, loss.magnitude) else { break }
      var length = 1.0
      var next = moved(fit, step, length)
      var nextLoss = self.loss(of: next, weights)
      while nextLoss > loss + 1e-4 * length * slope, length > 1e-8 {
        length /= 2
        next = moved(fit, step, length)
        nextLoss = self.loss(of: next, weights)
      }
      guard nextLoss < loss else { break }
      (fit, loss) = (next, nextLoss)
    }
    return fit
  }

  /// The log-odds of a churn, row by row.
  func predictors(of fit: Fit) -> [Double] {
    matrix.values.withUnsafeBufferPointer { values in
      (0..<matrix.rowCount).map { row in
        var sum = fit.intercept
        let base = row * matrix.columnCount
        for column in 0..<matrix.columnCount { sum += values[base + column] * fit.coefficients[column] }
        return sum
      }
    }
  }

  /// The standard error of each coefficient of the columns, from the curvature of the likelihood at a fit.
  func errors(of fit: Fit, weights: [Double]) -> [Double] {
    let hessian = derivatives(of: fit, weights).hessian
    let size = matrix.columnCount + 1
    return (1..<size).map { column in
      var unit = [Double](repeating: 0, count: size)
      unit[column] = -1
      return max(0, solution(unit, hessian, holding: [:])[column]).squareRoot()
    }
  }

  private func moved(_ fit: Fit, _ step: [Double], _ length: Double) -> Fit {
    var moved = fit
    moved.intercept += length * step[0]
    for index in signs.indices {
      // A full step ends exactly at a bound; binary arithmetic must not carry it beyond.
      moved.coefficients[index] = signs[index].allowed(fit.coefficients[index] + length * step[index + 1])
    }
    return moved
  }

  private func loss(of fit: Fit, _ weights: [Double]) -> Double {
    var sum = 0.0
    for (row, predictor) in predictors(of: fit).enumerated() where weights[row] > 0 {
      sum += weights[row] * .softplus(outcomes[row] ? -predictor : predictor)
    }
    for index in prior.indices {
      let distance = fit.coefficients[index] - prior[index]
      sum += penalty / 2 * distance * distance
    }
    return sum
  }

  /// The gradient, and the lower triangle of the second derivatives row by row; the intercept comes first.
  private func derivatives(of fit: Fit, _ weights: [Double]) -> (gradient: [Double], hessian: [Double]) {
    let size = matrix.columnCount + 1
    var gradient = [Double](repeating: 0, count: size)
    var hessian = [Double](repeating: 0, count: size * size)
    let predictors = predictors(of: fit)
    matrix.values.withUnsafeBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        hessian.withUnsafeMutableBufferPointer { hessian in
          for row in 0..<matrix.rowCount where weights[row] > 0 {
            let probability = Double.logistic(predictors[row])
            let residual = weights[row] * (probability - (outcomes[row] ? 1 : 0))
            let curvature = weights[row] * probability * (1 - probability)
            let base = row * matrix.columnCount
            gradient[0] += residual
            hessian[0] += curvature
            for left in 1..<size {
              let value = values[base + left - 1]
              gradient[left] += residual * value
              let scaled = curvature * value
              let start = left * size
              hessian[start] += scaled
              for right in 1...left { hessian[start + right] += scaled * values[base + right - 1] }
            }
          }
        }
      }
    }
    for index in prior.indices {
      gradient[index + 1] += penalty * (fit.coefficients[index] - prior[index])
      hessian[(index + 1) * size + index + 1] += penalty
    }
    return (gradient, hessian)
  }

  /// The step to the minimum of the quadratic approximation within the signs. Coefficients that would leave them are held
  /// at their bound, and released where the gradient pulls them back.
  private func step(from fit: Fit, _ gradient: [Double], _ hessian: [Double]) -> [Double] {
    let size = gradient.count
    var held: [Int: Double] = [:]
    var step = [Double](repeating: 0, count: size)
    for _ in 0..<(3 * size + 3) {
      step = solution(gradient, hessian, holding: held)
      var isFeasible = true
      for index in 1..<size where held[index] == nil {
        let value = fit.coefficients[index - 1]
        if signs[index - 1].allowed(value + step[index]) != value + step[index] {
          held[index] = -value
          isFeasible = false
        }
      }
      guard isFeasible else { continue }
      let pulls = held.keys.map { index -> (index: Int, pull: Double) in
        var slope = gradient[index]
        for other in 0..<size {
          slope += hessian[max(index, other) * size + min(index, other)] * step[other]
        }
        return (index, signs[index - 1] == .positive ? -slope : slope)
      }
      guard let free = pulls.filter({ $0.pull > 1e-9 }).max(by: { ($0.pull, $1.index) < ($1.pull, $0.index) }) else {
        return step
      }
      held[free.index] = nil
    }
    // Not settled in so many rounds: the move keeps the signs, and the line search takes only what lowers the loss.
    return step
  }

  /// Solves H·s = −g for the coefficients that are not held, by Cholesky's decomposition.
  private func solution(_ gradient: [Double], _ hessian: [Double], holding held: [Int: Double]) -> [Double] {
    let size = gradient.count
    let free = (0..<size).filter { held[$0] == nil }
    let count = free.count
    var factor = [Double](repeating: 0, count: count * count)
    var right = free.map { index in
      held.reduce(-gradient[index]) { sum, entry in
        sum - hessian[max(index, entry.key) * size + min(index, entry.key)] * entry.value
      }
    }
    for row in 0..<count {
      for column in 0...row {
        var sum = hessian[free[row] * size + free[column]]
        for index in 0..<column { sum -= factor[row * count + index] * factor[column * count + index] }
        if row == column {
          // Columns that depend on one another: a tiny pivot would only blow up noise.
          let scale = hessian[free[row] * size + free[row]]
          factor[row * count + row] = max(sum, max(scale, 1e-8) * 1e-12).squareRoot()
        } else {
          factor[row * count + column] = sum / factor[column * count + column]
        }
      }
    }
    for row in 0..<count {
      for index in 0..<row { right[row] -= factor[row * count + index] * right[index] }
      right[row] /= factor[row * count + row]
    }
    for row in stride(from: count - 1, through: 0, by: -1) {
      for index in (row + 1)..<max(row + 1, count) { right[row] -= factor[index * count + row] * right[index] }
      right[row] /= factor[row * count + row]
    }
    var step = [Double](repeating: 0, count: size)
    for (position, index) in free.enumerated() { step[index] = right[position] }
    for (index, value) in held { step[index] = value }
    return step
  }
}
