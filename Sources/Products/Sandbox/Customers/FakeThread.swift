import Foundation

/// An invented conversation of the sandbox's customers, with its messages.
struct FakeThread: Sendable {
  struct Part: Sendable {
    /// `user`, `lead`, `contact`, `admin` or `bot`.
    var author: String
    var authorID: String
    var at: Int64
    var body: String
  }

  let id: String
  var contactIDs: [String]
  let createdAt: Int64
  var updatedAt: Int64
  var state: String
  var rating: Int?
  /// The first one opened the conversation.
  var parts: [Part]

  /// As a search shows it: without its messages but the first.
  var object: [String: Any] {
    let opening = parts.first
    return [
      "type": "conversation", "id": id, "title": NSNull(), "created_at": createdAt, "updated_at": updatedAt,
      "waiting_since": NSNull(), "open": state == "open", "state": state, "read": true, "priority": "not_priority",
      "contacts": ["type": "contact.list", "contacts": contactIDs.map { ["type": "contact", "id": $0] }],
      "company": NSNull(), "tags": ["type": "tag.list", "tags": [Any]()] as [String: Any],
      "conversation_rating": rating.map { ["rating": $0, "created_at": createdAt] as Any } ?? NSNull(),
      "statistics": NSNull(),
      "source": [
        "type": "conversation", "id": "\(id)0", "delivered_as": "customer_initiated",
        "body": opening?.body ?? "", "author": ["type": opening?.author ?? "user", "id": opening?.authorID ?? ""],
      ] as [String: Any],
    ]
  }

  /// As `GET /conversations/{id}` shows it.
  var wholeObject: [String: Any] {
    let replies = parts.dropFirst().enumerated().map { number, part -> [String: Any] in
      [
        "type": "conversation_part", "id": "\(id)\(number + 1)", "part_type": "comment", "body": part.body,
        "created_at": part.at, "updated_at": part.at, "author": ["type": part.author, "id": part.authorID],
      ]
    }
    return object.merging([
      "conversation_parts": [
        "type": "conversation_part.list", "conversation_parts": replies, "total_count": replies.count,
      ] as [String: Any]
    ]) { $1 }
  }
}
