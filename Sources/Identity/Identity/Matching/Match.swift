/// What the matcher says of a left row and a right one.
public struct Match: Sendable, Equatable {
  public enum Decision: String, Sendable, CaseIterable {
    /// So sure that it needs no person.
    case auto
    /// For a person to decide.
    case review
    /// No candidate.
    case none
  }

  public var leftID: String
  /// Nil for ``Decision/none``.
  public var rightID: String?
  public var decision: Decision
  /// That they are the same organisation, 0 to 1. 0 where there is no candidate.
  public var probability: Double
  /// How much more likely it is than the next best candidate of either row, where only one can be right: 1 without
  /// another, 0 where both are as likely.
  public var margin: Double
  /// Why, in words; empty where there is no candidate.
  public var evidence: String
}
