import Concurrency
import Connectors
import Formats
import HTTPClient
import HealthModel
import Intercom

/// An independent part of the window's conversations.
public struct IntercomSlice: Codable, Sendable, Equatable {
  /// Created within `[start, end)`, or created before the whole window and last closed within it; epoch seconds.
  /// Every conversation of the window is in exactly one slice.
  public var start: Int64
  public var end: Int64
}

/// Support conversations from Intercom.
///
/// One pass over the window for all accounts, because conversations can't be searched by company; grouped here. Those that
/// carry no company are given to their contact's first company afterwards.
public struct IntercomSource: HealthSource {
  public let extraction: Extraction
  private let client: IntercomClient
  private let rules: IntercomRules
  private let directory: OwnerDirectory
  private let window: Range<Int64>

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
    // A running month ends at the as-of instant, which need not be a whole second.
    window = extraction.window.lowerBound.seconds..<extraction.window.upperBound.seconds
  }

  public func isMapped(_ account: MappedAccount) -> Bool { account.isInIntercom }

  public var unconfiguredMetrics: Set<Metric> { rules.escalationTags.isEmpty ? [.escalation] : [] }

  public func plan() async throws -> SlicePlan<IntercomSlice, IntercomPartial> {
    let sample = try await client.search(conversations(of: window), cursor: nil)
    if let total = sample.totalCount, total < 0 {
      throw SourceError(.malformed, "Intercom announced \(total) conversations")
    }
    var found = IntercomPartial()
    // Without accounts only the access is tried.
    if !extraction.accounts.isEmpty {
      do {
        found.tags.listed = try await client.tags()
      } catch {
        try Task.checkCancellation()
        found.notes.insert(
          "Intercom does not list its tags, so that configured ones are held against the conversations only: \(error)")
      }
    }
    found.planned = sample.totalCount
    let total = sample.totalCount ?? .max
    let count = max(1, min(rules.maximumSlices, total / (3 * IntercomClient.pageSize)))
    let length = window.upperBound - window.lowerBound
    return SlicePlan(
      slices: (0..<Int64(count)).map { index in
        IntercomSlice(
          start: window.lowerBound + length * index / Int64(count),
          end: window.lowerBound + length * (index + 1) / Int64(count))
      }, found: found)
  }

  public func read(_ slice: IntercomSlice) async throws -> IntercomPartial {
    let bounds = slice.start..<slice.end
    // Pages move under the cursor while people work; a second look mostly sees them all.
    return try await readLosingLeast { try await readOnce(bounds) }
  }

  /// Follows the cursor to its end, and counts each conversation once.
  private func readOnce(_ bounds: Range<Int64>) async throws -> IntercomPartial {
    let query = conversations(of: bounds)
    var reading = ConversationSliceReading()
    var pager = Pager(.intercom)
    var cursor: String?
    var found = ConversationIDs()
    var others = 0
    while true {
      let page = try await client.search(query, cursor: cursor)
      reading.received.pages += 1
      for conversation in page.conversations {
        guard let conversation, let id = conversation.id else {
          // Nobody can tell whether it was counted before.
          others += 1
          reading.skip(conversation, directory)
          continue
        }
        if found.insert(id) {
          tally(conversation, of: bounds, into: &reading)
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

  /// Counts only what belongs to the slice: neighbouring ones are asked a second wider and see some of the same.
  private func tally(
    _ conversation: Conversation, of bounds: Range<Int64>, into reading: inout ConversationSliceReading
  ) {
    reading.note(conversation)
    let beginning = conversation.beginning
    let closedAt = conversation.statistics.lastCloseAt
    let isCreated = beginning.map(bounds.contains) ?? true
    // Where the close can't be read, the search has found it by one within its bounds.
    let isClosed = closedAt.map(bounds.contains) ?? (conversation.isOdd || conversation.statistics.isOdd)
    guard isCreated || (beginning.map { $0 < window.lowerBound } ?? false && isClosed) else {
      return reading.received.skip("outside the bounds")
    }
    var counted = CountedConversation()
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
    reading.add(counted, of: conversation, directory)
  }

  /// Whether a customer began it, or wrote in what a bot began.
  private func isCustomers(_ conversation: Conversation) -> Bool {
    guard let origin = conversation.deliveredAs else { return false }
    return rules.customerInitiated.contains(origin)
      || (rules.customerAnswered.contains(origin) && conversation.statistics.firstContactReplyAt != nil)
  }

  /// An OR of two ranges, as deep as a search may be nested.
  private func conversations(of slice: Range<Int64>) -> SearchQuery {
    .any([
      .all(SearchQuery.within("created_at", slice)),
      .all(
        SearchQuery.within("statistics.last_close_at", slice) + [.less("created_at", window.lowerBound + 1)]),
    ])
  }

  public func observe(_ partial: IntercomPartial, failed: [IntercomSlice]) async throws -> SourceObservations {
    guard failed.isEmpty else {
      return SourceObservations(
        accounts: extraction.accounts.map { missing(.unavailable, for: $0) }, received: partial.received)
    }
    var partial = partial
    var problems: Set<String> = []
    var unclear: Set<Int> = []
    if !partial.pending.isEmpty {
      let answer = await directory.answer(
        for: partial.pending.keys, candidates: Set(partial.candidates.map { Int($0) }))
      for owner in answer.unknown {
        partial.received.skip(Received.malformed, count: partial.pending.removeValue(forKey: owner)?.count ?? 0)
      }
      // What was given to one account is not another's.
      let isSomeOwnerless = partial.pending.keys.contains { answer.owners[$0] == nil }
      if isSomeOwnerless { unclear = Set(answer.unclear) }
      if !answer.errors.isEmpty {
        problems.formUnion(answer.errors.map { "whose conversations without a company are is unclear: \($0)" })
      }
      partial.assign(answer.owners)
    }
    // People go on working: a conversation or two may have moved meanwhile.
    if let planned = partial.planned { partial.received.expect(planned - max(3, planned / 1000)) }
    if let defect = partial.received.defect {
      return SourceObservations(
        accounts: extraction.accounts.map { missing(.unavailable, for: $0) }, received: partial.received,
        problem: "Intercom: \(defect)")
    }
    let tallies = partial.tallies(accounts: extraction.accounts.count)
    var silent: [Int] = []
    var facts = extraction.accounts.enumerated().map { position, account in
      if !isMapped(account) { return missing(.notMapped, for: account) }
      if unclear.contains(position) { return missing(.unavailable, for: account) }
      guard let tally = tallies[position] else {
        silent.append(position)
        return missing(.noData, for: account)
      }
      return AccountFacts(observations: tally.observations)
    }
    for (position, knowledge) in await knowledge(of: silent) {
      switch knowledge {
      case .known: facts[position] = AccountFacts(observations: ConversationTally().observations)
      case .unknown: facts[position] = missing(.notFound, for: extraction.accounts[position])
      case .unclear(let error):
        facts[position] = missing(.unavailable, for: extraction.accounts[position])
        problems.insert("whether companies without conversations exist is unclear: \(error)")
      }
    }
    let (unconfigured, warnings) = NameCheck(rules: rules).unconfigured(partial)
    for position in facts.indices {
      for metric in unconfigured.union(unconfiguredMetrics) {
        facts[position].observations[metric] = .missing(.notConfigured)
      }
    }
    if let count = partial.received.skipped[Received.spoiled] {
      problems.insert("Intercom: \(count) conversations can't be read; the numbers of their accounts are unavailable")
    }
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: warnings + partial.notes.sorted(),
      problem: problems.isEmpty ? nil : problems.sorted().joined(separator: "; "))
  }

  private enum Knowledge: Sendable {
    case known, unknown
    case unclear(String)
  }

  /// Whether Intercom knows accounts that had no conversation: no company must not become "no conversations".
  private func knowledge(of positions: [Int]) async -> [Int: Knowledge] {
    var listed: Set<Int> = []
    // One page names as many as 150 look-ups would; an unlisted company is looked up all the same.
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
