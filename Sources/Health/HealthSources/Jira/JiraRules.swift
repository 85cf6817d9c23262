import ConfigurationReading
import Jira

/// The section `jira` of `sources.yaml`: names or ids that differ from site to site. Names compare in any case.
public struct JiraRules: Sendable, Equatable {
  public var client: JiraOptions
  /// `bug_types`: issue types that count as bugs.
  public var bugTypes: [String]
  /// `critical_priorities`: priorities that make a bug critical, in lower case.
  public var criticalPriorities: Set<String>
  /// `reopened_statuses`: a bug that moves to one of these statuses counts as reopened.
  public var reopenedStatuses: [String]
  /// The most projects in one query.
  public var projectsPerQuery: Int

  public init(
    client: JiraOptions, bugTypes: [String], criticalPriorities: Set<String>, reopenedStatuses: [String],
    projectsPerQuery: Int
  ) {
    self.client = client
    self.bugTypes = bugTypes
    self.criticalPriorities = criticalPriorities
    self.reopenedStatuses = reopenedStatuses
    self.projectsPerQuery = projectsPerQuery
  }

  init(section: ConfigurationSection) {
    self.init(
      client: JiraOptions(section: section),
      bugTypes: section.required("bug_types").texts(),
      criticalPriorities: section.required("critical_priorities").names(),
      reopenedStatuses: section.required("reopened_statuses").texts(),
      projectsPerQuery: section.required("projects_per_query").wholeNumber(in: 1...200))
  }
}
