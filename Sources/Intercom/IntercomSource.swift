import HTTPClient
import HealthModel

/// An independent part of the window's conversations.
public enum IntercomSlice: Codable, Sendable, Equatable {
  /// Created within `[start, end)`, or created before the whole window and last closed within it; epoch seconds.
  /// Every conversation of the window is in exactly one such slice.
  case window(start: Int64, end: Int64)
  /// Conversations of contacts, where conversations carry no company: contact id → accounts of its first company.
  case contacts([String: [Int]])
  /// An account whose contacts could not be listed, and why; reading it fails.
  case unreadable(account: Int, String)
}

/// Support conversations from Intercom.
///
/// One pass over the window for all accounts, because conversations can't be searched by company; grouped here.
public struct IntercomSource: Source {
  public let id = SourceID.intercom
  public let extraction: Extraction
  private let client: IntercomClient
  private let options: IntercomOptions
  private let accountsByCompany: [String: [Int]]
  private let window: Range<Int64>

  public init(api: APIClient, credentials: IntercomCredentials, options: IntercomOptions, extraction: Extraction) {
    client = IntercomClient(api: api, credentials: credentials, version: options.apiVersion)
    self.options = options
    self.extraction = extraction
    var index: [String: [Int]] = [:]
    for (position, account) in extraction.accounts.enumerated() {
      for id in Set([account.intercomCompanyID, account.intercomInternalID].compactMap(\.self)) {
        index[id, default: []].append(position)
      }
    }
    accountsByCompany = index
    // A running month ends at the as-of instant, which need not be a whole second.
    window = extraction.window.lowerBound.seconds..<extraction.window.upperBound.seconds
  }

  public func isMapped(_ account: MappedAccount) -> Bool {
    account.intercomCompanyID != nil || account.intercomInternalID != nil
  }

  public func plan() async throws -> ExtractionPlan<IntercomSlice, IntercomPartial> {
    let sample = try await client.search(conversations(of: window), cursor: nil)
    if let total = sample.totalCount, total < 0 {
      throw SourceError(.malformed, "Intercom announced \(total) conversations")
    }
    let anonymous = sample.conversations.count { $0?.company == nil }
    if anonymous * 2 > sample.conversations.count { return ExtractionPlan(slices: try await contactSlices()) }
    let total = sample.totalCount ?? .max
    let count = max(1, min(options.maximumSlices, total / (3 * IntercomEndpoint.pageSize)))
    let length = window.upperBound - window.lowerBound
    var found = IntercomPartial()
    found.planned = sample.totalCount
    return ExtractionPlan(
      slices: (0..<Int64(count)).map { index in
        .window(
          start: window.lowerBound + length * index / Int64(count),
          end: window.lowerBound + length * (index + 1) / Int64(count))
      }, found: found)
  }

  /// Groups of contacts of the mapped companies, as many as a search group may name.
  private func contactSlices() async throws -> [IntercomSlice] {
    var contacts: [String: [Int]] = [:]
    var unreadable: [IntercomSlice] = []
    await withTaskGroup(of: (Int, Result<[String], any Error>).self) { group in
      for (position, account) in extraction.accounts.enumerated() where isMapped(account) {
        group.addTask {
          do {
            return (position, .success(try await self.contacts(of: account)))
          } catch {
            return (position, .failure(error))
          }
        }
      }
      for await (position, result) in group {
        switch result {
        case .success(let ids): for id in ids { contacts[id, default: []].append(position) }
        case .failure(let error): unreadable.append(.unreadable(account: position, "\(error)"))
        }
      }
    }
    let ids = contacts.keys.sorted()
    return unreadable
      + stride(from: 0, to: ids.count, by: IntercomEndpoint.maximumGroup).map { start in
        let chunk = ids[start..<min(start + IntercomEndpoint.maximumGroup, ids.count)]
        return .contacts(Dictionary(uniqueKeysWithValues: chunk.map { ($0, (contacts[$0] ?? []).sorted()) }))
      }
  }

  /// The account's contacts whose first company it is.
  private func contacts(of account: MappedAccount) async throws -> [String] {
    guard let company = try await client.companyID(of: account) else { return [] }
    var ids: [String] = []
    for contact in try await client.contacts(ofCompany: company) {
      guard let id = contact.id else { continue }
      var first = contact.companies?.data.first?.id
      if first == nil { first = try await client.firstCompany(ofContact: id) }
      if first == company { ids.append(id) }
    }
    return ids
  }

  public func read(_ slice: IntercomSlice) async throws -> IntercomPartial {
    do {
      return try await readOnce(slice)
    } catch let error as SourceError where error.kind == .unavailable {
      // Pages moved under the cursor, as they do while people work; a second look mostly sees them all.
      return try await readOnce(slice)
    }
  }

  private func readOnce(_ slice: IntercomSlice) async throws -> IntercomPartial {
    var reading = Reading()
    switch slice {
    case .window(let start, let end):
      try await read(conversations(of: start..<end), into: &reading) { conversation, reading in
        tally(conversation, of: start..<end, accounts: accounts(of: conversation.company), into: &reading)
      }
    case .contacts(let owners):
      let contacts = SearchQuery.any(owners.keys.sorted().map { .equals("contact_ids", $0) })
      var used = ConversationIDs()
      for field in ["created_at", "statistics.last_close_at"] {
        let query = SearchQuery.all([.all(SearchQuery.within(field, window)), contacts])
        try await read(query, into: &reading) { conversation, reading in
          // Created and closed within the window: found twice.
          guard used.insert(conversation.id ?? "") else { return reading.received.skip("found before") }
          let accounts = conversation.firstContact.flatMap { owners[$0] } ?? []
          tally(conversation, of: window, accounts: accounts, into: &reading)
        }
      }
    case .unreadable(_, let message):
      throw SourceError(.malformed, message)
    }
    return reading.partial
  }

  /// Follows the cursor to its end and hands on each conversation once.
  private func read(
    _ query: SearchQuery, into reading: inout Reading, _ use: (Conversation, inout Reading) -> Void
  ) async throws {
    var paging = Paging(.intercom)
    var cursor: String?
    var found = ConversationIDs()
    var malformed = 0
    while true {
      let page = try await client.search(query, cursor: cursor)
      reading.received.pages += 1
      for conversation in page.conversations {
        guard let conversation, let id = conversation.id, conversation.isReadable else {
          reading.received.skip("malformed")
          malformed += 1
          continue
        }
        if found.insert(id) { use(conversation, &reading) } else { reading.received.skip("duplicate") }
      }
      guard let next = page.next else {
        if let total = page.totalCount {
          try reading.received.announce(total, by: .intercom)
          guard found.count + malformed >= total else {
            throw SourceError(
              .unavailable, "Intercom announced \(total) conversations but gave \(found.count + malformed)")
          }
        }
        return
      }
      try paging.follow(next, rows: found.count)
      cursor = next
    }
  }

  private func accounts(of company: CompanyReference?) -> [Int] {
    guard let company else { return [] }
    let internalMatches = company.id.flatMap { accountsByCompany[$0] } ?? []
    let ownMatches = company.companyID.flatMap { accountsByCompany[$0] } ?? []
    guard !internalMatches.isEmpty, !ownMatches.isEmpty else { return internalMatches + ownMatches }
    return Array(Set(internalMatches + ownMatches)).sorted()
  }

  /// Counts only what belongs to the slice: neighbouring ones are asked a second wider and see some of the same.
  private func tally(
    _ conversation: Conversation, of slice: Range<Int64>, accounts: [Int], into reading: inout Reading
  ) {
    guard let createdAt = conversation.createdAt else { return }
    let closedAt = conversation.statistics.lastCloseAt
    let isCreated = slice.contains(createdAt)
    guard isCreated || (createdAt < window.lowerBound && closedAt.map(slice.contains) ?? false) else {
      return reading.received.skip("outside the bounds")
    }
    guard !accounts.isEmpty else { return reading.received.skip("company not mapped") }
    guard conversation.deliveredAs.map(options.customerInitiated.contains) ?? false else {
      // Not counted, but the company is known.
      for account in accounts { reading.known.insert(Int32(clamping: account)) }
      return reading.received.skip("not customer-initiated")
    }
    reading.received.used += 1
    for account in accounts {
      var counted = CountedConversation(account: account)
      if isCreated { counted.setCreated(conversation, options: options) }
      if let closedAt, window.contains(closedAt) { counted.setClosed(createdAt: createdAt, closedAt: closedAt) }
      reading.conversations.append(counted)
    }
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
    let isAllAffected = failed.contains { if case .window = $0 { true } else { false } }
    var affected: Set<Int> = []
    for slice in failed {
      switch slice {
      case .contacts(let owners): affected.formUnion(owners.values.joined())
      case .unreadable(let account, _): affected.insert(account)
      case .window: break
      }
    }
    var received = partial.received
    // People go on working: a conversation or two may have moved meanwhile.
    if failed.isEmpty, let planned = partial.planned { received.expect(planned - max(3, planned / 1000)) }
    let tallies = partial.tallies(accounts: extraction.accounts.count)
    var silent: [Int] = []
    var facts = extraction.accounts.enumerated().map { position, account in
      if !isMapped(account) { return missing(.notMapped, for: account) }
      if isAllAffected || affected.contains(position) { return missing(.unavailable, for: account) }
      guard let tally = tallies[position] else {
        silent.append(position)
        return missing(.noData, for: account)
      }
      return AccountFacts(observations: tally.observations)
    }
    var problem: String?
    for (position, knowledge) in await knowledge(of: silent) {
      switch knowledge {
      case .known: facts[position] = AccountFacts(observations: ConversationTally().observations)
      case .unknown: facts[position] = missing(.notFound, for: extraction.accounts[position])
      case .unclear(let error):
        facts[position] = missing(.unavailable, for: extraction.accounts[position])
        problem = "whether companies without conversations exist is unclear: \(error)"
      }
    }
    return SourceObservations(accounts: facts, received: received, problem: problem)
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
      for company in companies { listed.formUnion(accounts(of: company)) }
    }
    return await withTaskGroup(of: (Int, Knowledge).self) { group in
      for position in positions {
        let isListed = listed.contains(position)
        group.addTask {
          if isListed { return (position, .known) }
          do {
            let id = try await client.companyID(of: extraction.accounts[position])
            return (position, id == nil ? .unknown : .known)
          } catch {
            return (position, .unclear("\(error)"))
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }
}

/// A slice being read.
private struct Reading {
  var conversations: [CountedConversation] = []
  var known: Set<Int32> = []
  var received = Received()

  var partial: IntercomPartial {
    var partial = IntercomPartial()
    partial.conversations = [conversations]
    partial.known = known
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
