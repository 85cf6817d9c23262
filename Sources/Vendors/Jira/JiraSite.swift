import Formats
import HealthModel

/// A priority, status or issue type of the site. Names are translated and renamed; the id stays.
struct JiraName: Codable, Sendable, Equatable {
  var id: String?
  var name: String?
  /// The name before the site's translation, where Jira tells.
  var untranslatedName: String?

  private enum CodingKeys: String, CodingKey { case id, name, untranslatedName }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    name = (try? container.decodeIfPresent(String.self, forKey: .name)) ?? nil
    untranslatedName = (try? container.decodeIfPresent(String.self, forKey: .untranslatedName)) ?? nil
  }

  init(id: String?, name: String?) {
    self.id = id
    self.name = name
  }

  /// Whether a configured name, or id, means it.
  func isMeant(by configured: String) -> Bool {
    let key = configured.comparisonKey
    return name?.comparisonKey == key || untranslatedName?.comparisonKey == key || id == configured
  }

  /// How a query names it: as configured where the site writes it so, else by its id, which every language has.
  func queryName(for configured: String) -> String {
    name?.comparisonKey == configured.comparisonKey ? configured : id ?? configured
  }
}

/// What the site has of what is configured, as a slice needs it.
struct JiraNames: Codable, Sendable, Equatable {
  /// Issue types to ask for, in a query's words.
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
