/// A page of `POST /conversations/search`; the list is called `conversations`, not `data`.
struct ConversationPage: Decodable {
  let totalCount: Int?
  let next: String?
  /// Nil for an entry that is not a conversation at all.
  let conversations: [Conversation?]

  private enum CodingKeys: String, CodingKey {
    case totalCount = "total_count"
    case pages, conversations
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    totalCount = container.lenient(Int.self, .totalCount)
    next = try container.decodeIfPresent(Pages.self, forKey: .pages)?.next?.startingAfter
    conversations = try container.decode([Lenient<Conversation>].self, forKey: .conversations).map(\.value)
  }
}

/// `next` is missing on the last page; in lists it may be a URL or an object.
struct Pages: Decodable {
  struct Next: Decodable {
    let startingAfter: String?

    private enum CodingKeys: String, CodingKey { case startingAfter = "starting_after" }

    init(from decoder: any Decoder) throws {
      startingAfter = (try? decoder.container(keyedBy: CodingKeys.self))?.lenient(String.self, .startingAfter)
    }
  }

  let next: Next?
  let totalPages: Int?

  private enum CodingKeys: String, CodingKey {
    case next
    case totalPages = "total_pages"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    next = try container.decodeIfPresent(Next.self, forKey: .next)
    totalPages = container.lenient(Int.self, .totalPages)
  }
}

/// The few fields of a conversation that a metric needs; times are epoch seconds, durations seconds.
///
/// A field of an unexpected type counts as absent: one odd record must not cost a page. `id` and `createdAt` are nil
/// then too, and the record is skipped and counted.
struct Conversation: Decodable {
  let id: String?
  let createdAt: Int64?
  let priority: String?
  let deliveredAs: String?
  let company: CompanyReference?
  let firstContact: String?
  let tags: [String]
  let statistics: Statistics
  /// 1…5; nil where unrated.
  let rating: Int?

  private enum CodingKeys: String, CodingKey {
    case id, priority, source, company, contacts, tags, statistics
    case createdAt = "created_at"
    case rating = "conversation_rating"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    createdAt = container.wholeNumber(.createdAt)
    priority = container.lenient(String.self, .priority)
    deliveredAs = container.lenient(Origin.self, .source)?.deliveredAs
    company = container.lenient(CompanyReference.self, .company)
    firstContact = container.lenient(ContactList.self, .contacts)?.contacts.compactMap(\.value).first?.id
    tags = container.lenient(TagList.self, .tags)?.tags.compactMap(\.value?.name) ?? []
    statistics = container.lenient(Statistics.self, .statistics) ?? Statistics()
    rating = container.lenient(Rating.self, .rating)?.rating.flatMap { (1...5).contains($0) ? $0 : nil }
  }

  struct Statistics: Decodable {
    var timeToAdminReply: Double?
    var firstAdminReplyAt: Double?
    var lastCloseAt: Int64?
    var countReopens: Double?

    private enum CodingKeys: String, CodingKey {
      case timeToAdminReply = "time_to_admin_reply"
      case firstAdminReplyAt = "first_admin_reply_at"
      case lastCloseAt = "last_close_at"
      case countReopens = "count_reopens"
    }

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      timeToAdminReply = container.lenient(Double.self, .timeToAdminReply)
      firstAdminReplyAt = container.lenient(Double.self, .firstAdminReplyAt)
      lastCloseAt = container.lenient(Double.self, .lastCloseAt).flatMap { Int64(exactly: $0.rounded(.down)) }
      countReopens = container.lenient(Double.self, .countReopens)
    }
  }

  private struct Origin: Decodable {
    let deliveredAs: String?

    private enum CodingKeys: String, CodingKey { case deliveredAs = "delivered_as" }
  }

  private struct Rating: Decodable {
    let rating: Int?
  }

  private struct TagList: Decodable {
    struct Tag: Decodable {
      let name: String?
    }

    let tags: [Lenient<Tag>]
  }
}

struct ContactList: Decodable {
  let contacts: [Lenient<Contact>]
}

/// An element of a list that may be of another type without costing the list.
struct Lenient<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

struct Contact: Decodable {
  struct Companies: Decodable {
    let data: [CompanyReference]
  }

  let id: String?
  let companies: Companies?

  private enum CodingKeys: String, CodingKey { case id, companies }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    companies = container.lenient(Companies.self, .companies)
  }
}

/// Intercom's own id and the workspace's.
struct CompanyReference: Decodable {
  let id: String?
  let companyID: String?

  private enum CodingKeys: String, CodingKey {
    case id
    case companyID = "company_id"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    companyID = container.text(.companyID)
  }
}

/// `GET /companies?company_id=`: a list by the specification, a company by its prose.
struct CompanyLookup: Decodable {
  let companies: [CompanyReference]

  private enum CodingKeys: String, CodingKey { case data }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    companies =
      container.contains(.data)
      ? try container.decode([CompanyReference].self, forKey: .data) : [try CompanyReference(from: decoder)]
  }
}

/// `GET /companies/{id}/contacts`, `GET /contacts/{id}/companies` and `POST /companies/list`.
struct ListPage<Item: Decodable>: Decodable {
  let data: [Item]
  let pages: Pages?
  let totalCount: Int?

  private enum CodingKeys: String, CodingKey {
    case data, pages
    case totalCount = "total_count"
  }
}

struct ErrorList: Decodable {
  struct Item: Decodable {
    let code: String
  }

  let errors: [Item]
}

extension KeyedDecodingContainer {
  /// Absent, null and of another type are all nil.
  fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    (try? decodeIfPresent(type, forKey: key)) ?? nil
  }

  /// An id, as a string or a number.
  fileprivate func text(_ key: Key) -> String? {
    lenient(String.self, key) ?? lenient(Int64.self, key).map { String($0) }
  }

  /// A time, as a number or the same in quotes.
  fileprivate func wholeNumber(_ key: Key) -> Int64? {
    lenient(Int64.self, key) ?? lenient(Double.self, key).flatMap { Int64(exactly: $0.rounded(.down)) }
      ?? lenient(String.self, key).flatMap { Int64($0) }
  }
}
