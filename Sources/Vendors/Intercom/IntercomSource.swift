import Concurrency
import Formats
import HTTPClient
import HealthModel

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
public struct IntercomSource: Source {
  public let id = SourceID.intercom
  public let extraction: Extraction
  private let client: IntercomClient
  private let options: IntercomOptions
  private let directory: OwnerDirectory
  private let window: Range<Int64>

  public init(api: APIClient, credentials: IntercomCredentials, options: IntercomOptions, extraction: Extraction) {
    client = IntercomClient(api: api, credentials: credentials, version: options.apiVersion)
    self.options = options
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

  public var unconfiguredMetrics: Set<Metric> { options.escalationTags.isEmpty ? [.escalation] : [] }

  public func plan() async throws -> ExtractionPlan<IntercomSlice, IntercomPartial> {
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
    let count = max(1, min(options.maximumSlices, total / (3 * IntercomEndpoint.pageSize)))
    let length = window.upperBound - window.lowerBound
    return ExtractionPlan(
      slices: (0..<Int64(count)).map { index in
        IntercomSlice(
          start: window.lowerBound + length * index / Int64(count),
          end: window.lowerBound + length * (index + 1) / Int64(count))
      }, found: found)
  }

  public func read(_ slice: IntercomSlice) async throws -> IntercomPartial {
    let bounds = slice.start..<slice.end
    let first = try await readOnce(bounds)
    guard first.received.lost > 0 else { return first }
    // Pages moved under the cursor, as they do while people work; a second look mostly sees them all.
    let second = try await readOnce(bounds)
    return second.received.lost < first.received.lost ? second : first
  }

  /// Follows the cursor to its end, and counts each conversation once.
  private func readOnce(_ bounds: Range<Int64>) async throws -> IntercomPartial {
    let query = conversations(of: bounds)
    var reading = SliceReading()
    var paging = Paging(.intercom)
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
      try paging.follow(next, rows: found.count)
      cursor = next
    }
  }

  /// Counts only what belongs to the slice: neighbouring ones are asked a second wider and see some of the same.
  private func tally(_ conversation: Conversation, of bounds: Range<Int64>, into reading: inout SliceReading) {
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
      if isCreated { counted.setCreated(conversation, options: options) }
      if let closedAt, window.contains(closedAt) { counted.setClosed(createdAt: beginning, closedAt: closedAt) }
    } else {
      counted.traits.insert(.uncounted)
    }
    reading.add(counted, of: conversation, directory)
  }

  /// Whether a customer began it, or wrote in what a bot began.
  private func isCustomers(_ conversation: Conversation) -> Bool {
    guard let origin = conversation.deliveredAs else { return false }
    return options.customerInitiated.contains(origin)
      || (options.customerAnswered.contains(origin) && conversation.statistics.firstContactReplyAt != nil)
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
    let (unconfigured, warnings) = NameCheck(options: options).unconfigured(partial)
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
      try await client.companyID(of: extraction.accounts[$0])
    } each: { position, result in
      switch result {
      case .success(let id): knowledge[position] = id == nil ? .unknown : .known
      case .failure(let error): knowledge[position] = .unclear("\(error)")
      }
    }
    return knowledge
  }
}

/// A slice being read.
private struct SliceReading {
  private var conversations: [CountedConversation] = []
  private var pending: [ConversationOwner: [CountedConversation]] = [:]
  private var candidates: Set<Int32> = []
  private var known: Set<Int32> = []
  private var tags: Set<String> = []
  private var priorities: Set<String> = []
  private var origins: Set<String> = []
  var received = Received()

  /// Notes which names the workspace uses.
  mutating func note(_ conversation: Conversation) {
    for tag in conversation.tags where !tags.contains(tag) { tags.insert(tag) }
    if let priority = conversation.priority, !priorities.contains(priority) { priorities.insert(priority) }
    if let origin = conversation.deliveredAs, !origins.contains(origin) { origins.insert(origin) }
  }

  /// Leaves out what is no conversation, or has no id; its account, where it names one, can't be counted.
  mutating func skip(_ conversation: Conversation?, _ directory: OwnerDirectory) {
    guard let conversation else { return received.skip(Received.malformed) }
    var counted = CountedConversation()
    counted.traits = [.unreadable, .created]
    add(counted, of: conversation, directory)
  }

  /// Gives it to its accounts, or keeps it until they are found out.
  mutating func add(_ counted: CountedConversation, of conversation: Conversation, _ directory: OwnerDirectory) {
    guard let company = conversation.company else {
      if let contact = conversation.firstContact, !conversation.isCompanyOdd {
        pending[.contact(contact), default: []].append(counted)
      } else if conversation.isCompanyOdd || conversation.isContactOdd {
        received.skip(Received.malformed)
      } else {
        received.skip("no company")
      }
      return
    }
    let accounts = directory.accounts(of: company)
    guard !accounts.isEmpty else {
      let spelledOtherwise = directory.candidates(company)
      if let id = company.id, !spelledOtherwise.isEmpty {
        pending[.company(id), default: []].append(counted)
        candidates.formUnion(spelledOtherwise.map { Int32(clamping: $0) })
      } else if company.id == nil, company.companyID == nil {
        received.skip(Received.malformed)
      } else {
        received.skip("company not mapped")
      }
      return
    }
    if counted.traits.contains(.uncounted) {
      // Not counted, but the company is known.
      for account in accounts { known.insert(Int32(clamping: account)) }
      return received.skip("not customer-initiated")
    }
    if counted.traits.contains(.unreadable) { received.skip(Received.spoiled) } else { received.used += 1 }
    for account in accounts { conversations.append(counted.owned(by: account)) }
  }

  var partial: IntercomPartial {
    var partial = IntercomPartial()
    partial.conversations = [conversations]
    partial.pending = pending
    partial.candidates = candidates
    partial.known = known
    partial.tags.seen = tags
    partial.priorities.seen = priorities
    partial.origins.seen = origins
    partial.received = received
    return partial
  }
}

/// Ids seen. Intercom's are numbers, which take a quarter of the room that texts do.
private struct ConversationIDs {
  private var numbers: Set<UInt64> = []
  private var others: Set<String> = []

  var count: Int { numbers.count + others.count }

  /// - Returns: Whether it is new.
  mutating func insert(_ id: String) -> Bool {
    // Only as a number is written: 7 and 007 differ.
    if let first = id.utf8.first, (49...57).contains(first), let number = UInt64(id) {
      return numbers.insert(number).inserted
    }
    return others.insert(id).inserted
  }
}
