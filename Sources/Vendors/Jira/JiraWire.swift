import Formats

/// A page of issues. `search/jql` of Cloud gives a token, `search` of Server and Data Center a total.
struct IssuePage: Decodable {
  /// Nil for an entry that is not an issue at all.
  let issues: [Lenient<JiraIssue>]
  let nextPageToken: String?
  let isLast: Bool?
  let total: Int?
}

/// `POST /changelog/bulkfetch`; one issue can span pages.
struct ChangelogPage: Decodable {
  struct Log: Decodable {
    let issueId: String
    let changeHistories: [JiraHistory]

    private enum CodingKeys: String, CodingKey { case issueId, changeHistories }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let number = try? container.decode(Int64.self, forKey: .issueId) {
        issueId = "\(number)"
      } else {
        issueId = try container.decode(String.self, forKey: .issueId)
      }
      changeHistories = try container.decode([JiraHistory].self, forKey: .changeHistories)
    }
  }

  let issueChangeLogs: [Log]
  let nextPageToken: String?
}

struct ErrorMessages: Decodable {
  let errorMessages: [String]
}

/// `GET /project/search`.
struct ProjectPage: Decodable {
  let values: [JiraProject]
  let isLast: Bool?
}

/// A project of the site.
public struct JiraProject: Decodable, Sendable {
  public let key: String
  public let name: String?
}

/// A component of a project.
public struct JiraComponent: Decodable, Sendable {
  public let name: String
  public let description: String?
}

struct Component: Decodable {
  let name: String
}

/// `GET /priority/search` on Cloud.
struct NamePage: Decodable {
  let values: [JiraName]
}
