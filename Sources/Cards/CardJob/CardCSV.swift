import CardModel
import Formats

/// The cards as a table for spreadsheets.
enum CardCSV {
  private static let columns: [(name: String, value: @Sendable (CardRecord) -> String?)] = [
    ("id", { $0.id.rawValue }), ("label", { $0.label }),
    ("tabs", { $0.tabs.map(\.rawValue).joined(separator: ", ") }), ("unit", { $0.unit }), ("value", { $0.value }),
    ("display", { $0.display }), ("state", { $0.state.rawValue }), ("reason", { $0.reason }),
    ("as_of", { $0.asOf.map { "\($0)" } }), ("fetched_at", { $0.fetchedAt.map { "\($0)" } }),
    ("target_operator", { $0.target?.operator.rawValue }), ("target_value", { $0.target?.value }),
    ("target_status", { $0.targetStatus.rawValue }), ("direction", { $0.direction.rawValue }),
    ("delta_versus", { $0.delta.map { "\($0.versus)" } }), ("delta_absolute", { $0.delta?.absolute }),
    ("delta_percent", { $0.delta?.percent }), ("last_good_value", { $0.lastGood?.value }),
    ("warnings", { $0.warnings.joined(separator: "; ") }),
  ]

  /// Columns that are numbers: a minus at their beginning is no formula.
  private static let numbers: Set<String> = [
    "value", "delta_absolute", "delta_percent", "last_good_value", "target_value",
  ]

  static func text(_ records: [CardRecord]) -> String {
    CSV.line(columns.map(\.name))
      + records.map { record in
        CSV.line(
          columns.map { column in
            let text = column.value(record) ?? ""
            return numbers.contains(column.name) ? text : CSV.defused(text)
          })
      }.joined()
  }
}
