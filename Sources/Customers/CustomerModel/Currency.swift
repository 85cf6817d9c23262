import Formats

/// A currency by its ISO 4217 code, such as `USD`.
public struct Currency: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Three letters in upper case.
  public let code: String

  /// In any case; nil unless it is three ASCII letters.
  public init?(_ code: String) {
    guard code.utf8.count == 3, code.utf8.allSatisfy(\.isASCIILetter) else { return nil }
    self.code = code.uppercased()
  }

  public var description: String { code }

  /// Digits of the minor unit as Stripe counts them: 2 for most, 0 for JPY and its like, 3 for KWD and its like.
  ///
  /// https://docs.stripe.com/currencies#zero-decimal
  public var exponent: Int {
    if Self.withoutDecimals.contains(code) { return 0 }
    return Self.withThreeDecimals.contains(code) ? 3 : 2
  }

  public static func < (left: Currency, right: Currency) -> Bool { left.code < right.code }

  private static let withoutDecimals: Set<String> = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
  ]

  private static let withThreeDecimals: Set<String> = ["BHD", "JOD", "KWD", "OMR", "TND"]
}
