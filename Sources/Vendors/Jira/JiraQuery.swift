/// A search, and what in it is not ours to know.
public struct JiraQuery: Sendable {
  public var jql: String
  public var fields: [String]
  /// Asks for each issue's changelog along; Server and Data Center only.
  public var withChangelog = false
  /// Projects, types and statuses named, for messages.
  public var names: [String]

  public init(jql: String, fields: [String], withChangelog: Bool = false, names: [String]) {
    self.jql = jql
    self.fields = fields
    self.withChangelog = withChangelog
    self.names = names
  }
}
