/// The targets that hold, and which are not known because their file is faulty.
public struct CardTargets: Sendable, Equatable {
  private var targets: [CardID: CardTarget]
  /// Cards whose target can't be read.
  private var unknown: Set<CardID>
  /// Why the targets may not be those that somebody set; nil where all is well.
  private var doubt: String?

  public init(_ targets: [CardID: CardTarget] = [:], unknown: Set<CardID> = []) {
    self.targets = targets
    self.unknown = unknown
  }

  /// Replaces the targets that the other has, and keeps the rest.
  public mutating func override(with other: CardTargets) {
    targets.merge(other.targets) { $1 }
    unknown.subtract(other.targets.keys)
  }

  /// Says on each card with a target that it may not be the one that somebody set.
  public mutating func doubt(because reason: String) { doubt = reason }

  /// Nil where the card has none, or where it is not known.
  public func target(of card: CardID) -> CardTarget? { unknown.contains(card) ? nil : targets[card] }

  func isUnknown(_ card: CardID) -> Bool { unknown.contains(card) }

  func warning(of card: CardID) -> String? {
    if unknown.contains(card) { return "its target can't be read" }
    return targets[card] == nil ? nil : doubt
  }
}
