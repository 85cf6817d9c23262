import Formats
import Time

/// The few fields of an issue that jobs read; one of an unexpected type counts as absent.
public struct JiraIssue: Decodable, Sendable {
  public struct Named: Decodable, Sendable {
    public let id: String?
    public let name: String?
    public let key: String?

    private enum CodingKeys: String, CodingKey { case id, name, key }

    public init(from decoder: any Decoder) throws {
      let container = try? decoder.container(keyedBy: CodingKeys.self)
      id = container?.text(.id)
      name = container?.lenient(String.self, .name)
      key = container?.lenient(String.self, .key)
    }
  }

  public struct Changelog: Decodable, Sendable {
    public let histories: [JiraHistory]
    public let total: Int?
  }

  public let id: String?
  public let project: String?
  /// Names; nil where the list can't be read.
  public let components: [String]?
  public let priority: Named?
  /// Whether there is a priority without a name and an id.
  public let isPriorityUnreadable: Bool
  public let statusCategory: String?
  /// Nil where it does not say, or says what can't be.
  public let createdAt: Timestamp?
  /// When it was resolved: its resolution date, or, where it was done without one, when it was done.
  public let resolution: Timestamp?
  /// Whether there is a date of resolution that can't be read.
  public let isResolutionUnreadable: Bool
  public let changelog: Changelog?

  public var isDone: Bool { statusCategory == "done" }

  /// Whether it says when it began, whether it is done, and since when.
  public var isReadable: Bool {
    createdAt != nil && statusCategory != nil && !isResolutionUnreadable && (!isDone || resolution != nil)
  }

  private enum CodingKeys: String, CodingKey { case id, fields, changelog }

  private enum FieldKeys: String, CodingKey {
    case project, components, priority, status, created, resolutiondate, statuscategorychangedate
  }

  private struct Status: Decodable {
    let statusCategory: Named?
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    changelog = container.lenient(Changelog.self, .changelog)
    let fields = try? container.nestedContainer(keyedBy: FieldKeys.self, forKey: .fields)
    project = fields?.lenient(Named.self, .project)?.key?.uppercased()
    // A project may hide the field; one of another kind is something else.
    let named = fields?.lenient([Named].self, .components)
    let isNamed = named?.allSatisfy { $0.name != nil } ?? false
    components = isNamed ? named?.compactMap(\.name) : fields.flatMap { $0.isPresent(.components) ? nil : [] }
    let priority = fields?.lenient(Named.self, .priority)
    self.priority = priority
    isPriorityUnreadable = priority?.name == nil && priority?.id == nil && fields?.isPresent(.priority) ?? false
    statusCategory = fields?.lenient(Status.self, .status)?.statusCategory?.key?.lowercased()
    func instant(_ key: FieldKeys) -> Timestamp? {
      fields?.lenient(String.self, key).flatMap { Timestamp(iso8601: $0) }
    }
    // Nothing is older than Jira.
    createdAt = instant(.created).flatMap { $0.date.components.year >= 1990 ? $0 : nil }
    let resolvedAt = instant(.resolutiondate)
    isResolutionUnreadable = resolvedAt == nil && fields?.isPresent(.resolutiondate) ?? false
    resolution = resolvedAt ?? (statusCategory == "done" ? instant(.statuscategorychangedate) : nil)
  }
}
