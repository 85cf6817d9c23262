import HealthModel
import Scoring

/// A metric that can be improved, and what a move of its raw value gains.
struct FixCandidate {
  let metric: Metric
  private let entry: ScoringModel.WeightedMetric
  private let segment: Segment
  private let raw: Double
  private let normalised: Double
  private let weight: Double
  private let span: Double
  /// The move that reaches green; a whole number where ``isWhole``.
  let farthest: Double
  /// Whether it moves by whole units.
  let isWhole: Bool

  init(
    _ entry: ScoringModel.WeightedMetric, raw: Double, normalised: Double, weight: Double, segment: Segment
  ) {
    metric = entry.metric
    self.entry = entry
    self.segment = segment
    self.raw = raw
    self.normalised = normalised
    self.weight = weight
    isWhole = entry.metric.unit == .count || entry.metric.unit == .flag
    let marks = entry.thresholds(for: segment)
    span = (marks.green - marks.red).magnitude
    let distance = (marks.green - raw).magnitude
    farthest = isWhole ? FixCandidate.snapped(distance).rounded(.up) : distance
  }

  /// The points that the whole way to green gains.
  var whole: Double { gain(farthest) }

  /// The value after a move. The last step ends exactly at green.
  func value(after move: Double) -> Double {
    if move >= farthest, !isWhole { return entry.thresholds(for: segment).green }
    return entry.isLowerBetter ? raw - move : raw + move
  }

  /// The points that a move gains.
  func gain(_ move: Double) -> Double {
    move > 0 ? weight * (entry.normalise(value(after: move), for: segment) - normalised) : 0
  }

  /// The largest move within a share of the red–green span.
  func move(within share: Double) -> Double {
    // With red = green every move is infinitely far.
    guard share < .infinity, span > 0 else { return share < .infinity ? 0 : farthest }
    let move = min(farthest, share * span)
    return isWhole ? min(farthest, FixCandidate.snapped(move).rounded(.down)) : move
  }

  /// The share of the span that reaches green.
  var farthestShare: Double { span > 0 ? farthest / span : .infinity }

  /// Removes the errors of binary arithmetic before rounding to whole units.
  private static func snapped(_ value: Double) -> Double {
    let nearest = value.rounded()
    return (value - nearest).magnitude < 1e-9 * max(1, value.magnitude) ? nearest : value
  }
}

/// Finds the fewest candidates, and the smallest moves, that gain the points which are missing.
struct FixSearch {
  /// In configuration order.
  let candidates: [FixCandidate]
  /// Points of the quantitative score. Not above 0: nothing has to be gained.
  let missing: Double

  /// Far below what is shown and far above the errors of a sum.
  private static let tolerance = 1e-10

  /// In configuration order; nil where all candidates together gain too little.
  var changes: [SmallestFix.Change]? {
    guard missing > Self.tolerance else { return [] }
    let gains = candidates.map(\.whole).sorted(by: >)
    var sum = 0.0
    guard
      let last = gains.firstIndex(where: { gain in
        sum += gain; return reaches(sum)
      })
    else { return nil }
    let count = last + 1
    let share = smallestShare(of: count)
    guard let chosen = firstSet(of: count, within: share) else { return nil }
    return shrunk(chosen, within: share).map { index, move in
      let candidate = candidates[index]
      return SmallestFix.Change(
        metric: candidate.metric, from: candidate.value(after: 0), to: candidate.value(after: move))
    }
  }

  private func reaches(_ gain: Double) -> Bool { gain >= missing - Self.tolerance }

  private func gains(within share: Double) -> [Double] { candidates.map { $0.gain($0.move(within: share)) } }

  private func isEnough(_ share: Double, _ count: Int) -> Bool { isEnough(gains(within: share), count) }

  /// Sums always from the largest on: another order can differ in the last bit, and the smallest share is found to the
  /// last bit.
  private func isEnough(_ gains: [Double], _ count: Int) -> Bool {
    reaches(gains.sorted(by: >).prefix(count).reduce(0, +))
  }

  /// The smallest share of the spans within which some set of so many candidates gains enough.
  private func smallestShare(of count: Int) -> Double {
    let finite = candidates.map(\.farthestShare).filter { $0 < .infinity }.max() ?? 0
    guard isEnough(finite, count) else { return .infinity }
    return bisect(0, finite) { isEnough($0, count) }
  }

  /// The smallest value that a monotone condition holds for, to the last bit; it holds for the upper bound.
  private func bisect(_ low: Double, _ high: Double, _ holds: (Double) -> Bool) -> Double {
    var (low, high) = (low, high)
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return high }
      if holds(middle) { high = middle } else { low = middle }
    }
  }

  /// The set that stands first in configuration order among those that gain enough within the share.
  private func firstSet(of count: Int, within share: Double) -> [Int]? {
    let gains = gains(within: share)
    var chosen: [Int] = []
    for index in candidates.indices where chosen.count < count {
      let rest = gains[(index + 1)...].sorted(by: >).prefix(count - chosen.count - 1)
      guard rest.count == count - chosen.count - 1,
        isEnough(chosen.map { gains[$0] } + [gains[index]] + rest, count)
      else { continue }
      chosen.append(index)
    }
    return chosen.count == count ? chosen : nil
  }

  /// Takes back from each move what is not needed, the last one in configuration order first.
  private func shrunk(_ chosen: [Int], within share: Double) -> [(index: Int, move: Double)] {
    var moves = chosen.map { candidates[$0].move(within: share) }
    for position in chosen.indices.reversed() {
      let candidate = candidates[chosen[position]]
      let others = chosen.indices.reduce(0.0) { sum, other in
        other == position ? sum : sum + candidates[chosen[other]].gain(moves[other])
      }
      func isEnough(_ move: Double) -> Bool { reaches(others + candidate.gain(move)) }
      if candidate.isWhole {
        moves[position] = bisect(0, moves[position]) { isEnough($0.rounded(.up)) }.rounded(.up)
      } else {
        moves[position] = bisect(0, moves[position], isEnough)
      }
    }
    return Array(zip(chosen, moves)).map { (index: $0.0, move: $0.1) }
  }
}
