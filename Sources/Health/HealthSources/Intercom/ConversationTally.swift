import HealthModel

/// The counts of one account's conversations. The order of adding does not change the result: counts are integers, and
/// medians sort their values.
struct ConversationTally: Sendable {
  private var created = 0
  private var highPriority = 0
  private var escalated = 0
  private var reopened = 0
  private var unanswered = 0
  private var rated = 0
  private var ratings = 0
  private var withFin = 0
  private var deflected = 0
  private var finRated = 0
  private var finRatings = 0
  private var scored = 0
  private var scores = 0
  private var withText = 0
  private var negative = 0
  private var firstResponses: [Double] = []
  private var resolutions: [Double] = []
  /// Whether a conversation created in the window can't be read. All metrics of the account are unavailable then.
  private var isSpoiled = false
  /// Whether a conversation created before the window can't be read. Only the median resolution is unavailable then.
  private var isResolutionSpoiled = false
  /// Whether it can't be read what Fin did. Only the metrics of Fin are unavailable then.
  private var isFinSpoiled = false

  /// - Parameter conversations: Those before the window are left out.
  init(_ conversations: [CountedConversation] = []) {
    for conversation in conversations where !conversation.traits.contains(.history) { add(conversation) }
  }

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
    if traits.contains(.finUnreadable) { isFinSpoiled = true }
    if traits.contains(.fin) { withFin += 1 }
    if traits.contains(.deflected) { deflected += 1 }
    if conversation.finRating > 0 {
      finRated += 1
      finRatings += Int(conversation.finRating)
    }
    if conversation.score > 0 {
      scored += 1
      scores += Int(conversation.score)
    }
    if traits.contains(.hasText) { withText += 1 }
    if traits.contains(.negative) { negative += 1 }
  }

  /// Shares are percentages, medians are seconds. If none was created in the window, the total is 0 and all other
  /// metrics have no data.
  var observations: [Metric: Observation] {
    guard !isSpoiled else {
      return Dictionary(uniqueKeysWithValues: IntercomSource.windowMetrics.map { ($0, .missing(.unavailable)) })
    }
    var observations = counts
    if isResolutionSpoiled { observations[.medianResolution] = .missing(.unavailable) }
    if isFinSpoiled {
      observations[.finDeflection] = .missing(.unavailable)
      observations[.finCXScore] = .missing(.unavailable)
    }
    return observations
  }

  private var counts: [Metric: Observation] {
    guard created > 0 else {
      var observations: [Metric: Observation] = [:]
      for metric in IntercomSource.windowMetrics { observations[metric] = .missing(.noData) }
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
      .finDeflection: .ratio(Double(deflected), of: Double(withFin), times: 100),
      .finCXScore: finRated > 0
        ? .ratio(Double(finRatings), of: Double(finRated)) : .ratio(Double(scores) / 10, of: Double(scored)),
      .negativeConversations: .ratio(Double(negative), of: Double(withText), times: 100),
    ]
  }
}

extension [Double] {
  /// The middle value, or the mean of the two middle values; nil for an empty list.
  var median: Double? {
    guard !isEmpty else { return nil }
    let ordered = sorted()
    let middle = ordered.count / 2
    return ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
  }
}
