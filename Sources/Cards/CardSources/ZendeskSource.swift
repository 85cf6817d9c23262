import CardModel
import Connectors
import Formats
import HTTPClient
import Time
import Zendesk

/// `avg_ticket_response_time` and `open_tickets` from Zendesk.
public struct ZendeskSource: CardSource {
  public let id = SourceID.zendesk
  public let cards = [CardID.ticketResponseTime, .openTickets]

  private let context: CardContext
  private let apis: [APIClient]
  private let client: ZendeskClient
  private let unsolved: Shared<Int>

  public init(_ credentials: ZendeskCredentials, _ context: CardContext) {
    self.context = context
    let api = context.api(
      .zendesk, ZendeskOptions.rateLimit, policy: ZendeskOptions.policy, verdict: ZendeskClient.verdict)
    let exportAPI = context.api(
      .zendesk, ZendeskOptions.rateLimit, calls: "export", ZendeskOptions.exportWindow.withMargin,
      policy: ZendeskOptions.policy, verdict: ZendeskClient.verdict)
    apis = [api, exportAPI]
    let client = ZendeskClient(
      api: api, exportAPI: exportAPI, credentials: credentials,
      session: context.sessions.login(ZendeskSession.self) { ZendeskSession(now: context.time.monotonic) },
      time: context.time)
    self.client = client
    unsolved = Shared { try await client.count("type:ticket status<solved") }
  }

  /// Whether Zendesk accepts the login, and lets it search.
  public static func check(_ credentials: ZendeskCredentials, _ context: CardContext) async throws {
    _ = try await ZendeskSource(credentials, context).unsolved.value
  }

  public var usage: RequestUsage { .sum(apis.map(\.usage)) }

  public func read(_ card: CardID) async throws -> CardReading {
    card == .openTickets ? CardReading(Rational(try await unsolved.value)) : try await responseTime()
  }

  private func responseTime() async throws -> CardReading {
    let window = context.recent
    // A reply changes the ticket, so every reply of the window is among what changed since it began.
    async let counted = unsolved.value
    let changed = try await client.changes(since: window.start).tickets
    var reading = SupportReading()
    for ticket in changed where ticket.status != "deleted" {
      guard let calendar = ticket.replyTime?.calendar,
        window.contains(ticket.createdAt.advanced(bySeconds: Int64(calendar) * 60))
      else { continue }
      let minutes = context.settings.clock == .calendar ? calendar : ticket.replyTime?.business
      if let minutes { reading.replies.append(Int64(minutes) * 60) } else { reading.unreadable += 1 }
    }
    var waiting = changed.filter { $0.isUnsolved && $0.replyTime?.calendar == nil }
    // Tickets that nobody has touched since are the ones that wait longest.
    if try await counted > changed.count(where: \.isUnsolved) {
      let known = Set(changed.map(\.id))
      if let old = try await client.unsolvedUnchanged(since: window.start) {
        waiting += old.filter { !known.contains($0.id) && $0.isUnsolved && $0.replyTime?.calendar == nil }
        reading.waiting = waiting.map(\.createdAt)
      }
    } else {
      reading.waiting = waiting.map(\.createdAt)
    }
    return try reading.reading(context)
  }
}
