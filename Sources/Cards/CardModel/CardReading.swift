import Formats
import Time

/// What a card's sources say.
public struct CardReading: Sendable, Equatable {
  /// `ok`, `partial`, `no_data`, `undefined` or `blocked`.
  public var state: CardState
  /// Nil unless the state is good.
  public var value: Rational?
  /// Whether the value is a quotient, which is written with two decimals at least and four at most.
  public var isQuotient = false
  public var reason: String?
  /// Nil: when it was read.
  public var asOf: Timestamp?
  public var breakdown: [CardRecord.Entry] = []
  public var warnings: [String] = []
  /// What the label adds in brackets.
  public var labelNote: String?
  /// False where the value does not answer what the target asks.
  public var isComparable = true

  public init(_ value: Rational, isQuotient: Bool = false, asOf: Timestamp? = nil, breakdown: [CardRecord.Entry] = []) {
    state = .ok
    self.value = value
    self.isQuotient = isQuotient
    self.asOf = asOf
    self.breakdown = breakdown
  }

  private init(_ state: CardState, _ reason: String, _ breakdown: [CardRecord.Entry]) {
    self.state = state
    self.reason = reason
    self.breakdown = breakdown
  }

  public static func noData(_ reason: String, breakdown: [CardRecord.Entry] = []) -> CardReading {
    CardReading(.noData, reason, breakdown)
  }

  public static func undefined(_ reason: String, breakdown: [CardRecord.Entry] = []) -> CardReading {
    CardReading(.undefined, reason, breakdown)
  }

  public static func blocked(_ reason: String) -> CardReading { CardReading(.blocked, reason, []) }

  /// Says that some inputs are missing. Several reasons follow each other. Changes nothing where there is no value.
  public mutating func makePartial(_ reason: String) {
    guard state.isGood else {
      warnings.append(reason)
      return
    }
    state = .partial
    self.reason = [self.reason, reason].compactMap(\.self).joined(separator: "; ")
  }
}

/// What became of a card in a run.
public enum CardOutcome: Sendable {
  case read(CardReading)
  /// Its source failed, for that reason.
  case failed(String)
  /// It was not asked for.
  case kept
}

/// A sum or a quotient does not fit into 128 bits. No retry helps.
public struct NumberTooLarge: Error, CustomStringConvertible {
  public let description = "the numbers are too large to compute with"

  public init() {}
}

extension Rational {
  /// - Throws: ``NumberTooLarge``.
  public static func sum(_ numbers: some Sequence<Rational>) throws -> Rational {
    try numbers.reduce(.zero) { sum, number in
      guard let next = sum.adding(number) else { throw NumberTooLarge() }
      return next
    }
  }

  /// - Parameter other: Not zero.
  /// - Throws: ``NumberTooLarge``.
  public func over(_ other: Rational) throws -> Rational {
    guard let quotient = divided(by: other) else { throw NumberTooLarge() }
    return quotient
  }
}

/// Figures of a list of numbers; nil for an empty one.
public struct NumberSummary: Sendable {
  public let mean: Rational
  /// Of an even count, the middle of the two in the middle.
  public let median: Rational
  /// By the nearest rank: the smallest number that 90 % of the numbers do not exceed.
  public let p90: Rational

  /// - Throws: ``NumberTooLarge``.
  public init?(_ numbers: [Rational]) throws {
    guard !numbers.isEmpty else { return nil }
    let sorted = numbers.sorted()
    let count = sorted.count
    mean = try Rational.sum(sorted).over(Rational(count))
    median =
      count % 2 == 1
      ? sorted[count / 2] : try Rational.sum(sorted[(count / 2 - 1)...(count / 2)]).over(Rational(2))
    p90 = sorted[(count * 9 + 9) / 10 - 1]
  }
}
