import Formats

/// The messages of a conversation, from `GET /conversations/{id}`.
public struct ConversationThread: Sendable {
  /// A message that a contact wrote.
  public struct Message: Sendable {
    /// Intercom's id of the contact.
    public var contactID: String
    /// In seconds since 1970.
    public var at: Int64
    /// HTML.
    public var body: String
  }

  /// In seconds since 1970; nil where Intercom does not say.
  public let updatedAt: Int64?
  /// The opening message and the replies of contacts, in Intercom's order. Intercom gives the last 500 parts.
  public let messages: [Message]

  /// `author.type` of people who are not teammates or bots.
  private static let contactTypes: Set<String> = ["user", "lead", "contact"]

  /// - Throws: `JSONBodyError` where it is no conversation.
  public init(json body: [UInt8]) throws {
    let value = try JSONValue(json: body)
    guard value.object != nil, value["id"]?.id != nil else {
      throw JSONBodyError(description: "id: is missing")
    }
    updatedAt = value["updated_at"]?.seconds
    var messages: [Message] = []
    func add(_ part: JSONValue?, at: Int64?) {
      guard let part, let at, let author = part["author"], let type = author["type"]?.text?.lowercased(),
        Self.contactTypes.contains(type), let id = author["id"]?.id, let body = part["body"]?.text
      else { return }
      messages.append(Message(contactID: id, at: at, body: body))
    }
    add(value["source"], at: value["created_at"]?.seconds)
    let parts = value["conversation_parts"]
    for part in parts?["conversation_parts"]?.list ?? parts?.list ?? [] { add(part, at: part["created_at"]?.seconds) }
    self.messages = messages
  }
}

extension JSONValue {
  /// A time in whole seconds since 1970, as a number or the same in quotes.
  fileprivate var seconds: Int64? { digits.flatMap { Int64($0) } }
}
