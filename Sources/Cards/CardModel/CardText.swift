import Formats

/// How a card's number is written: exactly for programs, shortly for people.
public struct CardText: Sendable {
  public let unit: CardUnit
  /// Three letters.
  public let baseCurrency: String

  public init(_ unit: CardUnit, baseCurrency: String) {
    self.unit = unit
    self.baseCurrency = baseCurrency
  }

  /// Percentages have two decimals, money two at least, quotients two to four.
  public func value(_ number: Rational, isQuotient: Bool = false) throws -> String {
    let decimals: ClosedRange<Int> =
      switch unit {
      case .percent: 2...2
      case .money: isQuotient ? 2...4 : 2...12
      case .days, .hours: 2...4
      case .count: isQuotient ? 2...4 : 0...12
      }
    guard let text = number.text(decimals: decimals) else { throw NumberTooLarge() }
    return text
  }

  /// `$512.3K`, `41.7 days`, `1,204`.
  public func display(_ number: Rational) -> String {
    switch unit {
    case .money: return money(number)
    case .days: return number > Rational(90) ? "90+ days" : "\(short(number)) days"
    case .hours: return "\(short(number)) h"
    case .percent: return "\(short(number))%"
    case .count: return short(number)
    }
  }

  private func short(_ number: Rational) -> String {
    Self.grouped(number.text(decimals: 0...(number.magnitude < Rational(1000) ? 1 : 0)) ?? "?")
  }

  private func money(_ number: Rational) -> String {
    let sign = number.isNegative ? "-" : ""
    let symbol = ["USD": "$", "EUR": "€", "GBP": "£"][baseCurrency] ?? "\(baseCurrency) "
    let size = number.magnitude
    for (limit, letter) in [(1_000_000_000, "B"), (1_000_000, "M"), (1000, "K")] where size >= Rational(limit) {
      let decimals = letter == "K" ? 1 : 2
      let text = size.divided(by: Rational(limit))?.text(decimals: decimals...decimals) ?? "?"
      return "\(sign)\(symbol)\(text)\(letter)"
    }
    return "\(sign)\(symbol)\(size.text(decimals: 2...2) ?? "?")"
  }

  /// Thousands apart: `1,204.5`.
  static func grouped(_ text: String) -> String {
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
    guard let whole = parts.first else { return text }
    var grouped = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    return sign + grouped + (parts.count > 1 ? ".\(parts[1])" : "")
  }
}
