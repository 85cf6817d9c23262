import AWSClient
import CardModel
import Runs
import Time

/// The business metrics' part of an answer.
public struct BusinessMetricsSummary: RunSummary {
  /// The day in the configured zone.
  public var date: CalendarDate
  /// All cards, in their order.
  public var cards: [CardRecord] = []
  /// How many cards are in each state that occurs.
  public var counts: [String: Int] = [:]
  /// The path of the table; nil where it could not be written.
  public var csv: String?
  /// Never any: the cards have a key of their own.
  public var results: [String]?
  /// Cards that turned missed; not in the answer.
  public var notices: [RunNotice] = []
  /// Sources that failed in the run before too; not in the answer.
  public var knownFailures: Set<String> = []

  init(date: CalendarDate) { self.date = date }

  public var shortened: BusinessMetricsSummary { self }

  public var place: String? { csv }

  public var logged: [String: String] { counts.mapValues { "\($0)" }.merging(["date": "\(date)"]) { $1 } }

  public var counters: [RunCounter] {
    CardState.allCases.map { state in
      RunCounter(Self.counterName(state), counts[state.rawValue] ?? 0, isGauge: true)
    } + [RunCounter("CardsMissed", cards.count { $0.targetStatus == .missed }, isGauge: true)]
  }

  private static func counterName(_ state: CardState) -> String {
    switch state {
    case .ok: "CardsOK"
    case .partial: "CardsPartial"
    case .stale: "CardsStale"
    case .error: "CardsError"
    case .blocked: "CardsBlocked"
    case .noData: "CardsNoData"
    case .undefined: "CardsUndefined"
    }
  }

  public var attributes: DynamoDBItem {
    let values = cards.compactMap { card in card.value.map { (card.id.rawValue, AttributeValue.number($0)) } }
    return [
      "counts": .map(counts.mapValues { .number($0) }),
      "missed": .list(cards.filter { $0.targetStatus == .missed }.map { .string($0.id.rawValue) }),
      "values": .map(Dictionary(values) { first, _ in first }),
    ]
  }

  private enum CodingKeys: String, CodingKey { case date, cards, counts, csv, results }
}
