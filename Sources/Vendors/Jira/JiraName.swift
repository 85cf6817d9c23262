import Formats

/// A priority, status or issue type of the site. Its name may be translated or changed; its id stays the same.
public struct JiraName: Codable, Sendable, Equatable {
  public var id: String?
  public var name: String?
  /// The name without the site's translation; nil where Jira does not give it.
  public var untranslatedName: String?

  private enum CodingKeys: String, CodingKey { case id, name, untranslatedName }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    name = (try? container.decodeIfPresent(String.self, forKey: .name)) ?? nil
    untranslatedName = (try? container.decodeIfPresent(String.self, forKey: .untranslatedName)) ?? nil
  }

  public init(id: String?, name: String?) {
    self.id = id
    self.name = name
  }

  /// Whether a configured text means it: by name, by untranslated name (both in any case) or by id.
  public func isMeant(by configured: String) -> Bool {
    let key = configured.comparisonKey
    return name?.comparisonKey == key || untranslatedName?.comparisonKey == key || id == configured
  }

  /// What a query calls it: the configured name where the site has that name, else the id, which no language changes.
  public func queryName(for configured: String) -> String {
    name?.comparisonKey == configured.comparisonKey ? configured : id ?? configured
  }
}
