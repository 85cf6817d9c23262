import Connectors

/// What was read of a part of the window.
public struct IntercomPartial: PartialResult {
  /// What each slice yielded.
  var conversations: [[CountedConversation]] = []
  /// Conversations that do not say by themselves which account's they are.
  var pending: [ConversationOwner: [CountedConversation]] = [:]
  /// Accounts whose company a pending one may be.
  var candidates: Set<Int32> = []
  /// Accounts with a conversation that does not count: Intercom knows them.
  var known: Set<Int32> = []
  /// Names that the workspace has.
  var tags = NameInventory()
  var priorities = NameInventory()
  var origins = NameInventory()
  /// What the workspace could not be asked for, and why.
  var notes: Set<String> = []
  public internal(set) var received = Received()
  /// What the search over the whole window found when the slices were planned.
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

  /// Gives conversations to the accounts that turned out to own them; one that nobody owns is left out.
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

  /// Tallies by account; nil for one that no conversation names.
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
