import Formats
import Time

/// The few fields of an issue that jobs read; one of an unexpected type counts as absent.
public struct JiraIssue: Decodable, Sendable {
  /// A project, component, priority or status category.
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

  /// The changelog that a search returns; incomplete where `total` is greater than the number of `histories`.
  public struct Changelog: Decodable, Sendable {
    public let histories: [JiraHistory]
    public let total: Int?
  }

  public let id: String?
  public let project: String?
  /// Names; empty where the issue has no such field, nil where the list can't be read.
  public let components: [String]?
  public let priority: Named?
  /// Whether the issue has a priority with neither name nor id.
  public let isPriorityUnreadable: Bool
  /// Key of the status category in lower case, such as `done`.
  public let statusCategory: String?
  /// Nil where it is missing, can't be read or is before 1990.
  public let createdAt: Timestamp?
  /// The resolution date. For a done issue without one, the instant when its status category last changed. Nil
  /// otherwise.
  public let resolution: Timestamp?
  /// Whether there is a resolution date that can't be read.
  public let isResolutionUnreadable: Bool
  /// Nil where the query did not ask for it, or it can't be read.
  public let changelog: Changelog?

  public var isDone: Bool { statusCategory == "done" }

  /// Whether its creation and status category can be read and, for a done issue, the instant of its resolution.
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
    // A project may hide the field: absent means no component. A value of another type can't be read.
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
    // Jira is younger than that, so an earlier date is wrong.
    createdAt = instant(.created).flatMap { $0.date.components.year >= 1990 ? $0 : nil }
    let resolvedAt = instant(.resolutiondate)
    isResolutionUnreadable = resolvedAt == nil && fields?.isPresent(.resolutiondate) ?? false
    resolution = resolvedAt ?? (statusCategory == "done" ? instant(.statuscategorychangedate) : nil)
  }
}
