import Formats
import HealthModel
import Jira

/// The configured names that the site has, as a slice needs them.
struct JiraNames: Codable, Sendable, Equatable {
  /// JiraIssue types to ask for, in a query's words.
  var types: [String] = []
  /// Ids of the critical priorities; empty where the site lists no priorities.
  var criticalIDs: Set<String> = []
  /// Statuses to search for, by name or id.
  var reopened: [String] = []
  /// Ids of the reopened statuses. A history keeps the id when a status is renamed. Empty where the site lists none.
  var reopenedIDs: Set<String> = []
}

/// What the site has of a project of the mapping.
enum JiraProject: Codable, Sendable, Equatable {
  /// The site has no such project.
  case absent
  /// - Parameters:
  ///   - components: Names of its components, as `comparisonKey`.
  ///   - types: Its issue types; nil where the site does not list them.
  case present(components: Set<String>, types: [JiraName]?)
  /// The project could not be read, for this reason.
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

  /// Nil where the mapping has no project or no component for the account.
  init?(_ account: MappedAccount) {
    guard let project = account.jiraProject, let component = account.jiraComponent else { return nil }
    self.init(project: project, component: component)
  }
}
