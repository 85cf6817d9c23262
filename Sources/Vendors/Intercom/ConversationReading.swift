/// What is read of a conversation beyond the fields that every job needs.
public struct ConversationReading: Sendable, Equatable {
  /// The name of a custom attribute whose number is read; nil for none.
  public var scoreAttribute: String?
  /// Whether the opening message is read.
  public var readsOpening: Bool

  public init(scoreAttribute: String? = nil, readsOpening: Bool = false) {
    self.scoreAttribute = scoreAttribute
    self.readsOpening = readsOpening
  }
}
