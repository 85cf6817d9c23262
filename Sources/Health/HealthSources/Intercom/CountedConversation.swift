import Formats
import Intercom

/// What is kept of a conversation that counts for an account: all that its metrics need, in 24 bytes.
struct CountedConversation: Sendable, Equatable {
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt8

    /// Created within the bounds; the other traits are told of such conversations only.
    static let created = Traits(rawValue: 1)
    static let highPriority = Traits(rawValue: 2)
    static let escalated = Traits(rawValue: 4)
    static let reopened = Traits(rawValue: 8)
    static let unanswered = Traits(rawValue: 16)
    /// It can't be read, so nobody knows how it counts.
    static let unreadable = Traits(rawValue: 32)
    /// It does not count, and only tells that Intercom knows the company.
    static let uncounted = Traits(rawValue: 64)
  }

  /// Position in the extraction's accounts.
  var account: Int32
  var traits: Traits = []
  /// 1…5; 0 where unrated.
  var rating: UInt8 = 0
  /// Seconds; 0 where there was none.
  var firstResponse = 0.0
  /// Wall-clock seconds from creation to the last close, if that lies within the bounds; else 0.
  var resolution = 0.0

  /// - Parameter account: Nil where the owner is still to be found out.
  init(account: Int? = nil) { self.account = account.map { Int32(clamping: $0) } ?? -1 }

  /// The same for an account.
  func owned(by account: Int) -> CountedConversation {
    var owned = self
    owned.account = Int32(clamping: account)
    return owned
  }

  /// Notes what counts of a conversation that was created within the bounds.
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
    let statistics = conversation.statistics
    if let count = statistics.countReopens, count > 0 { traits.insert(.reopened) }
    if statistics.firstAdminReplyAt == nil { traits.insert(.unanswered) }
    if let seconds = statistics.timeToAdminReply, seconds > 0, seconds.isFinite { firstResponse = seconds }
    rating = UInt8(clamping: conversation.rating ?? 0)
  }

  /// Notes a last close within the bounds.
  mutating func setClosed(createdAt: Int64, closedAt: Int64) {
    let (seconds, overflow) = closedAt.subtractingReportingOverflow(createdAt)
    if !overflow, seconds > 0 { resolution = Double(seconds) }
  }
}

extension CountedConversation: Codable {
  /// Five numbers; a part of a shared run holds tens of thousands.
  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    account = try list.decode(Int32.self)
    traits = Traits(rawValue: try list.decode(UInt8.self))
    rating = try list.decode(UInt8.self)
    firstResponse = try list.decode(Double.self)
    resolution = try list.decode(Double.self)
  }

  func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(account)
    try list.encode(traits.rawValue)
    try list.encode(rating)
    try list.encode(firstResponse)
    try list.encode(resolution)
  }
}
