import Formats
import Time

/// The few fields of an issue that a metric needs; one of an unexpected type counts as absent.
struct Issue: Decodable {
  struct Named: Decodable {
    let id: String?
    let name: String?
    let key: String?

    private enum CodingKeys: String, CodingKey { case id, name, key }

    init(from decoder: any Decoder) throws {
      let container = try? decoder.container(keyedBy: CodingKeys.self)
      id = container?.text(.id)
      name = container?.lenient(String.self, .name)
      key = container?.lenient(String.self, .key)
    }
  }

  struct Changelog: Decodable {
    let histories: [History]
    let total: Int?
  }

  let id: String?
  let project: String?
  /// Names; nil where the list can't be read.
  let components: [String]?
  let priority: Named?
  /// Whether there is a priority without a name and an id.
  let isPriorityUnreadable: Bool
  let statusCategory: String?
  /// Nil where it does not say, or says what can't be.
  let createdAt: Timestamp?
  /// When it was resolved: its resolution date, or, where it was done without one, when it was done.
  let resolution: Timestamp?
  /// Whether there is a date of resolution that can't be read.
  let isResolutionUnreadable: Bool
  let changelog: Changelog?

  var isDone: Bool { statusCategory == "done" }

  /// Whether it says when it began, whether it is done, and since when.
  var isReadable: Bool {
    createdAt != nil && statusCategory != nil && !isResolutionUnreadable && (!isDone || resolution != nil)
  }

  private enum CodingKeys: String, CodingKey { case id, fields, changelog }

  private enum FieldKeys: String, CodingKey {
    case project, components, priority, status, created, resolutiondate, statuscategorychangedate
  }

  private struct Status: Decodable {
    let statusCategory: Named?
  }

  init(from decoder: any Decoder) throws {
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

/// `search/jql` on Cloud gives a token, `search` on Server and Data Center an offset and a total.
struct IssuePage: Decodable {
  /// Nil for an entry that is not an issue at all.
  let issues: [Lenient<Issue>]
  let nextPageToken: String?
  let isLast: Bool?
  let total: Int?
}

struct History: Decodable {
  struct Item: Decodable {
    let field: String?
    let fieldId: String?
    /// The new value's id, which stays whatever it is called.
    let newID: String?
    /// The new value's name at that time and in that person's language.
    let newName: String?

    private enum CodingKeys: String, CodingKey {
      case field, fieldId
      case newID = "to"
      case newName = "toString"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      field = container.lenient(String.self, .field)
      fieldId = container.lenient(String.self, .fieldId)
      newID = container.text(.newID)
      newName = container.lenient(String.self, .newName)
    }

    var isStatus: Bool { (fieldId ?? field) == "status" }
  }

  let createdAt: Timestamp?
  let items: [Item]

  private enum CodingKeys: String, CodingKey { case created, items }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    items = try container.decode([Item].self, forKey: .items)
    // A string in search results; the bulk call's documentation shows a number, in seconds by its size.
    if let text = try? container.decode(String.self, forKey: .created) {
      createdAt = Timestamp(iso8601: text)
    } else {
      createdAt = (try? container.decode(Int64.self, forKey: .created)).flatMap { number in
        number.magnitude < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(milliseconds: number)
      }
    }
  }
}

/// `POST /changelog/bulkfetch`; one issue can span pages.
struct ChangelogPage: Decodable {
  struct Log: Decodable {
    let issueId: String
    let changeHistories: [History]

    private enum CodingKeys: String, CodingKey { case issueId, changeHistories }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let number = try? container.decode(Int64.self, forKey: .issueId) {
        issueId = "\(number)"
      } else {
        issueId = try container.decode(String.self, forKey: .issueId)
      }
      changeHistories = try container.decode([History].self, forKey: .changeHistories)
    }
  }

  let issueChangeLogs: [Log]
  let nextPageToken: String?
}

struct ErrorMessages: Decodable {
  let errorMessages: [String]
}

struct Component: Decodable {
  let name: String
}

/// `GET /priority/search` on Cloud.
struct NamePage: Decodable {
  let values: [JiraName]
}
