import CustomerModel
import Formats
import Time

/// A part of a ``SyncState``'s facts: those whose ids fall to it.
struct SyncStatePart: Codable, Equatable {
  var conversations: [ConversationFacts] = []
  var shared: [String: [String]] = [:]

  /// The facts in so many parts, each in a fixed order.
  static func parts(of state: SyncState, count: Int) -> [SyncStatePart] {
    var parts = Array(repeating: SyncStatePart(), count: count)
    for conversation in state.conversations.values {
      parts[position(of: conversation.id, count)].conversations.append(conversation)
    }
    for (id, digests) in state.shared { parts[position(of: id, count)].shared[id] = digests }
    for index in parts.indices { parts[index].conversations.sort { $0.id < $1.id } }
    return parts
  }

  func add(to state: inout SyncState) {
    for conversation in conversations { state.conversations[conversation.id] = conversation }
    state.shared.merge(shared) { $1 }
  }

  /// The same on every machine (FNV-1a).
  private static func position(of id: String, _ count: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(hash % UInt64(count))
  }
}

/// What a ``SyncState`` is stored with.
struct SyncStateHead: Codable, Equatable {
  static let currentVersion = 1

  var version = Self.currentVersion
  var watermark: String?
  var lexicon: String
  var rules: String
  var workspaceID: String?
  /// Parts of one generation belong together.
  var generation = 0
  var parts = 1

  private enum CodingKeys: String, CodingKey {
    case version, watermark, lexicon, rules, generation, parts
    case workspaceID = "workspace_id"
  }

  init(_ state: SyncState) {
    watermark = state.watermark.map { "\($0)" }
    lexicon = state.lexicon
    rules = state.rules
    workspaceID = state.workspaceID
  }

  /// With the watermark of the stored state, and the rules by which it was reached: facts move neither.
  func keepingWatermark(of stored: SyncStateHead?) -> SyncStateHead {
    var head = self
    head.watermark = stored?.watermark
    if let stored { (head.rules, head.generation, head.parts) = (stored.rules, stored.generation, stored.parts) }
    return head
  }

  /// Without the facts.
  var state: SyncState {
    var state = SyncState(lexicon: lexicon, rules: rules)
    state.watermark = watermark.flatMap { Timestamp(iso8601: $0) }
    state.workspaceID = workspaceID
    return state
  }
}
