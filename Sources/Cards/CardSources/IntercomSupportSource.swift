import CardModel
import Connectors
import Formats
import HTTPClient
import Intercom
import Time

/// `avg_ticket_response_time` and `open_tickets` from Intercom's conversations.
public struct IntercomSupportSource: CardSource {
  public let id = SourceID.intercom
  public let cards = [CardID.ticketResponseTime, .openTickets]

  private let context: CardContext
  private let api: APIClient
  private let client: IntercomClient

  /// - Parameter options: With this job's share of Intercom's limit.
  public init(_ credentials: IntercomCredentials, _ options: IntercomOptions, _ context: CardContext) {
    self.context = context
    api = context.api(.intercom, options.rateLimit)
    client = IntercomClient(api: api, credentials: credentials, options: options)
  }

  public var usage: RequestUsage { api.usage }

  public func read(_ card: CardID) async throws -> CardReading {
    card == .openTickets ? try await openTickets() : try await responseTime()
  }

  private func openTickets() async throws -> CardReading {
    async let open = client.count(.equal("state", "open"))
    async let snoozed = client.count(.equal("state", "snoozed"))
    guard let count = try await open else {
      throw SourceError(.malformed, "Intercom does not say how many conversations are open")
    }
    return CardReading(
      Rational(count), breakdown: [.init("snoozed", try await snoozed.map { "\($0)" })])
  }

  private func responseTime() async throws -> CardReading {
    let window = context.recent
    // A reply changes the conversation. Updates until now are read, since those of today hide none of the window's.
    async let changed = conversations(
      .greater("updated_at", window.start.seconds - 1))
    async let open = conversations(.equal("state", "open"))
    var reading = SupportReading()
    for conversation in try await changed where conversation.isCustomers {
      guard let reply = conversation.statistics.firstAdminReplyAt.flatMap({ Int64(exactly: $0.rounded(.down)) }),
        let instant = Timestamp(seconds: reply), window.contains(instant)
      else {
        if conversation.statistics.isOdd { reading.unreadable += 1 }
        continue
      }
      let seconds: Int64? =
        switch context.settings.clock {
        case .calendar: conversation.began.map { max(0, reply - $0) }
        case .business:
          conversation.statistics.timeToAdminReply.flatMap { Int64(exactly: $0.rounded(.down)) }.map { max(0, $0) }
        }
      if let seconds { reading.replies.append(seconds) } else { reading.unreadable += 1 }
    }
    reading.waiting = try await open.filter { $0.isCustomers && $0.isOpen && $0.statistics.firstAdminReplyAt == nil }
      .compactMap { $0.began.flatMap { Timestamp(seconds: $0) } }
    return try reading.reading(context)
  }

  /// All conversations that a search finds, each once.
  private func conversations(_ query: SearchQuery) async throws -> [Conversation] {
    var found: [String: Conversation] = [:]
    var announced = 0
    var unreadable = 0
    var cursor: String?
    var pager = Pager(.intercom)
    repeat {
      let page = try await client.search(query, cursor: cursor)
      announced = max(announced, page.totalCount ?? 0)
      for conversation in page.conversations {
        if let conversation, let id = conversation.id { found[id] = conversation } else { unreadable += 1 }
      }
      cursor = page.next
      if let cursor { try pager.follow(cursor, rows: found.count + unreadable) }
    } while cursor != nil
    guard unreadable == 0 else {
      throw SourceError(.malformed, "Intercom sent \(unreadable) conversations that can't be read")
    }
    guard found.count >= announced else {
      throw SourceError(.unavailable, "Intercom announced \(announced) conversations but sent \(found.count)")
    }
    return Array(found.values)
  }
}

extension Conversation {
  /// Whether a customer waits for an answer: not where the team began, nor where nobody answered a bot.
  fileprivate var isCustomers: Bool {
    switch deliveredAs {
    case "admin_initiated", "campaigns_initiated", "campaign_initiated", "automated": false
    case "operator_initiated": statistics.firstContactReplyAt != nil
    default: true
    }
  }

  /// When the customer first wrote, in seconds since 1970.
  fileprivate var began: Int64? {
    statistics.firstContactReplyAt.flatMap { Int64(exactly: $0.rounded(.down)) } ?? beginning
  }
}
