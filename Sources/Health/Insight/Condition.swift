import Formats

/// A comparison of a what-if's figure with a number, such as `moved_down_pct>10`.
public struct Condition: Sendable, Equatable, CustomStringConvertible {
  private enum Operator: String, CaseIterable, Sendable {
    // Longer ones first, so that `>=` is not read as `>`.
    case atLeast = ">="
    case atMost = "<="
    case equal = "=="
    case unequal = "!="
    case above = ">"
    case below = "<"
  }

  private let figure: String
  private let comparison: Operator
  private let limit: Double

  /// What can be compared.
  public static let figures = WhatIf.Figures().named.map(\.name)

  /// - Returns: Nil where the text is not a known figure, one of `> >= < <= == !=` and a number.
  public init?(_ text: String) {
    let text = text.trimmed
    guard let end = text.firstIndex(where: { "<>=!".contains($0) }) else { return nil }
    let rest = text[end...]
    guard let comparison = Operator.allCases.first(where: { rest.hasPrefix($0.rawValue) }),
      let limit = Double(String(rest.dropFirst(comparison.rawValue.count)).trimmed), limit.isFinite
    else { return nil }
    figure = String(text[..<end]).trimmed
    self.comparison = comparison
    self.limit = limit
    guard Condition.figures.contains(figure) else { return nil }
  }

  /// Whether it holds. A figure that there is none of, such as a mean without scored accounts, makes no condition hold.
  public func holds(for figures: WhatIf.Figures) -> Bool {
    guard let value = value(in: figures) else { return false }
    return switch comparison {
    case .atLeast: value >= limit
    case .atMost: value <= limit
    case .equal: value == limit
    case .unequal: value != limit
    case .above: value > limit
    case .below: value < limit
    }
  }

  /// The figure that the condition compares; nil where there is none.
  public func value(in figures: WhatIf.Figures) -> Double? { figures.named.first { $0.name == figure }?.value }

  public var description: String { "\(figure)\(comparison.rawValue)\(limit)" }
}
