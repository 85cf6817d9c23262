/// A query, in parts: it is continued by key where the org has dropped its cursor.
public struct SalesforceQuery: Sendable {
  /// What is selected; a column may be wrapped, as in `convertCurrency(ARR__c)`.
  public var selection: [String]
  /// Names under which the selection comes back, `Id` included.
  public var columns: [String]
  public var object: String
  public var conditions: [String]
  /// Asks `queryAll`, which gives archived and deleted rows too.
  public var includesArchived = false

  public init(_ columns: [String], from object: String, where conditions: [String], includesArchived: Bool = false) {
    selection = columns
    self.columns = columns
    self.object = object
    self.conditions = conditions
    self.includesArchived = includesArchived
  }

  /// - Parameter last: Goes on behind that id, in the ids' order; empty from the beginning, nil in any order.
  func soql(after last: String?) -> String {
    let all = conditions + (last.map { $0.isEmpty ? [] : ["Id > \(SOQL.quoted($0))"] } ?? [])
    let clause = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
    return "SELECT \(selection.joined(separator: ", ")) FROM \(object)\(clause)\(last == nil ? "" : " ORDER BY Id")"
  }
}
