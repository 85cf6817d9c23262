import RealModule

/// The standard normal distribution.
enum Normal {
  /// The probability of a value up to this one.
  static func cumulative(_ value: Double) -> Double { Double.erfc(-value / 2.0.squareRoot()) / 2 }

  /// The value that a share of all values is below.
  ///
  /// - Parameter share: Above 0 and below 1.
  static func quantile(_ share: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    while high - low > 1e-14 * max(1, low.magnitude) {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if cumulative(middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension Double {
  /// 1 / (1 + e^−x), without overflow.
  static func logistic(_ value: Double) -> Double {
    guard value < 0 else { return 1 / (1 + .exp(-value)) }
    let power = Double.exp(value)
    return power / (1 + power)
  }

  /// ln(1 + e^x), without overflow.
  static func softplus(_ value: Double) -> Double { max(value, 0) + .log(onePlus: .exp(-value.magnitude)) }
}

/// Numbers that are the same in every run (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
