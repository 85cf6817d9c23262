import Formats

/// A system whose ids the mapping holds, beside Salesforce.
public enum LinkedSystem: String, CaseIterable, Sendable, Codable {
  case intercom, looker, jira

  /// The columns of the mapping that a candidate's id fills.
  public var columns: [String] {
    switch self {
    case .intercom: ["intercom_company_id"]
    case .looker: ["looker_customer_id"]
    case .jira: ["jira_project_key", "jira_component"]
    }
  }

  /// The cells for a candidate's id, by column: for Jira, `PROJECT/component`. Nil where the id has not this form.
  public func cells(_ id: String) -> [String: String]? {
    guard self == .jira else { return [columns[0]: id] }
    let parts = id.split(separator: "/", maxSplits: 1).map { String($0).trimmed }
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return [columns[0]: parts[0].uppercased(), columns[1]: parts[1]]
  }

  /// The id that a row of the mapping has; nil where it has none.
  public func id(_ row: [String: String]) -> String? {
    let parts = columns.compactMap { row[$0].flatMap { $0.isEmpty ? nil : $0 } }
    return parts.count == columns.count ? parts.joined(separator: "/") : nil
  }
}
