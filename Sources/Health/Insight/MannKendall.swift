import RealModule

/// The Mann–Kendall test: whether numbers rise or fall over time, beyond chance (Mann 1945, Kendall 1975).
public enum MannKendall {
  public enum Trend: Sendable {
    case rising, falling, none
  }

  /// - Parameter values: In the order of time. Equal values are allowed for in the variance.
  /// - Returns: The trend at 5 %, two-sided.
  public static func trend(of values: [Double]) -> Trend {
    let score = statistic(values)
    guard score.variance > 0 else { return .none }
    // One is taken off, since the statistic only takes whole values.
    let size = (score.sum.magnitude - 1) / score.variance.squareRoot()
    guard score.sum != 0, size > Normal.quantile(0.975) else { return .none }
    return score.sum > 0 ? .rising : .falling
  }

  static func statistic(_ values: [Double]) -> (sum: Double, variance: Double) {
    var sum = 0.0
    for later in values.indices {
      for earlier in values.indices where earlier < later {
        sum += values[later] > values[earlier] ? 1 : values[later] < values[earlier] ? -1 : 0
      }
    }
    func term(_ count: Int) -> Double { Double(count * (count - 1) * (2 * count + 5)) }
    let ties = Dictionary(grouping: values) { $0 }.values.reduce(0) { $0 + term($1.count) }
    return (sum, (term(values.count) - ties) / 18)
  }
}
