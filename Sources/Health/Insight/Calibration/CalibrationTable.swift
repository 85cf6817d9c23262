/// What a calibration works on: one row per outcome, with numbers that were known before it.
public struct CalibrationTable: Sendable {
  /// Whether a higher number is better, worse, or nobody said.
  public enum Direction: Sendable, Equatable {
    case higherIsBetter, lowerIsBetter, unknown
  }

  public struct Column: Sendable {
    public var name: String
    /// Nil for a missing value.
    public var values: [Double?]
    public var direction: Direction
    /// The share of today's score; nil where the column has none.
    public var weight: Double?

    public init(name: String, values: [Double?], direction: Direction = .unknown, weight: Double? = nil) {
      self.name = name
      self.values = values
      self.direction = direction
      self.weight = weight
    }
  }

  public var columns: [Column]
  /// Whether each row churned.
  public var outcomes: [Bool]
  /// Today's score of each row, 0…100, higher is healthier; nil where there is none to compare with.
  public var scores: [Double]?

  public init(columns: [Column], outcomes: [Bool], scores: [Double]?) {
    self.columns = columns
    self.outcomes = outcomes
    self.scores = scores
  }
}
