import Formats
import HealthModel

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
  mutating func setCreated(_ conversation: Conversation, options: IntercomOptions) {
    traits.insert(.created)
    if conversation.priority.map({ options.highPriorities.contains($0.lowercased()) }) ?? false {
      traits.insert(.highPriority)
    }
    for tag in conversation.tags {
      let name = tag.comparisonKey
      if options.highPriorityTags.contains(name) { traits.insert(.highPriority) }
      if options.escalationTags.contains(name) { traits.insert(.escalated) }
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

/// What one account's conversations add up to. Sums are integers and values keep no order, so it is exact.
struct ConversationTally: Sendable {
  private var created = 0
  private var highPriority = 0
  private var escalated = 0
  private var reopened = 0
  private var unanswered = 0
  private var rated = 0
  private var ratings = 0
  private var firstResponses: [Double] = []
  private var resolutions: [Double] = []
  /// Whether a conversation of the window can't be read: no number of the account is right then.
  private var isSpoiled = false
  /// Whether one that began before the window can't be read: it could only add to the resolutions.
  private var isResolutionSpoiled = false

  mutating func add(_ conversation: CountedConversation) {
    let traits = conversation.traits
    guard !traits.contains(.uncounted) else { return }
    if traits.contains(.unreadable) {
      if traits.contains(.created) { isSpoiled = true } else { isResolutionSpoiled = true }
      return
    }
    if conversation.resolution > 0 { resolutions.append(conversation.resolution) }
    guard traits.contains(.created) else { return }
    created += 1
    if traits.contains(.highPriority) { highPriority += 1 }
    if traits.contains(.escalated) { escalated += 1 }
    if traits.contains(.reopened) { reopened += 1 }
    if traits.contains(.unanswered) { unanswered += 1 }
    if conversation.firstResponse > 0 { firstResponses.append(conversation.firstResponse) }
    if conversation.rating > 0 {
      rated += 1
      ratings += Int(conversation.rating)
    }
  }

  /// Shares and medians; with nothing created in the window everything but the count is missing.
  var observations: [Metric: Observation] {
    guard !isSpoiled else {
      return Dictionary(uniqueKeysWithValues: SourceID.intercom.metrics.map { ($0, .missing(.unavailable)) })
    }
    var observations = counts
    if isResolutionSpoiled { observations[.medianResolution] = .missing(.unavailable) }
    return observations
  }

  private var counts: [Metric: Observation] {
    guard created > 0 else {
      var observations: [Metric: Observation] = [:]
      for metric in SourceID.intercom.metrics { observations[metric] = .missing(.noData) }
      observations[.totalConversations] = .value(0)
      return observations
    }
    func share(_ count: Int) -> Observation { .ratio(Double(count), of: Double(created), times: 100) }
    return [
      .totalConversations: .value(Double(created)),
      .p1p2: share(highPriority),
      .escalation: share(escalated),
      .reopenRate: share(reopened),
      .medianFirstResponse: .known(firstResponses.median),
      .medianResolution: .known(resolutions.median),
      .csatScore: .ratio(Double(ratings), of: Double(rated)),
      .csatResponseRate: share(rated),
      .unanswered: share(unanswered),
    ]
  }
}

/// What was read of a part of the window.
public struct IntercomPartial: PartialObservations {
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

extension [Double] {
  /// The middle value, or the mean of the two; nil of nothing.
  var median: Double? {
    guard !isEmpty else { return nil }
    let ordered = sorted()
    let middle = ordered.count / 2
    return ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
  }
}
