import Formats
import HealthModel
import Jira

/// What the site has of what is configured, as a slice needs it.
struct JiraNames: Codable, Sendable, Equatable {
  /// JiraIssue types to ask for, in a query's words.
  var types: [String] = []
  /// Ids of priorities that are critical; empty where the site lists none.
  var criticalIDs: Set<String> = []
  /// Statuses to ask for, in a query's words.
  var reopened: [String] = []
  /// Their ids, which histories keep whatever a status was called; empty where the site lists none.
  var reopenedIDs: Set<String> = []
}

/// A project as the site has it.
enum JiraProject: Codable, Sendable, Equatable {
  case absent
  /// - Parameters:
  ///   - components: For comparison.
  ///   - types: Its issue types; nil where the site does not list them.
  case present(components: Set<String>, types: [JiraName]?)
  case unreadable(String)
}

/// A component of a project; both compare in any case.
struct ComponentKey: Hashable, Sendable {
  let project: String
  let component: String

  init(project: String, component: String) {
    self.project = project.uppercased()
    self.component = component.comparisonKey
  }

  init?(_ account: MappedAccount) {
    guard let project = account.jiraProject, let component = account.jiraComponent else { return nil }
    self.init(project: project, component: component)
  }
}
