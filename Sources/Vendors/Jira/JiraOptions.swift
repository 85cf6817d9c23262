import HTTPClient

/// `sources.yaml`, `jira`: names that differ from site to site, or ids. All compare in any case.
public struct JiraOptions: Sendable, Equatable {
  public var bugTypes: [String]
  public var criticalPriorities: Set<String>
  public var reopenedStatuses: [String]
  /// Projects that one query names.
  public var projectsPerQuery: Int
  public var rateLimit: RateLimit

  public init(
    bugTypes: [String], criticalPriorities: Set<String>, reopenedStatuses: [String], projectsPerQuery: Int,
    rateLimit: RateLimit
  ) {
    self.bugTypes = bugTypes
    self.criticalPriorities = criticalPriorities
    self.reopenedStatuses = reopenedStatuses
    self.projectsPerQuery = projectsPerQuery
    self.rateLimit = rateLimit
  }
}

/// The site, path included where scoped tokens need one (`https://api.atlassian.com/ex/jira/{cloudId}`).
public struct JiraCredentials: Sendable {
  public var baseURL: String
  /// Empty for a personal access token of Server or Data Center, which goes without a user.
  public var email: String
  public var token: String

  var isPersonalAccessToken: Bool { email.isEmpty }

  public init(baseURL: String, email: String, token: String) {
    self.baseURL = baseURL
    self.email = email
    self.token = token
  }
}
