import Formats

/// What a value is held against.
public struct CardTarget: Codable, Sendable, Equatable {
  public enum Operator: String, Codable, CaseIterable, Sendable {
    case greater = ">"
    case atLeast = ">="
    case less = "<"
    case atMost = "<="
    case equal = "="
  }

  public var `operator`: Operator
  /// A decimal, as it was written.
  public var value: String

  /// - Parameter value: Nil is returned where it is no decimal number.
  public init?(_ operator: Operator, _ value: String) {
    guard Rational(amount: value) != nil else { return nil }
    self.operator = `operator`
    self.value = value
  }

  /// `>= 30`.
  public var words: String { "\(`operator`.rawValue) \(value)" }

  /// How a value stands to the target.
  ///
  /// - Parameter nearPercent: A value that misses by at most so many percent of the target is near.
  func status(of value: Rational, nearPercent: Rational) -> TargetStatus {
    guard let goal = Rational(amount: self.value) else { return .unknown }
    let isMet =
      switch `operator` {
      case .greater: value > goal
      case .atLeast: value >= goal
      case .less: value < goal
      case .atMost: value <= goal
      case .equal: value == goal
      }
    if isMet { return .met }
    guard let distance = value.subtracting(goal)?.magnitude,
      let band = goal.magnitude.multiplied(by: nearPercent)?.divided(by: Rational(100)),
      distance <= band, !goal.isZero
    else { return .missed }
    return .near
  }
}

public enum TargetStatus: String, Codable, Sendable {
  case met, missed
  /// Missed by little.
  case near
  /// There is no target.
  case none
  /// There is no value of today, or the target is not known.
  case unknown
}

extension Rational {
  /// A number from outside that sums and quotients are made of: below 10^15, with 12 decimals at most. Nil for others, and
  /// for what is no decimal number.
  public init?(amount text: String) {
    guard let number = Rational(decimal: text), number.magnitude < Rational(1_000_000_000_000_000),
      number.rounded(decimals: 12) == number
    else { return nil }
    self = number
  }
}
