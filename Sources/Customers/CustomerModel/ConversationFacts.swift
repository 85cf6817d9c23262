/// What is kept of a conversation: enough for every figure of its contacts at any later instant, and no text.
public struct ConversationFacts: Sendable, Equatable {
  /// The latest message of a contact that has a phrase of the ``CancelLexicon``.
  public struct Mention: Sendable, Equatable {
    public var contactID: String
    /// In seconds since 1970.
    public var at: Int64

    public init(contactID: String, at: Int64) {
      self.contactID = contactID
      self.at = at
    }
  }

  public var id: String
  /// Intercom's ids of everyone who takes part.
  public var contactIDs: [String]
  /// In seconds since 1970; nil where Intercom does not say.
  public var createdAt: Int64?
  public var updatedAt: Int64?
  public var isOpen: Bool
  /// 1 to 5; nil where it is not rated.
  public var rating: Int?
  /// ``updatedAt`` of the version whose messages were read; nil where they were not, or could not be.
  public var readAt: Int64?
  public var mentions: [Mention]

  public init(
    id: String, contactIDs: [String], createdAt: Int64?, updatedAt: Int64?, isOpen: Bool, rating: Int?,
    readAt: Int64? = nil, mentions: [Mention] = []
  ) {
    self.id = id
    self.contactIDs = contactIDs
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.isOpen = isOpen
    self.rating = rating
    self.readAt = readAt
    self.mentions = mentions
  }

  /// Whether a message since that instant can be in it that has not been read.
  public func mayHideMention(since start: Int64) -> Bool {
    guard let updatedAt else { return readAt == nil }
    return updatedAt >= start && readAt != updatedAt
  }
}

extension ConversationFacts: Codable {
  // As a list: there is one entry for each conversation of a workspace.
  public init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    id = try list.decode(String.self)
    contactIDs = try list.decode([String].self)
    createdAt = try list.decodeIfPresent(Int64.self)
    updatedAt = try list.decodeIfPresent(Int64.self)
    isOpen = try list.decode(Bool.self)
    rating = try list.decodeIfPresent(Int.self)
    readAt = try list.decodeIfPresent(Int64.self)
    mentions = []
    while !list.isAtEnd {
      mentions.append(Mention(contactID: try list.decode(String.self), at: try list.decode(Int64.self)))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(id)
    try list.encode(contactIDs)
    try list.encode(createdAt)
    try list.encode(updatedAt)
    try list.encode(isOpen)
    try list.encode(rating)
    try list.encode(readAt)
    for mention in mentions {
      try list.encode(mention.contactID)
      try list.encode(mention.at)
    }
  }
}
