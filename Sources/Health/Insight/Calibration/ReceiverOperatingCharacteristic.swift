/// How well a number tells those who churn from those who stay: the area under its receiver operating characteristic.
///
/// The variance is that of DeLong, DeLong and Clarke-Pearson (1988), by midranks as in Sun and Xu (2014).
struct ReceiverOperatingCharacteristic: Sendable {
  /// 0.5 tells nothing, 1 everything; equal numbers count half.
  let area: Double
  /// For each churn, the share of the others that it ranks above; for each other, the share of churns that rank above.
  private let placements: (churns: [Double], others: [Double])

  /// - Parameters:
  ///   - risks: Higher for those who are more likely to churn.
  ///   - outcomes: Whether each churned.
  /// - Returns: Nil where all churned, or none.
  init?(risks: [Double], outcomes: [Bool]) {
    var churns: [Double] = []
    var others: [Double] = []
    for (risk, churned) in zip(risks, outcomes) {
      if churned { churns.append(risk) } else { others.append(risk) }
    }
    guard !churns.isEmpty, !others.isEmpty else { return nil }
    let (m, n) = (Double(churns.count), Double(others.count))
    let all = Self.midranks(churns + others)
    let (withinChurns, withinOthers) = (Self.midranks(churns), Self.midranks(others))
    let ofChurns = churns.indices.map { (all[$0] - withinChurns[$0]) / n }
    let ofOthers = others.indices.map { 1 - (all[churns.count + $0] - withinOthers[$0]) / m }
    area = ofChurns.reduce(0, +) / m
    placements = (ofChurns, ofOthers)
  }

  /// The 95 % interval, cut to 0…1; nil with less than two churns or two others.
  var interval: (low: Double, high: Double)? {
    guard let variance = covariance(with: self) else { return nil }
    let reach = Normal.quantile(0.975) * variance.squareRoot()
    return (max(0, area - reach), min(1, area + reach))
  }

  /// The difference of this area and another one over the same accounts in the same order, with its standard error; nil
  /// with less than two churns or two others.
  func difference(from other: ReceiverOperatingCharacteristic) -> (value: Double, error: Double)? {
    guard let own = covariance(with: self), let theirs = other.covariance(with: other),
      let shared = covariance(with: other)
    else { return nil }
    return (area - other.area, max(0, own + theirs - 2 * shared).squareRoot())
  }

  private func covariance(with other: ReceiverOperatingCharacteristic) -> Double? {
    guard placements.churns.count > 1, placements.others.count > 1 else { return nil }
    return Self.covariance(placements.churns, other.placements.churns) / Double(placements.churns.count)
      + Self.covariance(placements.others, other.placements.others) / Double(placements.others.count)
  }

  private static func covariance(_ left: [Double], _ right: [Double]) -> Double {
    let count = Double(left.count)
    let (leftMean, rightMean) = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    var sum = 0.0
    for index in left.indices { sum += (left[index] - leftMean) * (right[index] - rightMean) }
    return sum / (count - 1)
  }

  /// Ranks from 1; equal values share the mean of theirs.
  private static func midranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }
}
