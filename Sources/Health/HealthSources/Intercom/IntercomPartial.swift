import Connectors

/// The result of reading some slices of the window.
public struct IntercomPartial: PartialResult {
  /// Conversations with a known account, one list for each slice.
  var conversations: [[CountedConversation]] = []
  /// Conversations whose account must still be looked up.
  var pending: [ConversationOwner: [CountedConversation]] = [:]
  /// Positions of accounts that may own a pending conversation: the company ids differ only in spelling.
  var candidates: Set<Int32> = []
  /// Positions of accounts that have a conversation which does not count. Intercom knows these accounts.
  var known: Set<Int32> = []
  /// Tags that the workspace lists or conversations have.
  var tags = NameInventory()
  /// Values of `priority` that conversations have.
  var priorities = NameInventory()
  /// Values of `source.delivered_as` that conversations have.
  var origins = NameInventory()
  /// Why a list could not be read from the workspace; each becomes a warning.
  var notes: Set<String> = []
  public internal(set) var received = Received()
  /// Number of conversations in the whole window when the slices were planned; nil where Intercom did not say.
  var planned: Int?

  public init() {}

  public mutating func merge(_ other: IntercomPartial) {
    conversations += other.conversations
    pending.merge(other.pending, uniquingKeysWith: +)
    candidates.formUnion(other.candidates)
    known.formUnion(other.known)
    tags.merge(other.tags)
    priorities.merge(other.priorities)
    origins.merge(other.origins)
    notes.formUnion(other.notes)
    received.merge(other.received)
    planned = planned ?? other.planned
  }

  /// Gives the pending conversations to their accounts. A conversation without a mapped account is left out.
  mutating func assign(_ owners: [ConversationOwner: [Int]]) {
    for (owner, conversations) in pending {
      guard let accounts = owners[owner], !accounts.isEmpty else {
        received.skip("company not mapped", count: conversations.count)
        continue
      }
      for conversation in conversations {
        if conversation.traits.contains(.unreadable) {
          received.skip(Received.spoiled)
        } else if conversation.traits.contains(.uncounted) {
          received.skip("not customer-initiated")
        } else {
          received.used += 1
        }
      }
      self.conversations.append(accounts.flatMap { account in conversations.map { $0.owned(by: account) } })
    }
    pending = [:]
  }

  /// One entry for each account; nil for an account without any conversation.
  func tallies(accounts count: Int) -> [ConversationTally?] {
    var tallies = [ConversationTally?](repeating: nil, count: count)
    for account in known where tallies.indices.contains(Int(account)) { tallies[Int(account)] = ConversationTally() }
    for slice in conversations {
      for conversation in slice where tallies.indices.contains(Int(conversation.account)) {
        let position = Int(conversation.account)
        if tallies[position] == nil { tallies[position] = ConversationTally() }
        tallies[position]?.add(conversation)
      }
    }
    return tallies
  }
}
