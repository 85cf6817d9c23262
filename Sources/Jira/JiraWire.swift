import HealthModel

struct Issue: Decodable {
  struct Fields: Decodable {
    struct Named: Decodable {
      let name: String?
      let key: String?
    }

    struct Status: Decodable {
      let statusCategory: Named?
    }

    let project: Named?
    let components: [Named]?
    let priority: Named?
    let status: Status?
    let created: String?
    let resolutiondate: String?
  }

  struct Changelog: Decodable {
    let histories: [History]
  }

  let id: String
  let fields: Fields?
  let changelog: Changelog?

  var createdAt: Timestamp? { fields?.created.flatMap { Timestamp(iso8601: $0) } }
  var resolvedAt: Timestamp? { fields?.resolutiondate.flatMap { Timestamp(iso8601: $0) } }
}

/// `search/jql` on Cloud gives a token, `search` on Server and Data Center an offset and a total.
struct IssuePage: Decodable {
  let issues: [Issue]
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
  }

  let issueChangeLogs: [Log]
  let nextPageToken: String?
}

struct ErrorMessages: Decodable {
  let errorMessages: [String]?
}

struct Component: Decodable {
  let name: String
}
