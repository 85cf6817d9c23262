import Formats

/// The customer group that decides which thresholds of `thresholds.yaml` apply.
public enum Segment: String, CaseIterable, Sendable, Codable {
  case paid, standard
}

/// One row of `account_mapping.csv`: an account and its ids in each system.
public struct MappedAccount: Sendable, Equatable, Codable {
  /// Line of the file, counted from 1, for messages.
  public var line: Int
  /// Column `sf_account_id`. Nil where it is empty: the account can then be scored, but not loaded.
  public var salesforceID: SalesforceID?
  /// Column `intercom_company_id`: the company id that the workspace set. Intercom's internal id is accepted too.
  public var intercomCompanyID: String?
  /// Column `intercom_internal_id`, optional: the id that Intercom gave the company.
  public var intercomInternalID: String?
  /// Column `looker_customer_id`.
  public var lookerCustomerID: String?
  /// Column `account_name`; the account's ``id`` where that is empty.
  public var name: String
  /// Column `segment`. Nil lets the account's ARR decide.
  public var segment: Segment?
  /// Column `jira_project_key`, in capitals.
  public var jiraProject: String?
  /// Column `jira_component`. Nil: no bugs are read for the account.
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

  /// The 18-character Salesforce id; `line:N`, the line of the mapping, where there is none.
  public var id: String { salesforceID?.description ?? "line:\(line)" }
}
