import Formats

/// A page of `GET /contacts` or `POST /contacts/search`.
public struct ContactPage: Equatable, Sendable {
  /// Number of all contacts that match; nil where Intercom does not say.
  public private(set) var totalCount: Int?
  /// The cursor of the next page; nil on the last one.
  public private(set) var next: String?
  /// With the members of ``members`` only; null for an entry that is no object.
  public private(set) var contacts: [JSONValue] = []

  /// What is read of a contact. The rest, such as its tags and devices, is skipped.
  static let members: Set<String> = [
    "id", "external_id", "workspace_id", "email", "name", "location", "signed_up_at", "created_at", "updated_at",
    "last_seen_at", "custom_attributes",
  ]

  /// - Throws: `JSONBodyError` where it is not a page.
  public init(json body: [UInt8]) throws {
    (totalCount, next) = try ConversationPage.read(body, list: "data") { scanner in
      contacts.append(try scanner.lenient { try Self.contact(&$0) } ?? .null)
    }
  }

  private static func contact(_ scanner: inout JSONScanner) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    try scanner.object { key, scanner in
      let name = key.text
      if Self.members.contains(name), members[name] == nil { members[name] = try JSONValue(&scanner) }
    }
    return .object(members)
  }
}
