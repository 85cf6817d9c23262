import Formats

/// What a customer is held to: thresholds differ between the two.
public enum Segment: String, CaseIterable, Sendable, Codable {
  case paid, standard
}

/// One row of `account_mapping.csv`: an account and what each system calls it.
public struct MappedAccount: Sendable, Equatable, Codable {
  /// Line of the file, counted from 1, for messages.
  public var line: Int
  /// Nil where the row names none: the account can then be scored, but not loaded.
  public var salesforceID: SalesforceID?
  /// The workspace's own company id; Intercom's internal one is accepted too.
  public var intercomCompanyID: String?
  public var intercomInternalID: String?
  public var lookerCustomerID: String?
  public var name: String
  /// Nil: the account's ARR decides.
  public var segment: Segment?
  public var jiraProject: String?
  public var jiraComponent: String?

  public init(
    line: Int, salesforceID: SalesforceID?, name: String, segment: Segment? = nil, intercomCompanyID: String? = nil,
    intercomInternalID: String? = nil, lookerCustomerID: String? = nil, jiraProject: String? = nil,
    jiraComponent: String? = nil
  ) {
    self.line = line
    self.salesforceID = salesforceID
    self.intercomCompanyID = intercomCompanyID
    self.intercomInternalID = intercomInternalID
    self.lookerCustomerID = lookerCustomerID
    self.name = name
    self.segment = segment
    self.jiraProject = jiraProject
    self.jiraComponent = jiraComponent
  }

  /// The 18-character Salesforce id; `line:N` of the mapping where there is none.
  public var id: String { salesforceID?.description ?? "line:\(line)" }
}
