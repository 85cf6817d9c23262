import CardModel
import Connectors
import Formats
import HTTPClient
import HubSpot
import Time

/// `meetings_held`, `sales_activities` and `email_reply_rate`, and MQLs for `cost_per_mql`: HubSpot's CRM.
public struct SalesSource: CardSource {
  public let id = SourceID.hubSpot
  public let cards = [CardID.meetingsHeld, .salesActivities, .emailReplyRate]

  private let context: CardContext
  private let apis: [APIClient]
  private let client: HubSpotClient
  private let meetings: Shared<[HubSpotObject]>
  private let emails: Shared<[HubSpotObject]>

  public init(_ credentials: HubSpotCredentials, _ options: HubSpotOptions, _ context: CardContext) {
    self.context = context
    let api = context.api(
      .hubSpot, HubSpotOptions.rateLimit, policy: HubSpotOptions.policy, verdict: HubSpotClient.verdict)
    let searchAPI = context.api(
      .hubSpot, HubSpotOptions.rateLimit, calls: "search", HubSpotOptions.searchWindow.withMargin.evenly,
      policy: HubSpotOptions.policy, verdict: HubSpotClient.verdict)
    apis = [api, searchAPI]
    let client = HubSpotClient(api: api, searchAPI: searchAPI, credentials: credentials, options: options)
    self.client = client
    let window = context.recent
    meetings = Shared {
      try await Self.objects(client, "meetings", "hs_meeting_start_time", window, ["hs_meeting_outcome"])
    }
    emails = Shared { try await Self.objects(client, "emails", "hs_timestamp", window, EmailFigures.properties) }
  }

  /// Whether HubSpot accepts the token.
  public static func check(
    _ credentials: HubSpotCredentials, _ options: HubSpotOptions, _ context: CardContext
  ) async throws {
    try await SalesSource(credentials, options, context).client.checkAccess()
  }

  public var usage: RequestUsage { .sum(apis.map(\.usage)) }

  public func read(_ card: CardID) async throws -> CardReading {
    switch card {
    case .meetingsHeld: return try await meetingsHeld()
    case .emailReplyRate: return try EmailFigures(try await emails.value).replyRate(asOf: context.recent.end)
    default: return try await activities()
    }
  }

  /// Contacts that became a marketing-qualified lead within the days.
  public func qualifiedLeads(_ window: DayWindow) async throws -> Int {
    try await client.count(
      "contacts",
      HubSpotFilter.within("hs_v2_date_entered_marketingqualifiedlead", from: window.start, to: window.end))
  }

  /// Objects whose instant lies within the days. The search may be wider than asked for.
  private static func objects(
    _ client: HubSpotClient, _ type: String, _ property: String, _ window: DayWindow, _ properties: [String]
  ) async throws -> [HubSpotObject] {
    try await client.objects(
      type, HubSpotFilter.within(property, from: window.start, to: window.end), properties: [property] + properties
    ).filter { object in object.instant(property).map(window.contains) ?? true }
  }

  private func meetingsHeld() async throws -> CardReading {
    let meetings = try await meetings.value
    let contacts = meetings.isEmpty ? [:] : try await client.contacts(ofMeetings: meetings.map(\.id))
    let byOutcome = Dictionary(grouping: meetings) { $0["hs_meeting_outcome"]?.uppercased() ?? "not set" }
    var breakdown: [CardRecord.Entry] = []
    for (outcome, meetings) in byOutcome.sorted(by: { $0.key < $1.key }) {
      breakdown.append(.init(Self.label(outcome), "\(meetings.count)"))
      let attendees = Set(meetings.flatMap { contacts[$0.id] ?? [] })
      breakdown.append(.init("\(Self.label(outcome)), attendees", "\(attendees.count)"))
    }
    var reading = CardReading(
      Rational(byOutcome["COMPLETED"]?.count ?? 0), asOf: context.recent.end, breakdown: breakdown)
    let unknown = meetings.count { contacts[$0.id] == nil }
    if unknown > 0 { reading.makePartial("HubSpot did not tell the attendees of \(unknown) meetings") }
    return reading
  }

  /// Accounts make outcomes of their own.
  private static func label(_ outcome: String) -> String { String(outcome.withoutControlCharacters.prefix(40)) }

  private func activities() async throws -> CardReading {
    let window = context.recent
    let client = client
    @Sendable func count(_ type: String, _ property: String, _ more: [HubSpotFilter] = []) async throws -> Int {
      try await client.count(type, HubSpotFilter.within(property, from: window.start, to: window.end) + more)
    }
    async let calls = count("calls", "hs_timestamp")
    async let notes = count("notes", "hs_timestamp")
    async let tasks = count("tasks", "hs_task_completion_date", [.equal("hs_task_status", "COMPLETED")])
    async let meetingRows = meetings.value
    async let emailRows = emails.value
    let figures = EmailFigures(try await emailRows)
    let parts = try await [
      ("calls", calls), ("emails sent", figures.sent.count), ("meetings", meetingRows.count), ("notes", notes),
      ("tasks completed", tasks),
    ]
    var reading = CardReading(
      Rational(parts.reduce(0) { $0 + $1.1 }), asOf: window.end,
      breakdown: parts.map { .init($0.0, "\($0.1)") })
    let median = try figures.medianReplyHours.map { try context.text(.hours).value($0) }
    reading.breakdown.append(.init("median hours to reply", median))
    return reading
  }
}

/// Figures of logged e-mails. Pure.
struct EmailFigures {
  static let properties = [
    "hs_email_direction", "hs_email_status", "hs_email_thread_id", "hs_email_reply_count", "hs_email_open_count",
  ]

  private let emails: [HubSpotObject]

  init(_ emails: [HubSpotObject]) { self.emails = emails }

  /// Outgoing e-mails that left.
  var sent: [HubSpotObject] {
    emails.filter { email in
      email["hs_email_direction"]?.uppercased() == "EMAIL"
        && !["FAILED", "SCHEDULED", "SENDING"].contains(email["hs_email_status"]?.uppercased() ?? "")
    }
  }

  /// From each incoming e-mail to the next outgoing one of its thread; nil where none got one.
  var medianReplyHours: Rational? {
    get throws {
      var outgoing: [String: [Timestamp]] = [:]
      for email in sent {
        if let thread = email["hs_email_thread_id"], let instant = email.instant("hs_timestamp") {
          outgoing[thread, default: []].append(instant)
        }
      }
      outgoing = outgoing.mapValues { $0.sorted() }
      let waits = emails.compactMap { email -> Rational? in
        guard email["hs_email_direction"]?.uppercased() == "INCOMING_EMAIL",
          let thread = email["hs_email_thread_id"], let instant = email.instant("hs_timestamp"),
          let reply = outgoing[thread]?.first(where: { $0 > instant })
        else { return nil }
        return Rational(Int128(reply.milliseconds - instant.milliseconds), over: 3_600_000)
      }
      return try NumberSummary(waits)?.median
    }
  }

  func replyRate(asOf: Timestamp) throws -> CardReading {
    let tracked = sent.filter { $0.count("hs_email_reply_count") != nil }
    guard !tracked.isEmpty else { return .noData("HubSpot tracks none of the e-mails that were sent") }
    let bounced = tracked.count { $0["hs_email_status"]?.uppercased() == "BOUNCED" }
    let replies = tracked.compactMap { $0.count("hs_email_reply_count") }.reduce(0, +)
    let opened = tracked.compactMap { $0.count("hs_email_open_count") }.reduce(0, +)
    let breakdown: [CardRecord.Entry] = [
      .init("replies", "\(replies)"), .init("sent, tracked", "\(tracked.count)"), .init("bounced", "\(bounced)"),
      .init("opens (indicative)", "\(opened)"), .init("sent, not tracked", "\(sent.count - tracked.count)"),
    ]
    let delivered = tracked.count - bounced
    guard delivered > 0 else { return .undefined("every tracked e-mail bounced", breakdown: breakdown) }
    guard let rate = Rational(Int128(replies) * 100, over: Int128(delivered)) else { throw NumberTooLarge() }
    return CardReading(rate, isQuotient: true, asOf: asOf, breakdown: breakdown)
  }
}
