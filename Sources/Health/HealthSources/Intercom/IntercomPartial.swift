import Connectors
import HealthModel

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
  /// Values of `ai_agent.resolution_state` that conversations have.
  var finStates = NameInventory()
  /// Why a list could not be read from the workspace; each becomes a warning.
  var notes: Set<String> = []
  /// Of the window.
  public internal(set) var received = Received()
  /// Of the time before the window, which only trends need.
  var historyReceived = Received()
  /// What texts suggest, by the position of the account.
  var suggestions: [Int32: [SuggestedSignal]] = [:]
  /// The same of conversations whose account must still be looked up.
  var pendingSuggestions: [ConversationOwner: [SuggestedSignal]] = [:]
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
    finStates.merge(other.finStates)
    notes.formUnion(other.notes)
    received.merge(other.received)
    historyReceived.merge(other.historyReceived)
    suggestions.merge(other.suggestions, uniquingKeysWith: +)
    pendingSuggestions.merge(other.pendingSuggestions, uniquingKeysWith: +)
    planned = planned ?? other.planned
  }

  /// Of both the window and the time before it.
  var allReceived: Received {
    var all = received
    all.merge(historyReceived)
    return all
  }

  /// Gives the pending conversations to their accounts. A conversation without a mapped account is left out.
  mutating func assign(_ owners: [ConversationOwner: [Int]]) {
    for (owner, conversations) in pending {
      guard let accounts = owners[owner], !accounts.isEmpty else {
        for conversation in conversations { count(conversation) { $0.skip("company not mapped") } }
        continue
      }
      for conversation in conversations {
        count(conversation) { received in
          if conversation.traits.contains(.unreadable) {
            received.skip(Received.spoiled)
          } else if conversation.traits.contains(.uncounted) {
            received.skip("not customer-initiated")
          } else {
            received.used += 1
          }
        }
      }
      self.conversations.append(accounts.flatMap { account in conversations.map { $0.owned(by: account) } })
      for account in accounts {
        suggestions[Int32(clamping: account), default: []] += pendingSuggestions[owner] ?? []
      }
    }
    pending = [:]
    pendingSuggestions = [:]
  }

  /// Leaves out the conversations of an owner that nobody can name.
  mutating func leaveOut(_ owner: ConversationOwner) {
    for conversation in pending.removeValue(forKey: owner) ?? [] {
      count(conversation) { $0.skip(Received.malformed) }
    }
    pendingSuggestions[owner] = nil
  }

  private mutating func count(_ conversation: CountedConversation, _ change: (inout Received) -> Void) {
    if conversation.traits.contains(.history) { change(&historyReceived) } else { change(&received) }
  }

  /// One entry for each account; nil for an account without any conversation.
  func byAccount(accounts count: Int) -> [[CountedConversation]?] {
    var found = [[CountedConversation]?](repeating: nil, count: count)
    for account in known where found.indices.contains(Int(account)) { found[Int(account)] = [] }
    for slice in conversations {
      for conversation in slice where found.indices.contains(Int(conversation.account)) {
        found[Int(conversation.account), default: []].append(conversation)
      }
    }
    return found
  }

  /// What texts suggest, by the position of the account: the most severe first, then by conversation.
  func suggestions(accounts count: Int) -> [(position: Int, signals: [SuggestedSignal])] {
    suggestions.sorted { $0.key < $1.key }.filter { Int($0.key) < count }.map { account, signals in
      (
        Int(account),
        signals.sorted { left, right in
          left.severity != right.severity
            ? left.severity > right.severity : left.conversationID < right.conversationID
        }
      )
    }
  }
}

extension [[CountedConversation]?] {
  fileprivate subscript(position: Int, default empty: [CountedConversation]) -> [CountedConversation] {
    get { self[position] ?? empty }
    set { self[position] = newValue }
  }
}
