/// A query in its parts, so that it can go on after the last id where the org drops its cursor.
public struct SalesforceQuery: Sendable {
  /// What is selected; a column may be wrapped, as in `convertCurrency(ARR__c)`.
  public var selection: [String]
  /// Names that the selected columns have in the rows, `Id` included.
  public var columns: [String]
  public var object: String
  /// Joined by AND; all rows where there is none.
  public var conditions: [String]
  /// Asks `queryAll`, which also returns archived and deleted rows.
  public var includesArchived = false

  public init(_ columns: [String], from object: String, where conditions: [String], includesArchived: Bool = false) {
    selection = columns
    self.columns = columns
    self.object = object
    self.conditions = conditions
    self.includesArchived = includesArchived
  }

  /// The text of the query.
  ///
  /// - Parameter last: Only rows with a greater id, ordered by id. Empty: all rows, ordered by id. Nil: all rows, in
  ///   any order.
  func soql(after last: String?) -> String {
    let all = conditions + (last.map { $0.isEmpty ? [] : ["Id > \(SOQL.quoted($0))"] } ?? [])
    let clause = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
    return "SELECT \(selection.joined(separator: ", ")) FROM \(object)\(clause)\(last == nil ? "" : " ORDER BY Id")"
  }
}
