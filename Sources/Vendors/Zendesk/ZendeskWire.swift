import Formats
import Time

/// A ticket and how fast it was answered. Nothing of its text is read.
public struct ZendeskTicket: Sendable, Equatable, Decodable {
  /// Minutes until the first reply, by two clocks; nil before it.
  public struct ReplyTime: Sendable, Equatable, Decodable {
    public var calendar: Int?
    public var business: Int?

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      calendar = container.wholeNumber(.calendar)
      business = container.wholeNumber(.business)
    }

    private enum CodingKeys: String, CodingKey { case calendar, business }
  }

  public var id: String
  /// `new`, `open`, `pending`, `hold`, `solved`, `closed` or `deleted`.
  public var status: String
  public var createdAt: Timestamp
  /// Seconds since 1970 of the last change, by which the export goes; 0 where the answer has none.
  public var generated: Int
  /// Whether the answer has the ticket's metrics.
  public var hasMetrics: Bool
  public var replyTime: ReplyTime?

  public var isUnsolved: Bool { ["new", "open", "pending", "hold"].contains(status) }

  private enum CodingKeys: String, CodingKey {
    case id, status
    case createdAt = "created_at"
    case generated = "generated_timestamp"
    case metrics = "metric_set"
  }

  private struct Metrics: Decodable {
    let replyTime: ReplyTime?

    private enum CodingKeys: String, CodingKey { case replyTime = "reply_time_in_minutes" }

    init(from decoder: any Decoder) throws {
      replyTime = try decoder.container(keyedBy: CodingKeys.self).lenient(ReplyTime.self, .replyTime)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id), let status = container.lenient(String.self, .status),
      let createdAt = container.lenient(Timestamp.self, .createdAt)
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a ticket with id, status and created_at"))
    }
    self.id = id
    self.status = status.lowercased()
    self.createdAt = createdAt
    generated = container.wholeNumber(.generated) ?? 0
    let metrics = container.lenient(Metrics.self, .metrics)
    hasMetrics = metrics != nil
    replyTime = metrics?.replyTime
  }

  /// Takes metrics that stand beside the tickets of an answer.
  mutating func take(_ set: ZendeskMetricSet) {
    hasMetrics = true
    replyTime = set.replyTime
  }
}

/// The metrics of a ticket, where an answer lists them beside the tickets.
struct ZendeskMetricSet: Decodable {
  let ticketID: String?
  let replyTime: ZendeskTicket.ReplyTime?

  private enum CodingKeys: String, CodingKey {
    case ticketID = "ticket_id"
    case replyTime = "reply_time_in_minutes"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    ticketID = container.text(.ticketID)
    replyTime = container.lenient(ZendeskTicket.ReplyTime.self, .replyTime)
  }
}

struct ZendeskTickets: Decodable {
  private let rows: [Lenient<ZendeskTicket>]
  private let sets: [ZendeskMetricSet]
  let cursor: String?
  /// Whether this is the last page.
  let isEnd: Bool

  private enum CodingKeys: String, CodingKey {
    case tickets
    case sets = "metric_sets"
    case cursor = "after_cursor"
    case isEnd = "end_of_stream"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rows = try container.decode([Lenient<ZendeskTicket>].self, forKey: .tickets)
    sets = container.lenient([Lenient<ZendeskMetricSet>].self, .sets)?.compactMap(\.value) ?? []
    cursor = container.lenient(String.self, .cursor)
    isEnd = container.lenient(Bool.self, .isEnd) ?? (cursor == nil)
  }

  var unreadable: Int { rows.count { $0.value == nil } }

  var tickets: [ZendeskTicket] {
    let known = Dictionary(sets.compactMap { set in set.ticketID.map { ($0, set) } }) { first, _ in first }
    return rows.compactMap(\.value).map { ticket in
      guard !ticket.hasMetrics, let set = known[ticket.id] else { return ticket }
      var ticket = ticket
      ticket.take(set)
      return ticket
    }
  }
}

struct ZendeskSearchPage: Decodable {
  struct Row: Decodable {
    let id: String?

    private enum CodingKeys: String, CodingKey { case id }

    init(from decoder: any Decoder) throws { id = try decoder.container(keyedBy: CodingKeys.self).text(.id) }
  }

  struct Meta: Decodable {
    let hasMore: Bool?
    let cursor: String?

    private enum CodingKeys: String, CodingKey {
      case hasMore = "has_more"
      case cursor = "after_cursor"
    }
  }

  let results: [Row]
  let meta: Meta?
}

struct ZendeskCount: Decodable { let count: Int }

struct ZendeskToken: Decodable {
  let token: String
  /// Seconds; nil where it does not end.
  let expiresIn: Double?

  private enum CodingKeys: String, CodingKey {
    case token = "access_token"
    case expiresIn = "expires_in"
  }
}

struct ZendeskFailure: Decodable { let error: String? }
