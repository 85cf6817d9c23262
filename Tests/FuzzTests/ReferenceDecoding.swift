import Formats
import FoundationEssentials

@testable import Intercom
@testable import Looker
@testable import Salesforce

enum ReferenceJSON {
  /// Whether a body is UTF-16 or UTF-32. `JSONDecoder` accepts both, the scanner refuses them. No vendor sends them.
  static func isAnotherEncoding(_ body: [UInt8]) -> Bool {
    body.prefix(4).contains(0) || body.starts(with: [0xFE, 0xFF]) || body.starts(with: [0xFF, 0xFE])
  }
}

/// An element of a list. If it has another type, only its value is nil and the rest of the list is still read.
private struct Lenient<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
  fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    (try? decodeIfPresent(type, forKey: key)) ?? nil
  }

  fileprivate func isPresent(_ key: Key) -> Bool { contains(key) && (try? decodeNil(forKey: key)) == false }

  fileprivate func text(_ key: Key) -> String? {
    lenient(String.self, key) ?? lenient(Int64.self, key).map { String($0) }
  }

  fileprivate func plainWholeNumber(_ key: Key) -> Int64? {
    lenient(Int64.self, key) ?? lenient(Double.self, key).flatMap { Int64(exactly: $0.rounded(.down)) }
      ?? lenient(String.self, key).flatMap { Int64($0) }
  }

  fileprivate func quotedNumber(_ key: Key) -> Double? {
    lenient(Double.self, key) ?? lenient(String.self, key).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }
}

/// `ConversationPage` as `JSONDecoder` reads it.
struct ReferenceConversationPage: Decodable {
  let totalCount: Int?
  let next: String?
  let conversations: [Conversation?]

  private enum Keys: String, CodingKey { case total_count, pages, conversations, next, starting_after }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    totalCount = container.plainWholeNumber(.total_count).flatMap { Int(exactly: $0) }
    var next: String?
    if container.contains(.pages), try !container.decodeNil(forKey: .pages) {
      let pages = try container.nestedContainer(keyedBy: Keys.self, forKey: .pages)
      if pages.contains(.next), try !pages.decodeNil(forKey: .next) {
        next = try pages.nestedContainer(keyedBy: Keys.self, forKey: .next).text(.starting_after)
        guard next != nil else { throw JSONBodyError(description: "no cursor") }
      }
    }
    self.next = next
    conversations = try container.decode([Lenient<ReferenceConversation>].self, forKey: .conversations)
      .map { $0.value?.conversation }
  }
}

private struct ReferenceConversation: Decodable {
  let conversation: Conversation

  private enum Keys: String, CodingKey {
    case id, created_at, updated_at, state, open, priority, source, company, contacts, tags, statistics,
      conversation_rating
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    var conversation = Conversation()
    conversation.id = container.text(.id)
    conversation.createdAt = container.plainWholeNumber(.created_at)
    conversation.updatedAt = container.plainWholeNumber(.updated_at)
    conversation.isOpen =
      container.lenient(String.self, .state).map { $0 == "open" } ?? container.lenient(Bool.self, .open) ?? false
    conversation.priority = container.lenient(String.self, .priority)
    let isOdd = [Keys.priority, .tags, .statistics, .conversation_rating].map { container.isPresent($0) }
    conversation.deliveredAs = container.lenient(Origin.self, .source)?.delivered_as
    conversation.company = container.lenient(CompanyReference.self, .company)
    conversation.isCompanyOdd = container.isPresent(.company) && conversation.company == nil
    let contacts = container.lenient(ContactList.self, .contacts)
    let first = contacts?.contacts.compactMap(\.value).first
    conversation.firstContact = first?.id
    conversation.contactIDs = contacts?.contacts.compactMap { $0.value?.id } ?? []
    conversation.isContactOdd =
      container.isPresent(.contacts) && (contacts == nil || (first != nil && first?.id == nil))
    conversation.tags = container.lenient(TagList.self, .tags)?.tags.compactMap(\.value?.name) ?? []
    let statistics = container.lenient(Statistics.self, .statistics)?.statistics
    conversation.statistics = statistics ?? Conversation.Statistics()
    let rating = container.lenient(Rating.self, .conversation_rating)
    conversation.rating = rating?.rating.flatMap { (1...5).contains($0) ? $0 : nil }
    let isRead = [
      conversation.priority != nil, container.lenient(TagList.self, .tags) != nil, statistics != nil, rating != nil,
    ]
    conversation.isOdd = zip(isOdd, isRead).contains { $0 && !$1 }
    self.conversation = conversation
  }

  private struct Origin: Decodable { let delivered_as: String? }
  private struct Rating: Decodable { let rating: Int64? }
  private struct ContactList: Decodable { let contacts: [Lenient<Identified>] }
  private struct TagList: Decodable { let tags: [Lenient<Tag>] }
  private struct Tag: Decodable { let name: String? }

  private struct Identified: Decodable {
    let id: String?

    private enum Keys: String, CodingKey { case id }

    init(from decoder: any Decoder) throws { id = try decoder.container(keyedBy: Keys.self).text(.id) }
  }

  private struct Statistics: Decodable {
    let statistics: Conversation.Statistics

    private enum Keys: String, CodingKey {
      case time_to_admin_reply, first_admin_reply_at, first_contact_reply_at, last_close_at, count_reopens
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      var statistics = Conversation.Statistics(
        timeToAdminReply: container.quotedNumber(.time_to_admin_reply),
        firstAdminReplyAt: container.quotedNumber(.first_admin_reply_at),
        firstContactReplyAt: container.quotedNumber(.first_contact_reply_at),
        lastCloseAt: container.quotedNumber(.last_close_at).flatMap { Int64(exactly: $0.rounded(.down)) },
        countReopens: container.quotedNumber(.count_reopens))
      let isPresent = [
        Keys.time_to_admin_reply, .first_admin_reply_at, .last_close_at, .count_reopens, .first_contact_reply_at,
      ].map { container.isPresent($0) }
      let isRead = [
        statistics.timeToAdminReply != nil, statistics.firstAdminReplyAt != nil, statistics.lastCloseAt != nil,
        statistics.countReopens != nil, statistics.firstContactReplyAt != nil,
      ]
      statistics.isOdd = zip(isPresent, isRead).contains { $0 && !$1 }
      self.statistics = statistics
    }
  }
}

/// `QueryPage` as `JSONDecoder` reads it.
struct ReferenceQueryPage: Decodable {
  let totalSize: Int
  let done: Bool
  let records: [ReferenceRow]
}

/// A row with any fields. Their names are compared without regard to case.
struct ReferenceRow: Decodable {
  private let values: [String: ReferenceValue]

  init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: ReferenceValue].self)
  }

  func field(_ name: String) -> ReferenceValue? {
    values[name] ?? values.first { $0.key.lowercased() == name.lowercased() }?.value
  }
}

/// A value as Salesforce's and as Looker's tables read it.
struct ReferenceValue: Decodable {
  let salesforce: SalesforceValue
  let looker: LookerCell

  init(from decoder: any Decoder) throws {
    guard let container = try? decoder.singleValueContainer(), !container.decodeNil() else {
      salesforce = .null
      looker = .null
      return
    }
    if let text = try? container.decode(String.self) {
      salesforce = .text(text)
      looker = .text(text)
    } else if let flag = try? container.decode(Bool.self) {
      salesforce = .flag(flag)
      looker = .text(flag ? "true" : "false")
    } else {
      let double = try? container.decode(Double.self)
      salesforce = double.map { .number($0) } ?? .unreadable
      looker = (try? container.decode(Int64.self)).map { .integer($0) } ?? double.map { .number($0) } ?? .unreadable
    }
  }
}
