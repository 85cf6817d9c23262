/// An exact fraction, for money and means. Every operation gives nil where the result does not fit into 128 bits, which no
/// sum of money comes near.
public struct Rational: Sendable, Hashable {
  /// In lowest terms.
  private let numerator: Int128
  /// Positive.
  private let denominator: Int128

  public static let zero = Rational(0)

  public init(_ whole: Int) {
    numerator = Int128(whole)
    denominator = 1
  }

  /// - Returns: Nil for a denominator of 0.
  public init?(_ numerator: Int128, over denominator: Int128) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    let sign: Int128 = denominator < 0 ? -1 : 1
    let divisor = Self.greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
    self.numerator = sign * numerator / Int128(divisor)
    self.denominator = sign * denominator / Int128(divisor)
  }

  /// A decimal number as JSON and people write it: `-12.50`, `1e3`. Nil for anything else, and for more than 30 digits.
  public init?(decimal text: String) {
    var digits: Int128 = 0
    var count = 0
    var scale = 0
    var rest = text.utf8[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    var isFraction = false
    while let byte = rest.first {
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else if (48...57).contains(byte) {
        count += 1
        if isFraction { scale += 1 }
        guard count <= 30 else { return nil }
        digits = digits * 10 + Int128(byte - 48)
      } else {
        break
      }
      rest.removeFirst()
    }
    guard count > 0 else { return nil }
    if let sign = rest.first {
      guard sign | 0x20 == UInt8(ascii: "e"), let exponent = Int(String(Substring(rest.dropFirst()))),
        (-30...30).contains(exponent)
      else { return nil }
      scale -= exponent
    }
    let signed = isNegative ? -digits : digits
    guard let power = Self.powerOfTen(abs(scale)) else { return nil }
    if scale >= 0 {
      self.init(signed, over: power)
    } else {
      let (product, overflow) = signed.multipliedReportingOverflow(by: power)
      guard !overflow else { return nil }
      self.init(product, over: 1)
    }
  }

  public func adding(_ other: Rational) -> Rational? {
    let divisor = Int128(Self.greatestCommonDivisor(denominator.magnitude, other.denominator.magnitude))
    let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator / divisor)
    let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator / divisor)
    let (sum, third) = left.addingReportingOverflow(right)
    let (below, fourth) = denominator.multipliedReportingOverflow(by: other.denominator / divisor)
    return first || second || third || fourth ? nil : Rational(sum, over: below)
  }

  public func subtracting(_ other: Rational) -> Rational? {
    Rational(-other.numerator, over: other.denominator).flatMap { adding($0) }
  }

  public func multiplied(by other: Rational) -> Rational? {
    // Cross-cancelling first keeps the products small.
    guard let first = Rational(numerator, over: other.denominator),
      let second = Rational(other.numerator, over: denominator)
    else { return nil }
    let (above, left) = first.numerator.multipliedReportingOverflow(by: second.numerator)
    let (below, right) = first.denominator.multipliedReportingOverflow(by: second.denominator)
    return left || right ? nil : Rational(above, over: below)
  }

  public func divided(by other: Rational) -> Rational? {
    Rational(other.denominator, over: other.numerator).flatMap { multiplied(by: $0) }
  }

  public var isNegative: Bool { numerator < 0 }

  public var isPositive: Bool { numerator > 0 }

  /// Rounded to so many decimals, half to even.
  public func rounded(decimals: Int) -> Rational? {
    guard let power = Self.powerOfTen(decimals), let scaled = multiplied(by: Rational(power)) else { return nil }
    var (whole, rest) = scaled.numerator.quotientAndRemainder(dividingBy: scaled.denominator)
    let twice = rest.magnitude.multipliedReportingOverflow(by: 2)
    guard !twice.overflow else { return nil }
    let half = twice.partialValue
    if half > scaled.denominator.magnitude || (half == scaled.denominator.magnitude && whole % 2 != 0) {
      whole += rest < 0 ? -1 : 1
    }
    rest = 0
    return Rational(whole, over: power)
  }

  /// All decimals, without zeros at the end: `12.5`. Nil for a fraction without end, such as a third.
  public var decimalText: String? {
    var scale = 0
    var power: Int128 = 1
    while power % denominator != 0 {
      scale += 1
      guard scale <= 30, let next = Self.powerOfTen(scale) else { return nil }
      power = next
    }
    let (digits, overflow) = numerator.magnitude.multipliedReportingOverflow(by: (power / denominator).magnitude)
    guard !overflow else { return nil }
    let text = String(digits)
    let padded = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
    let sign = numerator < 0 ? "-" : ""
    return sign + (scale == 0 ? padded : "\(padded.dropLast(scale)).\(padded.suffix(scale))")
  }

  /// Rounded half to even to the upper number of decimals, and with no fewer than the lower number: `12.50`. Nil where that
  /// does not fit.
  public func text(decimals: ClosedRange<Int>) -> String? {
    guard let text = rounded(decimals: decimals.upperBound)?.decimalText else { return nil }
    let parts = text.split(separator: ".")
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let missing = max(0, decimals.lowerBound - fraction.count)
    return decimals.lowerBound == 0 && fraction.isEmpty
      ? text : "\(parts[0]).\(fraction)\(String(repeating: "0", count: missing))"
  }

  public var isZero: Bool { numerator == 0 }

  public var magnitude: Rational { isNegative ? Rational(-numerator, over: denominator) ?? self : self }

  /// The nearest number, for reports.
  public var double: Double { Double(numerator) / Double(denominator) }

  private init(_ whole: Int128) {
    numerator = whole
    denominator = 1
  }

  private static func powerOfTen(_ exponent: Int) -> Int128? {
    guard (0...38).contains(exponent) else { return nil }
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }

  private static func greatestCommonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return max(left, 1)
  }
}

extension Rational: Comparable {
  public static func < (left: Rational, right: Rational) -> Bool {
    left.subtracting(right)?.isNegative ?? (left.double < right.double)
  }
}
