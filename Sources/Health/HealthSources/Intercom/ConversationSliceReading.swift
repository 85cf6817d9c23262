import Connectors
import HealthModel
import Intercom

/// Collects the conversations of one slice.
struct ConversationSliceReading {
  /// Whether the slice lies before the window.
  private let isHistory: Bool
  private var suggestions: [Int32: [SuggestedSignal]] = [:]
  private var pendingSuggestions: [ConversationOwner: [SuggestedSignal]] = [:]
  private var conversations: [CountedConversation] = []
  private var pending: [ConversationOwner: [CountedConversation]] = [:]
  private var candidates: Set<Int32> = []
  private var known: Set<Int32> = []
  private var tags: Set<String> = []
  private var priorities: Set<String> = []
  private var origins: Set<String> = []
  private var finStates: Set<String> = []
  var received = Received()

  init(isHistory: Bool) { self.isHistory = isHistory }

  /// Remembers the names that the conversation uses: tags, priority, origin and Fin's state.
  mutating func note(_ conversation: Conversation) {
    for tag in conversation.tags where !tags.contains(tag) { tags.insert(tag) }
    if let priority = conversation.priority, !priorities.contains(priority) { priorities.insert(priority) }
    if let state = conversation.aiAgent.resolutionState, !finStates.contains(state) { finStates.insert(state) }
    if let origin = conversation.deliveredAs, !origins.contains(origin) { origins.insert(origin) }
  }

  /// Leaves out an entry that is not a conversation, or has no id. If it names an account, metrics of that account are
  /// unavailable.
  mutating func skip(_ conversation: Conversation?, _ directory: OwnerDirectory) {
    guard let conversation else { return received.skip(Received.malformed) }
    var counted = CountedConversation()
    counted.traits = [.unreadable, .created]
    add(counted, of: conversation, directory)
  }

  /// Gives the conversation to its accounts, or keeps it as pending until they are known.
  ///
  /// - Parameter suggested: What its text suggests; nil where it suggests nothing, or is not read.
  mutating func add(
    _ counted: CountedConversation, _ suggested: SuggestedSignal? = nil, of conversation: Conversation,
    _ directory: OwnerDirectory
  ) {
    var counted = counted
    if isHistory { counted.traits.insert(.history) }
    guard let company = conversation.company else {
      if let contact = conversation.firstContact, !conversation.isCompanyOdd {
        pending[.contact(contact), default: []].append(counted)
        if let suggested { pendingSuggestions[.contact(contact), default: []].append(suggested) }
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
        if let suggested { pendingSuggestions[.company(id), default: []].append(suggested) }
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
    if let suggested {
      for account in accounts { suggestions[Int32(clamping: account), default: []].append(suggested) }
    }
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
    partial.finStates.seen = finStates
    if isHistory { partial.historyReceived = received } else { partial.received = received }
    partial.suggestions = suggestions
    partial.pendingSuggestions = pendingSuggestions
    return partial
  }
}

/// The ids seen so far. Intercom's ids are numbers, which need a quarter of the memory that strings need.
struct ConversationIDs {
  private var numbers: Set<UInt64> = []
  private var others: Set<String> = []

  var count: Int { numbers.count + others.count }

  /// - Returns: Whether it is new.
  mutating func insert(_ id: String) -> Bool {
    // Leading zeros are not allowed here, because the ids 7 and 007 differ.
    if let first = id.utf8.first, (49...57).contains(first), let number = UInt64(id) {
      return numbers.insert(number).inserted
    }
    return others.insert(id).inserted
  }
}
