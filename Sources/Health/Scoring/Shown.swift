/// Rounding for display: half away from zero, of the decimal value and not of its binary approximation.
public enum Shown {
  private static let unit: Double = 1e9

  /// The value rounded to 9 decimals, which removes the errors of binary arithmetic.
  public static func snapped(_ value: Double) -> Double { (value * unit).rounded() / unit }

  /// One decimal: 65.35 gives 65.4, 0.05 gives 0.1, 89.95 gives 90.0.
  public static func oneDecimal(_ value: Double) -> Double { scaled(value, by: 10) / 10 }

  /// One decimal as text, always with it: `65.4`, `-0.1`, `50.0`.
  public static func text(_ value: Double) -> String { text(value, decimals: 1) }

  /// A fixed number of decimals (0…6) as text, rounded the same way.
  public static func text(_ value: Double, decimals: Int) -> String {
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = scaled(value, by: power)
    guard scaled.magnitude < 1e15 else { return "\(value)" }
    let whole = Int64(scaled.magnitude)
    let sign = scaled < 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(whole) }
    let divisor = Int64(power)
    let fraction = String(whole % divisor)
    return sign + String(whole / divisor) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// The value in units of the last decimal, a whole number. Values from 1e6 on are too large for `snapped`.
  private static func scaled(_ value: Double, by power: Double) -> Double {
    guard value.magnitude < 1e6 else { return (value * power).rounded(.toNearestOrAwayFromZero) }
    return snapped(snapped(value) * power).rounded(.toNearestOrAwayFromZero)
  }
}
