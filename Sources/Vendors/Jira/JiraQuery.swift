/// A search, and the names in it that the site may not have.
public struct JiraQuery: Sendable {
  /// Built with ``JQL``.
  public var jql: String
  public var fields: [String]
  /// Also returns each issue's changelog. Server and Data Center only.
  public var withChangelog = false
  /// Projects, types and statuses in ``jql``. A ``JiraQueryError`` names those that Jira rejects.
  public var names: [String]

  public init(jql: String, fields: [String], withChangelog: Bool = false, names: [String]) {
    self.jql = jql
    self.fields = fields
    self.withChangelog = withChangelog
    self.names = names
  }
}
