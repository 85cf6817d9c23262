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

/// A row of `account_mapping.csv` as a snapshot keeps it: the ids by which the sources were asked.
public struct AccountLinks: Sendable, Equatable, Decodable {
  /// The 18-character id.
  public var salesforceID: String?
  public var intercomCompanyID: String?
  public var intercomInternalID: String?
  public var lookerCustomerID: String?
  public var jiraProject: String?
  public var jiraComponent: String?
  /// As the row names it. Nil: the ARR decided.
  public var segment: Segment?

  public init(
    salesforceID: String? = nil, intercomCompanyID: String? = nil, intercomInternalID: String? = nil,
    lookerCustomerID: String? = nil, jiraProject: String? = nil, jiraComponent: String? = nil, segment: Segment? = nil
  ) {
    self.salesforceID = salesforceID
    self.intercomCompanyID = intercomCompanyID
    self.intercomInternalID = intercomInternalID
    self.lookerCustomerID = lookerCustomerID
    self.jiraProject = jiraProject
    self.jiraComponent = jiraComponent
    self.segment = segment
  }

  private enum CodingKeys: String, CodingKey {
    case segment
    case salesforceID = "sf_account_id"
    case intercomCompanyID = "intercom_company_id"
    case intercomInternalID = "intercom_internal_id"
    case lookerCustomerID = "looker_customer_id"
    case jiraProject = "jira_project_key"
    case jiraComponent = "jira_component"
  }

  /// The ids by the mapping's column, in its order.
  public var columns: [(name: String, id: String?)] {
    [
      (CodingKeys.salesforceID, salesforceID), (.intercomCompanyID, intercomCompanyID),
      (.intercomInternalID, intercomInternalID), (.lookerCustomerID, lookerCustomerID), (.jiraProject, jiraProject),
      (.jiraComponent, jiraComponent),
    ].map { ($0.0.rawValue, $0.1) }
  }

  /// The id in one of the mapping's columns; nil also for a column that holds no id.
  public subscript(column: String) -> String? { columns.first { $0.name == column }?.id }

  func write(to json: inout JSONWriter) {
    json.object { json in
      for (name, id) in columns { json.field(name, id) }
      json.field(CodingKeys.segment.rawValue, segment?.rawValue)
    }
  }
}

extension MappedAccount {
  /// What a snapshot keeps of the row.
  public var links: AccountLinks {
    AccountLinks(
      salesforceID: salesforceID?.description, intercomCompanyID: intercomCompanyID,
      intercomInternalID: intercomInternalID, lookerCustomerID: lookerCustomerID, jiraProject: jiraProject,
      jiraComponent: jiraComponent, segment: segment)
  }
}

/// Where metrics come from, as far as an account's history needs to know it.
public struct MetricSource: Sendable {
  /// As in answers: `intercom`.
  public var name: String
  /// What it delivers.
  public var metrics: [Metric]
  /// The columns of `account_mapping.csv` whose ids it is asked by.
  public var columns: [String]

  public init(name: String, metrics: [Metric], columns: [String]) {
    self.name = name
    self.metrics = metrics
    self.columns = columns
  }
}
