/// A row of a query, with the values of the columns that were asked for.
public struct SalesforceRow: Sendable {
  /// The columns of a query, shared by all of its rows.
  struct Columns: Sendable {
    let names: [String]
    /// Columns of a parent's record, such as `Owner.Name`, which the page nests: `{"Owner": {"Name": …}}`.
    let parents: [(name: String, field: String, position: Int)]
    private let positions: [String: Int]

    init(_ names: [String]) {
      self.names = names
      parents = names.enumerated().compactMap { position, name in
        let parts = name.split(separator: ".")
        return parts.count == 2 ? (String(parts[0]), String(parts[1]), position) : nil
      }
      positions = Dictionary(names.enumerated().map { ($0.element.lowercased(), $0.offset) }) { first, _ in first }
    }

    func position(_ name: String) -> Int? {
      names.firstIndex(of: name) ?? positions[name.lowercased()]
    }
  }

  let columns: Columns
  /// Nil where the row has no such field.
  var values: [SalesforceValue?]

  /// The value of a field, by its name in any case; nil where the query did not ask for it, or the row does not have
  /// it.
  public func value(_ name: String) -> SalesforceValue? { columns.position(name).flatMap { values[$0] } }

  /// Whether the query asked for the field.
  public func isSelected(_ name: String) -> Bool { columns.position(name) != nil }
}
