import CardModel
import Concurrency
import Connectors
import Formats
import HTTPClient
import Smartlead
import Time

/// `lead_queue_runway` and `new_contacts_sequenced`: campaigns of e-mails.
public struct LeadsSource: CardSource {
  public let id = SourceID.smartlead
  public let cards = [CardID.leadQueueRunway, .newContactsSequenced]

  private let context: CardContext
  private let api: APIClient
  private let client: SmartleadClient
  private let campaigns: Shared<[SmartleadCampaign]>

  public init(_ credentials: SmartleadCredentials, _ context: CardContext) {
    self.context = context
    api = context.api(.smartlead, SmartleadOptions.rateLimit, verdict: SmartleadClient.verdict(context.time))
    let client = SmartleadClient(api: api, credentials: credentials)
    self.client = client
    campaigns = Shared { try await client.campaigns() }
    let windows = context.settings.windows
    // Two weeks have ten working days.
    let near = context.window(days: min(windows.sendingDays * 7 / 5, windows.sendingLookBack))
    self.near = near
    let all = campaigns
    senders = Shared { try await Self.firstEmails(client, try await all.value.map(\.id), near) }
  }

  /// The days in which most sending days are found.
  private let near: DayWindow
  /// First e-mails of each campaign within these days. Campaigns without any need not be asked for single days: most of an
  /// account's campaigns have ended.
  private let senders: Shared<Counts>

  /// Whether Smartlead accepts the key.
  public static func check(_ credentials: SmartleadCredentials, _ context: CardContext) async throws {
    _ = try await LeadsSource(credentials, context).client.campaigns()
  }

  public var usage: RequestUsage { api.usage }

  public func read(_ card: CardID) async throws -> CardReading {
    card == .newContactsSequenced ? try await newContacts() : try await runway()
  }

  // MARK: Counting

  /// Counts by campaign.
  private struct Counts: Sendable {
    var byCampaign: [String: Int] = [:]
    /// Campaigns that were listed and are not known any more.
    var missing = 0

    var total: Int { byCampaign.values.reduce(0, +) }
    /// Those with any, the busiest first.
    var ids: [String] {
      byCampaign.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }
  }

  private static func firstEmails(
    _ client: SmartleadClient, _ campaigns: [String], _ window: DayWindow
  ) async throws -> Counts {
    let (start, end) = (window.start, Timestamp(milliseconds: window.end.milliseconds - 1))
    var counts = Counts()
    for (id, count) in try await each(campaigns, { try await client.firstEmails(ofCampaign: $0, from: start, to: end) })
    {
      if let count { counts.byCampaign[id] = count } else { counts.missing += 1 }
    }
    guard campaigns.isEmpty || !counts.byCampaign.isEmpty else {
      throw SourceError(.malformed, "Smartlead gave figures of none of \(campaigns.count) campaigns")
    }
    return counts
  }

  /// The values side by side, as far as the vendor's limits allow.
  private static func each<Input: Sendable, Value: Sendable>(
    _ inputs: [Input], _ read: @escaping @Sendable (Input) async throws -> Value
  ) async throws -> [(Input, Value)] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      for (index, input) in inputs.enumerated() { group.addTask { (index, try await read(input)) } }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map { (inputs[$0.0], $0.1) }
    }
  }

  private func newContacts() async throws -> CardReading {
    // Where the runway is read too, it is known which campaigns send.
    let ids =
      context.asked.contains(.leadQueueRunway) ? try await senders.value.ids : try await campaigns.value.map(\.id)
    let day = context.window(days: 1)
    let counts = try await Self.firstEmails(client, ids, day)
    var reading = CardReading(Rational(counts.total), asOf: day.end)
    reading.noteMissing(counts.missing)
    return reading
  }

  private func runway() async throws -> CardReading {
    let campaigns = try await campaigns.value
    guard !campaigns.isEmpty else { return .noData("there is no campaign") }
    let active = campaigns.filter { $0.status == "ACTIVE" }.map(\.id)
    let staged = campaigns.filter { $0.status == "DRAFTED" || $0.status == "PAUSED" }.map(\.id)
    let client = client
    async let activeStats = Self.each(active) { try await client.leadStats(ofCampaign: $0) }
    async let stagedStats = Self.each(staged) { try await client.leadStats(ofCampaign: $0) }
    async let boxes = Self.each(active) { try await client.mailboxes(ofCampaign: $0) }
    async let sending = rate()
    let (activeFound, stagedFound) = try await (activeStats, stagedStats)
    guard active.isEmpty || activeFound.contains(where: { $0.1 != nil }) else {
      throw SourceError(.malformed, "Smartlead gave figures of none of \(active.count) active campaigns")
    }
    let waiting = activeFound.compactMap(\.1).map(\.notStarted).reduce(0, +)
    let stagedCount = stagedFound.compactMap(\.1).map(\.notStarted).reduce(0, +)
    let mailboxes = try await boxes
    // One mailbox may serve several campaigns.
    let working = mailboxes.flatMap { $0.1 ?? [] }.filter(\.isWorking)
    let capacity = Dictionary(working.map { ($0.id, $0.messagesPerDay) }) { first, _ in first }.values.reduce(0, +)
    let isCapacityKnown = mailboxes.allSatisfy { $0.1 != nil }
    let (rate, missing) = try await sending
    let queue = waiting + (context.settings.staged == .campaigns ? stagedCount : 0)
    var breakdown: [CardRecord.Entry] = [
      .init("in progress", "\(activeFound.compactMap(\.1).map(\.inProgress).reduce(0, +))"),
      .init("not started", "\(waiting)"), .init("staged", "\(stagedCount)"),
      .init("send capacity, e-mails a day", isCapacityKnown ? "\(capacity)" : nil),
    ]
    guard let rate else {
      return .undefined(
        "no first e-mail went out in the last \(context.settings.windows.sendingLookBack) days", breakdown: breakdown)
    }
    breakdown.append(.init("first e-mails a sending day", try context.text(.days).value(rate)))
    var reading = CardReading(try Rational(queue).over(rate), isQuotient: true, breakdown: breakdown)
    let counted = activeFound + (context.settings.staged == .campaigns ? stagedFound : [])
    reading.noteMissing(counted.count { $0.1 == nil } + missing)
    return reading
  }

  /// The mean of first e-mails over the last days that had any; nil where none had. And campaigns without figures.
  ///
  /// Days without sending add nothing, so a range's total is the sum of its sending days. So single days are only asked whether
  /// anything went out at all, which mostly one campaign answers.
  private func rate() async throws -> (Rational?, missing: Int) {
    let windows = context.settings.windows
    var counts = try await senders.value
    var sendingDays = try await sendingDays(within: near, counts, atMost: windows.sendingDays)
    var first = near.first
    if sendingDays.count < windows.sendingDays, windows.sendingLookBack > near.last.day - near.first.day + 1 {
      let whole = context.window(days: windows.sendingLookBack)
      counts = try await Self.firstEmails(client, try await campaigns.value.map(\.id), whole)
      let earlier = DayWindow(first: whole.first, last: near.first.advanced(byDays: -1), zone: whole.zone)
      sendingDays += try await self.sendingDays(
        within: earlier, counts, atMost: windows.sendingDays - sendingDays.count)
      first = whole.first
    }
    guard let earliest = sendingDays.min() else { return (nil, counts.missing) }
    // Before the last of them there may be more.
    if sendingDays.count == windows.sendingDays, earliest > first {
      let window = DayWindow(first: earliest, last: near.last, zone: near.zone)
      let missing = counts.missing
      counts = try await Self.firstEmails(client, counts.ids, window)
      counts.missing += missing
    }
    return (try Rational(counts.total).over(Rational(sendingDays.count)), counts.missing)
  }

  /// The last days of a window on which any first e-mail went out.
  private func sendingDays(
    within window: DayWindow, _ counts: Counts, atMost limit: Int
  ) async throws -> [CalendarDate] {
    let (ids, client) = (counts.ids, client)
    guard !ids.isEmpty else { return [] }
    var found: [CalendarDate] = []
    var next = window.last
    while found.count < limit, next >= window.first {
      let count = min(limit - found.count, next.day - window.first.day + 1)
      let days = (0..<count).map { next.advanced(byDays: -$0) }
      let sending = try await Self.each(days) { day in
        let day = DayWindow(first: day, last: day, zone: window.zone)
        let end = Timestamp(milliseconds: day.end.milliseconds - 1)
        for id in ids where try await client.firstEmails(ofCampaign: id, from: day.start, to: end) ?? 0 > 0 {
          return true
        }
        return false
      }
      found += sending.filter(\.1).map(\.0)
      next = next.advanced(byDays: -count)
    }
    return found
  }
}

extension CardReading {
  fileprivate mutating func noteMissing(_ campaigns: Int) {
    if campaigns > 0 { makePartial("\(campaigns) campaigns have no figures") }
  }
}
