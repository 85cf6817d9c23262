import Formats

/// The conversations of one customer in numbers.
struct ConversationFigures: Sendable {
  private(set) var total = 0
  private(set) var recent = 0
  private(set) var open = 0
  private var ratings = 0
  private var ratingSum = 0
  /// In seconds since 1970; nil without a mention.
  private(set) var mentionedAt: Int64?
  /// Whether messages could not be read in which a mention may be.
  private(set) var isUnclear = false

  mutating func add(_ conversation: ConversationFacts, since start: Int64) {
    total += 1
    if let createdAt = conversation.createdAt, createdAt >= start { recent += 1 }
    if conversation.isOpen { open += 1 }
    if let rating = conversation.rating {
      ratings += 1
      ratingSum += rating
    }
    if conversation.mayHideMention(since: start) { isUnclear = true }
  }

  mutating func add(_ mention: ConversationFacts.Mention, since start: Int64) {
    if mention.at >= start { mentionedAt = max(mentionedAt ?? mention.at, mention.at) }
  }

  /// The mean rating to two decimals; nil where nothing was rated.
  var csat: Rational? {
    ratings == 0 ? nil : Rational(Int128(ratingSum), over: Int128(ratings))?.rounded(decimals: 2)
  }
}
