import Concurrency
import Connectors
import CustomerModel
import HTTPClient
import Intercom

/// What is known of every conversation of the workspace. It is brought up to date by what changed, or replaced as a whole.
struct ConversationLedger: Sendable {
  private(set) var byID: [String: ConversationFacts]

  /// What did not come, or could not be read; nil where nothing failed.
  private(set) var problem: String?
  private(set) var received = Received()
  /// Conversations whose messages could not be read.
  private(set) var unread = 0
  /// Contacts of conversations whose messages the run had no time to read.
  private(set) var contactsOutOfTime: Set<String> = []
  /// Contacts whose conversations changed.
  private(set) var touched: Set<String> = []

  init(_ known: [String: ConversationFacts]) { byID = known }

  /// Whether every conversation is known.
  var isComplete: Bool { problem == nil }

  // MARK: Conversations

  /// Reads every conversation. Messages that were read before are not read again.
  mutating func readAll(_ history: ConversationHistory) async throws {
    let reading = try await history.readAll()
    note(reading)
    let known = byID
    if reading.failed.isEmpty, received.lost == 0 { byID = [:] }
    for conversation in reading.partial.conversations { keep(conversation, known) }
  }

  /// Reads the conversations that changed.
  ///
  /// - Parameter window: Of their creation, in seconds since 1970; what lies outside is no conversation of a full run either.
  mutating func readChanges(_ history: ConversationHistory, createdIn window: Range<Int64>) async throws {
    let reading = try await history.readAll()
    note(reading)
    let known = byID
    for conversation in reading.partial.conversations where conversation.createdAt.map(window.contains) ?? false {
      keep(conversation, known)
    }
  }

  /// Reads all conversations of some contacts: who takes part may change without a change of the conversation, where
  /// contacts are merged.
  mutating func readConversations(of contactIDs: [String], _ history: ConversationHistory) async throws {
    let groups = stride(from: 0, to: contactIDs.count, by: 15).map {
      Array(contactIDs[$0..<min($0 + 15, contactIDs.count)])
    }
    var failure: (any Error)?
    var found: [String: ConversationFacts] = [:]
    await concurrently(groups, atMost: 8) {
      try await history.conversations(of: $0)
    } each: { _, result in
      switch result {
      case .success(let partial):
        received.merge(partial.received)
        if partial.received.lost > 0 { problem = Self.missing(partial.received.lost) }
        for conversation in partial.conversations { found[conversation.id] = conversation }
      case .failure(let error): failure = error
      }
    }
    if let failure { throw failure }
    let known = byID
    for conversation in found.values where conversation.createdAt.map(history.window.contains) ?? false {
      keep(conversation, known)
    }
    // Where a search for a contact does not find a conversation, the contact takes part in it no more.
    let asked = Set(contactIDs)
    for (id, conversation) in known where found[id] == nil && !asked.isDisjoint(with: conversation.contactIDs) {
      byID[id]?.contactIDs.removeAll { asked.contains($0) }
      touched.formUnion(conversation.contactIDs)
    }
  }

  private static func missing(_ count: Int) -> String { "Intercom announced \(count) more conversations than came" }

  private mutating func note(_ reading: SourceReading<ConversationHistory>) {
    received.merge(reading.partial.received)
    if !reading.failed.isEmpty {
      problem =
        "\(reading.failed.count) of \(reading.sliceCount) parts of the conversations failed: \(reading.errors.sorted().first ?? "")"
    } else if received.lost > 0 {
      problem = "Intercom announced \(received.announced ?? 0) conversations, of which \(received.lost) did not come"
    }
  }

  private mutating func keep(_ conversation: ConversationFacts, _ known: [String: ConversationFacts]) {
    var conversation = conversation
    if let old = known[conversation.id] {
      // What a newer version of it says is found out by reading its messages.
      conversation.readAt = old.readAt
      conversation.mentions = old.mentions
      if (old.updatedAt ?? .min) > (conversation.updatedAt ?? .min) { conversation.updatedAt = old.updatedAt }
      if old != conversation { touched.formUnion(old.contactIDs + conversation.contactIDs) }
    } else {
      touched.formUnion(conversation.contactIDs)
    }
    byID[conversation.id] = conversation
  }

  // MARK: Conversations that vanished

  /// Compares how many conversations there are with how many are known, and reads the parts again that differ: a
  /// conversation that was deleted has no change that a search would find.
  mutating func reconcile(_ history: ConversationHistory) async throws {
    var open = [history.window]
    var requests = 0
    var times = byID.values.compactMap(\.createdAt).sorted()
    while let range = open.popLast() {
      let known = times.position(of: range.upperBound) - times.position(of: range.lowerBound)
      // One second more on each side, as the search has.
      let wide = times.position(of: range.upperBound + 1) - times.position(of: range.lowerBound - 1)
      requests += 1
      guard let count = try await history.count(range), count != wide else { continue }
      // Where much has gone, reading everything is cheaper than looking for it.
      guard requests < Self.reconcilingLimit else { return try await readAll(history) }
      if max(count, known) > Self.reconcilingSlice, range.count > 3600 {
        let middle = range.lowerBound + Int64(range.count) / 2
        open += [range.lowerBound..<middle, middle..<range.upperBound]
        continue
      }
      let partial = try await history.read(.init(start: range.lowerBound, end: range.upperBound))
      received.merge(partial.received)
      guard partial.received.lost == 0 else {
        problem = Self.missing(partial.received.lost)
        continue
      }
      let old = byID
      for (id, conversation) in old where conversation.createdAt.map(range.contains) ?? false { byID[id] = nil }
      for conversation in partial.conversations { keep(conversation, old) }
      for (id, conversation) in old where byID[id] == nil { touched.formUnion(conversation.contactIDs) }
      times = byID.values.compactMap(\.createdAt).sorted()
    }
  }

  private static let reconcilingLimit = 200
  private static let reconcilingSlice = 2 * IntercomClient.pageSize

  // MARK: Messages

  /// More than the vendor's limits let through at the same time.
  private static let messagesAtOnce = 256

  /// Conversations in which a mention of a customer can hide, those of the same customer together.
  func hiding(since start: Int64, of isCustomer: (String) -> Bool) -> [ConversationFacts] {
    byID.values.filter { $0.mayHideMention(since: start) && $0.contactIDs.contains(where: isCustomer) }
      .sorted { ($0.contactIDs[0], $0.id) < ($1.contactIDs[0], $1.id) }
  }

  /// Reads the messages of conversations that may hide a mention.
  ///
  /// - Parameters:
  ///   - start: In seconds since 1970; older messages don't count.
  ///   - latestTime: In seconds since 1970; later messages have a wrong time.
  mutating func readMessages(
    of hiding: [ConversationFacts], _ client: IntercomClient, since start: Int64, until latestTime: Int64,
    lexicon: CancelLexicon
  ) async {
    await concurrently(hiding, atMost: Self.messagesAtOnce) { conversation in
      try await Self.reading(conversation, client, since: start, until: latestTime, lexicon)
    } each: { conversation, result in
      switch result {
      case .success(let read):
        if read != byID[conversation.id] { touched.formUnion(conversation.contactIDs) }
        byID[conversation.id] = read
      case .failure(let error):
        unread += 1
        if error.isOutOfTime { contactsOutOfTime.formUnion(conversation.contactIDs) }
      }
    }
  }

  /// - Throws: Also where the conversation is gone: a later run finds out whether it is.
  private static func reading(
    _ conversation: ConversationFacts, _ client: IntercomClient, since start: Int64, until latestTime: Int64,
    _ lexicon: CancelLexicon
  ) async throws -> ConversationFacts {
    guard let thread = try await client.thread(ofConversation: conversation.id) else {
      throw SourceError(.notConfigured, "Intercom has no such conversation")
    }
    var conversation = conversation
    // It may have changed since the search; the next search finds that too.
    conversation.updatedAt = max(thread.updatedAt ?? .min, conversation.updatedAt ?? .min)
    if conversation.updatedAt == .min { conversation.updatedAt = nil }
    conversation.readAt = conversation.updatedAt ?? 0
    var latest: [String: Int64] = [:]
    for message in thread.messages
    where message.at >= start && message.at <= latestTime && lexicon.isMentioned(in: message.body) {
      latest[message.contactID] = max(latest[message.contactID] ?? message.at, message.at)
    }
    conversation.mentions = latest.sorted { $0.key < $1.key }.map { .init(contactID: $0.key, at: $0.value) }
    return conversation
  }

  /// Forgets what no later run needs: mentions that are too old.
  mutating func prune(before start: Int64) {
    for (id, conversation) in byID where conversation.mentions.contains(where: { $0.at < start }) {
      byID[id]?.mentions.removeAll { $0.at < start }
    }
  }

  /// Every conversation is read again where other words count.
  mutating func forgetMessages() {
    for id in byID.keys {
      byID[id]?.readAt = nil
      byID[id]?.mentions = []
    }
  }
}

extension [Int64] {
  /// How many elements of the sorted list are below the value.
  fileprivate func position(of value: Int64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Error {
  /// Whether the run's deadline left no time.
  var isOutOfTime: Bool { self is CancellationError || (self as? RequestFailure)?.cause == .deadline }
}
