import ConfigurationReading
import Jira

/// `sources.yaml`, `jira`: names that differ from site to site, or ids. All compare in any case.
public struct JiraRules: Sendable, Equatable {
  public var client: JiraOptions
  public var bugTypes: [String]
  public var criticalPriorities: Set<String>
  public var reopenedStatuses: [String]
  /// Projects that one query names.
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
