import HealthModel

/// What one account's conversations add up to. Sums are integers and values keep no order, so merging is exact.
struct ConversationTally: Codable, Sendable, Equatable {
  var created = 0
  var highPriority = 0
  var escalated = 0
  var reopened = 0
  var unanswered = 0
  var rated = 0
  var ratings = 0
  /// Seconds, above 0.
  var firstResponses: [Double] = []
  var resolutions: [Double] = []

  mutating func merge(_ other: ConversationTally) {
    created += other.created
    highPriority += other.highPriority
    escalated += other.escalated
    reopened += other.reopened
    unanswered += other.unanswered
    rated += other.rated
    ratings += other.ratings
    firstResponses += other.firstResponses
    resolutions += other.resolutions
  }

  /// Counts a conversation that was created within the bounds.
  mutating func addCreated(_ conversation: Conversation, options: IntercomOptions) {
    created += 1
    let tags = Set(conversation.tags.map { $0.trimmed.lowercased() })
    if conversation.priority.map({ options.highPriorities.contains($0.lowercased()) }) ?? false
      || !tags.isDisjoint(with: options.highPriorityTags)
    {
      highPriority += 1
    }
    if !tags.isDisjoint(with: options.escalationTags) { escalated += 1 }
    let statistics = conversation.statistics
    if let count = statistics.countReopens, count > 0 { reopened += 1 }
    if statistics.firstAdminReplyAt == nil { unanswered += 1 }
    if let seconds = statistics.timeToAdminReply, seconds > 0, seconds.isFinite { firstResponses.append(seconds) }
    if let rating = conversation.rating {
      rated += 1
      ratings += rating
    }
  }

  /// Counts a conversation whose last close lies within the bounds, in wall-clock seconds since its creation.
  mutating func addClosed(createdAt: Int64, closedAt: Int64) {
    let (seconds, overflow) = closedAt.subtractingReportingOverflow(createdAt)
    if !overflow, seconds > 0 { resolutions.append(Double(seconds)) }
  }

  /// Shares and medians; with nothing created in the window everything but the count is missing.
  var observations: [Metric: Observation] {
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

/// What was read of a window, or of some contacts' conversations.
public struct IntercomPartial: PartialObservations {
  /// By position in the extraction's accounts.
  var tallies: [Int: ConversationTally] = [:]
  var received = Received()

  public init() {}

  public mutating func merge(_ other: IntercomPartial) {
    tallies.merge(other.tallies) { mine, theirs in
      var merged = mine
      merged.merge(theirs)
      return merged
    }
    received.merge(other.received)
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
