import Formats

/// A priority, status or issue type of the site. Names are translated and renamed; the id stays.
public struct JiraName: Codable, Sendable, Equatable {
  public var id: String?
  public var name: String?
  /// The name before the site's translation, where Jira tells.
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

  /// Whether a configured name, or id, means it.
  public func isMeant(by configured: String) -> Bool {
    let key = configured.comparisonKey
    return name?.comparisonKey == key || untranslatedName?.comparisonKey == key || id == configured
  }

  /// How a query names it: as configured where the site writes it so, else by its id, which every language has.
  public func queryName(for configured: String) -> String {
    name?.comparisonKey == configured.comparisonKey ? configured : id ?? configured
  }
}
