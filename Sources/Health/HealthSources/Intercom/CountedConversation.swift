import Formats
import Intercom

/// The part of a conversation that its account's metrics need, in 32 bytes.
struct CountedConversation: Sendable, Equatable {
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt16

    /// Created within the slice's bounds. Without it, none of the four traits below is set.
    static let created = Traits(rawValue: 1)
    static let highPriority = Traits(rawValue: 2)
    static let escalated = Traits(rawValue: 4)
    static let reopened = Traits(rawValue: 8)
    static let unanswered = Traits(rawValue: 16)
    /// It can't be read, so it is unknown how it would count.
    static let unreadable = Traits(rawValue: 32)
    /// It does not count, because no customer began it or wrote in it. It only shows that Intercom knows the company.
    static let uncounted = Traits(rawValue: 64)
    /// Read for trends only: it belongs to the time before the window.
    static let history = Traits(rawValue: 128)
    /// Fin took part.
    static let fin = Traits(rawValue: 256)
    /// Fin resolved it, and no teammate answered.
    static let deflected = Traits(rawValue: 512)
    /// What Fin did can't be read.
    static let finUnreadable = Traits(rawValue: 1024)
    /// Its opening message was read.
    static let hasText = Traits(rawValue: 2048)
    /// Its opening message is in a negative tone.
    static let negative = Traits(rawValue: 4096)
  }

  /// Position in ``Extraction/accounts``; -1 while the account is unknown.
  var account: Int32
  var traits: Traits = []
  /// 1…5; 0 where unrated.
  var rating: UInt8 = 0
  /// Fin's rating, 1…5; 0 where unrated.
  var finRating: UInt8 = 0
  /// Epoch seconds; 0 where it can't be read.
  var createdAt: UInt32 = 0
  /// The workspace's CX score times 10; 0 where there is none.
  var score: UInt16 = 0
  /// Seconds to the first reply of a teammate; 0 where there was none.
  var firstResponse = 0.0
  /// Wall-clock seconds from creation to the last close; 0 where that close is not in the window.
  var resolution = 0.0

  /// - Parameter account: Position of the account; nil while it is unknown.
  init(account: Int? = nil) { self.account = account.map { Int32(clamping: $0) } ?? -1 }

  /// A copy that belongs to this account.
  func owned(by account: Int) -> CountedConversation {
    var owned = self
    owned.account = Int32(clamping: account)
    return owned
  }

  /// Sets the traits of a conversation that was created within the slice's bounds.
  mutating func setCreated(_ conversation: Conversation, rules: IntercomRules) {
    traits.insert(.created)
    if conversation.priority.map({ rules.highPriorities.contains($0.lowercased()) }) ?? false {
      traits.insert(.highPriority)
    }
    for tag in conversation.tags {
      let name = tag.comparisonKey
      if rules.highPriorityTags.contains(name) { traits.insert(.highPriority) }
      if rules.escalationTags.contains(name) { traits.insert(.escalated) }
    }
    let agent = conversation.aiAgent
    if agent.isOdd { traits.insert(.finUnreadable) }
    if conversation.didAIAgentParticipate {
      traits.insert(.fin)
      let isResolved = agent.resolutionState.map { rules.resolvedStates.contains($0.lowercased()) } ?? false
      if isResolved, conversation.statistics.firstAdminReplyAt == nil { traits.insert(.deflected) }
      finRating = UInt8(clamping: agent.rating ?? 0)
    }
    if let number = conversation.scoreAttribute, number > 0, number <= 100 { score = UInt16((number * 10).rounded()) }
    let statistics = conversation.statistics
    if let count = statistics.countReopens, count > 0 { traits.insert(.reopened) }
    if statistics.firstAdminReplyAt == nil { traits.insert(.unanswered) }
    if let seconds = statistics.timeToAdminReply, seconds > 0, seconds.isFinite { firstResponse = seconds }
    rating = UInt8(clamping: conversation.rating ?? 0)
  }

  /// Sets the resolution time from a last close in the window. Both times are epoch seconds.
  mutating func setClosed(createdAt: Int64, closedAt: Int64) {
    let (seconds, overflow) = closedAt.subtractingReportingOverflow(createdAt)
    if !overflow, seconds > 0 { resolution = Double(seconds) }
  }
}

extension CountedConversation: Codable {
  /// A list of numbers, to save space: a part of a shared run has tens of thousands of conversations.
  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    account = try list.decode(Int32.self)
    traits = Traits(rawValue: try list.decode(UInt16.self))
    rating = try list.decode(UInt8.self)
    finRating = try list.decode(UInt8.self)
    createdAt = try list.decode(UInt32.self)
    score = try list.decode(UInt16.self)
    firstResponse = try list.decode(Double.self)
    resolution = try list.decode(Double.self)
  }

  func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(account)
    try list.encode(traits.rawValue)
    try list.encode(rating)
    try list.encode(finRating)
    try list.encode(createdAt)
    try list.encode(score)
    try list.encode(firstResponse)
    try list.encode(resolution)
  }
}

extension CountedConversation {
  /// Epoch seconds of the last close, where ``resolution`` is set.
  var closedAt: Int64? { resolution > 0 ? Int64(createdAt) + Int64(resolution) : nil }

  /// What of it lies in a part of the time that was read: its creation, its last close, or neither.
  func within(_ part: Range<Int64>) -> CountedConversation {
    var within = self
    within.traits.remove(.history)
    if !part.contains(Int64(createdAt)) { within.traits.remove(.created) }
    if !(closedAt.map(part.contains) ?? false) { within.resolution = 0 }
    return within
  }
}
