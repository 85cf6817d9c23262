/// What a card says of itself, for a leader: every part speaks of the configuration that holds.
public struct CardTooltip: Codable, Sendable, Equatable {
  /// What the number is.
  public var definition: String
  /// Why one looks at it.
  public var why: String
  /// How it is computed.
  public var calculation: String
  public var target: String
  /// A figure to compare with, and who says so; nil where none is configured.
  public var benchmark: String?
  /// When it misleads, or has no value.
  public var edgeCases: String

  public init(_ card: CardID, _ settings: CardSettings, target: CardTarget?) {
    let text = CardExplanation(card, settings)
    definition = text.definition
    why = text.why
    calculation = text.calculation
    edgeCases = text.edgeCases
    self.target =
      target.map {
        "\($0.words) \(card.unit.name(settings.baseCurrency)); a value that misses it by at most \(settings.nearPercent.decimalText ?? "")% is near."
      }
      ?? "No target is set. \(card.direction == .up ? "More" : "Less") is better."
    benchmark = settings.benchmarks[card].map { "\($0.value) (\($0.source))" }
  }

  private enum CodingKeys: String, CodingKey {
    case definition, why, calculation, target, benchmark
    case edgeCases = "edge_cases"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(definition, forKey: .definition)
    try container.encode(why, forKey: .why)
    try container.encode(calculation, forKey: .calculation)
    try container.encode(target, forKey: .target)
    try container.encode(benchmark, forKey: .benchmark)
    try container.encode(edgeCases, forKey: .edgeCases)
  }
}
