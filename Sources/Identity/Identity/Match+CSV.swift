import Formats

extension Match {
  /// `left_id,right_id,decision,probability,margin,evidence` with a line each. Numbers have four decimals and are cut off,
  /// not rounded: `1.0000` is certain.
  public static func csv(_ matches: [Match]) -> String {
    CSV.line(["left_id", "right_id", "decision", "probability", "margin", "evidence"])
      + matches.map { match in
        CSV.line([
          match.leftID, match.rightID ?? "", match.decision.rawValue, match.probability.fourDecimals,
          match.margin.fourDecimals, match.evidence,
        ])
      }.joined()
  }
}

extension Matcher.Result {
  /// How many left rows have each decision: `auto 4, review 2, none 3`.
  public var decisions: String {
    let first = Dictionary(grouping: matches, by: \.leftID).values.compactMap(\.first)
    return Match.Decision.allCases.map { decision in
      "\(decision.rawValue) \(first.count { $0.decision == decision })"
    }.joined(separator: ", ")
  }
}

extension Double {
  /// Of a number from 0 to 1, cut off behind the fourth decimal.
  public var fourDecimals: String {
    let digits = String(Int((self * 10_000 + 1e-9).rounded(.down)))
    let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    return padded.dropLast(4) + "." + padded.suffix(4)
  }
}
