import Concurrency
import Connectors
import Formats
import HTTPClient
import HealthModel
import Insight
import Intercom

/// An independent part of the window's conversations, or of those before it that only trends need.
///
/// It has the conversations created within `[start, end)`, and those created before the whole window and last closed
/// within `[start, end)`. So each conversation of the window is in exactly one slice.
public struct IntercomSlice: Codable, Sendable, Equatable {
  /// In epoch seconds, inclusive.
  public var start: Int64
  /// In epoch seconds, exclusive.
  public var end: Int64
  /// Whether it belongs to the time before the window.
  public var isHistory = false

  var bounds: Range<Int64> { start..<end }
}

/// Support conversations from Intercom.
///
/// Intercom can't search conversations by company. So the source reads the window once for all accounts and groups the
/// conversations itself. A conversation without a company counts for its contact's first company.
public struct IntercomSource: HealthSource {
  public let extraction: Extraction
  private let client: IntercomClient
  private let rules: IntercomRules
  private let directory: OwnerDirectory
  private let window: Range<Int64>
  /// What is read before the window, for trends only; nil where they are off.
  private let history: Range<Int64>?

  public init(client: IntercomClient, rules: IntercomRules, extraction: Extraction) {
    self.client = client
    self.rules = rules
    self.extraction = extraction
    var byCompany: [String: [Int]] = [:]
    var byComparisonKey: [String: [Int]] = [:]
    for (position, account) in extraction.accounts.enumerated() {
      for id in Set([account.intercomCompanyID, account.intercomInternalID].compactMap(\.self)) {
        byCompany[id, default: []].append(position)
      }
      if let id = account.intercomCompanyID { byComparisonKey[id.comparisonKey, default: []].append(position) }
    }
    directory = OwnerDirectory(
      client: client, accounts: extraction.accounts, accountsByCompany: byCompany,
      accountsByComparisonKey: byComparisonKey)
    // The window of a running month ends at the as-of instant, which may have a fraction of a second.
    let window = extraction.window.lowerBound.seconds..<extraction.window.upperBound.seconds
    self.window = window
    let start = window.upperBound - Int64(ConversationTrends.days) * 86_400
    history = rules.readsTrends && start < window.lowerBound ? start..<window.lowerBound : nil
  }

  /// Whether the mapping has one of Intercom's two ids for the account.
  public func isMapped(_ account: MappedAccount) -> Bool { account.isInIntercom }

  /// The escalation metric, where no escalation tag is configured; trends and the tone of texts, where they are off.
  public var unconfiguredMetrics: Set<Metric> {
    var metrics: Set<Metric> = rules.readsText ? [] : [.negativeConversations]
    if !rules.readsTrends { metrics.formUnion(Metric.trends) }
    if rules.escalationTags.isEmpty { metrics.formUnion(Metric.escalation.withTrends) }
    return metrics
  }

  private var reading: ConversationReading {
    ConversationReading(scoreAttribute: rules.scoreAttribute, readsOpening: rules.readsText)
  }

  public func plan() async throws -> SlicePlan<IntercomSlice, IntercomPartial> {
    let total = try await count(window)
    var found = IntercomPartial()
    // Without accounts, only the access is checked.
    if !extraction.accounts.isEmpty {
      do {
        found.tags.listed = try await client.tags()
      } catch {
        try Task.checkCancellation()
        found.notes.insert(
          "Intercom does not list its tags, so that configured ones are held against the conversations only: \(error)")
      }
    }
    found.planned = total
    var slices = slices(of: window, total: total)
    if let history, !extraction.accounts.isEmpty {
      // How many there are only decides the number of slices, so an error here is left to their own reading.
      let total = try? await count(history)
      try Task.checkCancellation()
      slices += self.slices(of: history, total: total ?? nil).map { slice in
        IntercomSlice(start: slice.start, end: slice.end, isHistory: true)
      }
    }
    return SlicePlan(slices: slices, found: found)
  }

  /// How many conversations a window has; nil where Intercom does not say.
  private func count(_ window: Range<Int64>) async throws -> Int? {
    let total = try await client.search(conversations(of: window, in: window), cursor: nil).totalCount
    if let total, total < 0 { throw SourceError(.malformed, "Intercom announced \(total) conversations") }
    return total
  }

  private func slices(of window: Range<Int64>, total: Int?) -> [IntercomSlice] {
    let count = max(1, min(rules.maximumSlices, (total ?? .max) / (3 * IntercomClient.pageSize)))
    let length = window.upperBound - window.lowerBound
    return (0..<Int64(count)).map { index in
      IntercomSlice(
        start: window.lowerBound + length * index / Int64(count),
        end: window.lowerBound + length * (index + 1) / Int64(count))
    }
  }

  /// Reads the slice a second time where conversations were lost, and keeps the reading that lost fewer.
  public func read(_ slice: IntercomSlice) async throws -> IntercomPartial {
    // Pages move under the cursor while people work; a second look mostly sees them all.
    try await readLosingLeast { try await readOnce(slice) }
  }

  /// Follows the cursor to its end, and counts each conversation once.
  private func readOnce(_ slice: IntercomSlice) async throws -> IntercomPartial {
    let query = conversations(of: slice.bounds, in: slice.isHistory ? history ?? slice.bounds : window)
    var reading = ConversationSliceReading(isHistory: slice.isHistory)
    var pager = Pager(.intercom)
    var cursor: String?
    var found = ConversationIDs()
    var others = 0
    while true {
      let page = try await client.search(query, cursor: cursor, reading: self.reading)
      reading.received.pages += 1
      for conversation in page.conversations {
        guard let conversation, let id = conversation.id else {
          // Without an id, a duplicate can't be recognised.
          others += 1
          reading.skip(conversation, directory)
          continue
        }
        if found.insert(id) {
          tally(conversation, of: slice, into: &reading)
        } else {
          reading.received.skip("duplicate")
        }
      }
      guard let next = page.next else {
        if let total = page.totalCount {
          try reading.received.announce(total, came: found.count + others, by: .intercom)
        }
        return reading.partial
      }
      try pager.follow(next, rows: found.count)
      cursor = next
    }
  }

  /// Counts only what belongs to the slice. Each slice asks for one second more on each side, so neighbours find some
  /// of the same conversations.
  private func tally(
    _ conversation: Conversation, of slice: IntercomSlice, into reading: inout ConversationSliceReading
  ) {
    let bounds = slice.bounds
    let window = slice.isHistory ? history ?? bounds : window
    reading.note(conversation)
    let beginning = conversation.beginning
    let closedAt = conversation.statistics.lastCloseAt
    let isCreated = beginning.map(bounds.contains) ?? true
    // If the close time can't be read, rely on the search, which found it within the bounds.
    let isClosed = closedAt.map(bounds.contains) ?? (conversation.isOdd || conversation.statistics.isOdd)
    guard isCreated || (beginning.map { $0 < window.lowerBound } ?? false && isClosed) else {
      return reading.received.skip("outside the bounds")
    }
    var counted = CountedConversation()
    counted.createdAt = beginning.flatMap { UInt32(exactly: $0) } ?? 0
    if isCreated { counted.traits.insert(.created) }
    guard conversation.isReadable, let beginning else {
      counted.traits.insert(.unreadable)
      return reading.add(counted, of: conversation, directory)
    }
    if isCustomers(conversation) {
      if isCreated { counted.setCreated(conversation, rules: rules) }
      if let closedAt, window.contains(closedAt) { counted.setClosed(createdAt: beginning, closedAt: closedAt) }
    } else {
      counted.traits.insert(.uncounted)
    }
    var suggested: SuggestedSignal?
    if rules.readsText, !slice.isHistory, isCreated, !counted.traits.contains(.uncounted),
      let opening = conversation.opening
    {
      // The text ends here: only what it means is kept.
      let tone = ConversationTone(html: opening)
      counted.traits.insert(.hasText)
      if tone.isNegative { counted.traits.insert(.negative) }
      suggested = tone.suggestion.map {
        SuggestedSignal(category: $0.category, severity: $0.severity, conversationID: conversation.id ?? "")
      }
    }
    reading.add(counted, suggested, of: conversation, directory)
  }

  /// Whether a customer began it, or a bot began it and the customer wrote in it.
  private func isCustomers(_ conversation: Conversation) -> Bool {
    guard let origin = conversation.deliveredAs else { return false }
    return rules.customerInitiated.contains(origin)
      || (rules.customerAnswered.contains(origin) && conversation.statistics.firstContactReplyAt != nil)
  }

  /// The search for a slice: an OR of two ANDs. Intercom allows no deeper nesting.
  ///
  /// - Parameter window: All slices of its kind together.
  private func conversations(of slice: Range<Int64>, in window: Range<Int64>) -> SearchQuery {
    .any([
      .all(SearchQuery.within("created_at", slice)),
      .all(
        SearchQuery.within("statistics.last_close_at", slice) + [.less("created_at", window.lowerBound + 1)]),
    ])
  }

  /// If a slice of the window failed, all metrics of all accounts are unavailable, because it may have conversations of
  /// any account. If only one before the window failed, the trends are.
  public func observe(_ partial: IntercomPartial, failed: [IntercomSlice]) async throws -> SourceObservations {
    guard failed.allSatisfy(\.isHistory) else {
      return SourceObservations(
        accounts: extraction.accounts.map { missing(.unavailable, for: $0) }, received: partial.received)
    }
    var partial = partial
    var problems: Set<String> = []
    var unclear: Set<Int> = []
    if !partial.pending.isEmpty {
      let answer = await directory.answer(
        for: partial.pending.keys, candidates: Set(partial.candidates.map { Int($0) }))
      for owner in answer.unknown { partial.leaveOut(owner) }
      // An account whose company or contacts could not be looked up may own the conversations that still have no owner.
      let isSomeOwnerless = partial.pending.keys.contains { answer.owners[$0] == nil }
      if isSomeOwnerless { unclear = Set(answer.unclear) }
      if !answer.errors.isEmpty {
        problems.formUnion(answer.errors.map { "whose conversations without a company are is unclear: \($0)" })
      }
      partial.assign(answer.owners)
    }
    // The number may have changed since planning, because people go on working: allow 3 conversations, or 0.1 %.
    if let planned = partial.planned { partial.received.expect(planned - max(3, planned / 1000)) }
    if let defect = partial.received.defect {
      return SourceObservations(
        accounts: extraction.accounts.map { missing(.unavailable, for: $0) }, received: partial.received,
        problem: "Intercom: \(defect)")
    }
    let byAccount = partial.byAccount(accounts: extraction.accounts.count)
    let trends = trends(partial, failed: failed, &problems)
    var silent: [Int] = []
    var facts = extraction.accounts.enumerated().map { position, account in
      if !isMapped(account) { return missing(.notMapped, for: account) }
      if unclear.contains(position) { return missing(.unavailable, for: account) }
      guard let conversations = byAccount[position] else {
        silent.append(position)
        return missing(.noData, for: account)
      }
      return self.facts(conversations, trends)
    }
    for (position, knowledge) in await knowledge(of: silent) {
      switch knowledge {
      case .known: facts[position] = self.facts([], trends)
      case .unknown: facts[position] = missing(.notFound, for: extraction.accounts[position])
      case .unclear(let error):
        facts[position] = missing(.unavailable, for: extraction.accounts[position])
        problems.insert("whether companies without conversations exist is unclear: \(error)")
      }
    }
    for (position, signals) in partial.suggestions(accounts: extraction.accounts.count) {
      facts[position].suggestedSignals = signals
    }
    let (unconfigured, warnings) = NameCheck(rules: rules).unconfigured(partial)
    for position in facts.indices {
      for metric in unconfigured.union(unconfiguredMetrics).flatMap(\.withTrends) {
        facts[position].observations[metric] = .missing(.notConfigured)
        facts[position].trends.removeAll { $0.metric == metric }
      }
    }
    if let count = partial.allReceived.skipped[Received.spoiled] {
      problems.insert("Intercom: \(count) conversations can't be read; the numbers of their accounts are unavailable")
    }
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: warnings + partial.notes.sorted(),
      problem: problems.isEmpty ? nil : problems.sorted().joined(separator: "; "))
  }

  /// Nil where trends are off, or what they need was not read.
  private func trends(
    _ partial: IntercomPartial, failed: [IntercomSlice], _ problems: inout Set<String>
  ) -> ConversationTrends? {
    guard history != nil else { return nil }
    if let defect = partial.historyReceived.defect {
      problems.insert("Intercom, the months before: \(defect); trends are unavailable")
      return nil
    }
    if partial.historyReceived.lost > 0 {
      problems.insert(
        "Intercom, the months before: \(partial.historyReceived.lost) conversations did not come; trends go without them"
      )
    }
    return failed.isEmpty ? ConversationTrends(asOf: window.upperBound) : nil
  }

  private func facts(_ conversations: [CountedConversation], _ trends: ConversationTrends?) -> AccountFacts {
    var facts = AccountFacts(observations: ConversationTally(conversations).observations)
    let found = trends?.trends(of: conversations)
    facts.trends = found ?? []
    for base in Metric.trendBases {
      let trend = found?.first { $0.metric == base }
      for (position, days) in Metric.trendDays.enumerated() {
        guard let metric = base.trend(days: days) else { continue }
        facts.observations[metric] = trend.map { .known($0.windows[position].change) } ?? .missing(.unavailable)
      }
    }
    return facts
  }

  private enum Knowledge: Sendable {
    case known, unknown
    case unclear(String)
  }

  /// Whether Intercom knows accounts that have no conversation. An account that it does not know must not count as 0.
  private func knowledge(of positions: [Int]) async -> [Int: Knowledge] {
    var listed: Set<Int> = []
    // One page of the list replaces up to 150 look-ups. A company that is not listed is still looked up by itself.
    if positions.count > 20, let companies = try? await client.companies(atMost: positions.count / 2) {
      for company in companies { listed.formUnion(directory.accounts(of: company)) }
    }
    var knowledge: [Int: Knowledge] = [:]
    for position in positions where listed.contains(position) { knowledge[position] = .known }
    let unlisted = positions.filter { !listed.contains($0) }
    await concurrently(unlisted) {
      try await client.resolvedID(of: extraction.accounts[$0])
    } each: { position, result in
      switch result {
      case .success(let id): knowledge[position] = id == nil ? .unknown : .known
      case .failure(let error): knowledge[position] = .unclear("\(error)")
      }
    }
    return knowledge
  }
}

extension Metric {
  /// The metric and its changes over time.
  fileprivate var withTrends: [Metric] { [self] + Metric.trendDays.compactMap { trend(days: $0) } }
}
