import HealthModel

/// The few fields of an issue that a metric needs; one of an unexpected type counts as absent.
struct Issue: Decodable {
  struct Named: Decodable {
    let name: String?
    let key: String?

    private enum CodingKeys: String, CodingKey { case name, key }

    init(from decoder: any Decoder) throws {
      let container = try? decoder.container(keyedBy: CodingKeys.self)
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
  let priority: String?
  /// Whether there is a priority without a name.
  let isPriorityUnreadable: Bool
  let statusCategory: String?
  let createdAt: Timestamp?
  let resolvedAt: Timestamp?
  /// Whether there is a date of resolution that can't be read.
  let isResolutionUnreadable: Bool
  let changelog: Changelog?

  private enum CodingKeys: String, CodingKey { case id, fields, changelog }

  private enum FieldKeys: String, CodingKey { case project, components, priority, status, created, resolutiondate }

  private struct Status: Decodable {
    let statusCategory: Named?
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.lenient(String.self, .id) ?? container.lenient(Int64.self, .id).map { String($0) }
    changelog = container.lenient(Changelog.self, .changelog)
    let fields = try? container.nestedContainer(keyedBy: FieldKeys.self, forKey: .fields)
    project = fields?.lenient(Named.self, .project)?.key?.uppercased()
    // A project may hide the field; one of another kind is something else.
    components =
      fields?.lenient([Named].self, .components)?.compactMap(\.name)
      ?? fields.flatMap { $0.isPresent(.components) ? nil : [] }
    priority = fields?.lenient(Named.self, .priority)?.name
    isPriorityUnreadable = priority == nil && fields?.isPresent(.priority) ?? false
    statusCategory = fields?.lenient(Status.self, .status)?.statusCategory?.key?.lowercased()
    createdAt = fields?.lenient(String.self, .created).flatMap { Timestamp(iso8601: $0) }
    resolvedAt = fields?.lenient(String.self, .resolutiondate).flatMap { Timestamp(iso8601: $0) }
    isResolutionUnreadable = resolvedAt == nil && fields?.isPresent(.resolutiondate) ?? false
  }
}

/// An element of a list that may be of another type without costing the list.
struct Lenient<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
  /// Neither absent nor null.
  fileprivate func isPresent(_ key: Key) -> Bool { contains(key) && (try? decodeNil(forKey: key)) == false }

  /// Absent, null and of another type are all nil.
  fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    (try? decodeIfPresent(type, forKey: key)) ?? nil
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
    /// The new value's name.
    let newName: String?

    private enum CodingKeys: String, CodingKey {
      case field, fieldId
      case newName = "toString"
    }
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
