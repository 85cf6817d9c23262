import Formats

/// A page of `POST /conversations/search`. Its list is named `conversations`, not `data`.
///
/// `JSONScanner` reads it, because a month has thousands of pages and about 1 % of their content is needed.
public struct ConversationPage: Equatable, Sendable {
  /// Number of all conversations that match the search; nil where Intercom does not say.
  public private(set) var totalCount: Int?
  /// The cursor of the next page; nil on the last one.
  public private(set) var next: String?
  /// Nil for an entry that is not a conversation at all.
  public private(set) var conversations: [Conversation?] = []

  /// - Throws: `JSONBodyError` where it is not a page.
  public init(json body: [UInt8]) throws { try self.init(json: body, ConversationReading()) }

  init(json body: [UInt8], _ reading: ConversationReading) throws {
    conversations.reserveCapacity(IntercomEndpoint.pageSize)
    (totalCount, next) = try Self.read(body, list: "conversations") { scanner in
      conversations.append(try scanner.lenient { try Conversation(&$0, reading) })
    }
  }

  /// Reads the number of all entries and the next cursor of a page.
  ///
  /// - Parameter use: Reads an element of the list of that name.
  static func read(
    _ body: [UInt8], list name: StaticString, _ use: (inout JSONScanner) throws -> Void
  ) throws -> (totalCount: Int?, next: String?) {
    var (totalCount, next): (Int?, String?) = (nil, nil)
    var isList = false
    var seen = Once()
    try JSONScanner.scan(body) { scanner in
      try scanner.object { key, scanner in
        switch key {
        case "total_count" where seen.first(0): totalCount = try scanner.time().flatMap { Int(exactly: $0) }
        case "pages" where seen.first(1): next = try cursor(&scanner)
        case name where seen.first(2):
          isList = true
          do {
            try scanner.list(use)
          } catch let error as JSONBodyError {
            throw JSONBodyError(description: "\(name): \(error)")
          }
        default: break
        }
      }
    }
    guard isList else { throw JSONBodyError(description: "\(name): is missing") }
    return (totalCount, next)
  }

  /// Reads the cursor from `pages`; nil on the last page. `next` is an object here, but may be a URL in other lists.
  private static func cursor(_ scanner: inout JSONScanner) throws -> String? {
    guard try scanner.kind() != .null else { return nil }
    var cursor: String?
    var seen = Once()
    do {
      try scanner.object { key, scanner in
        guard case "next" = key, seen.first(0), try scanner.kind() != .null else { return }
        cursor = try scanner.lenient { scanner in
          var cursor: String?
          var seen = Once()
          try scanner.object { key, scanner in
            if case "starting_after" = key, seen.first(0) { cursor = try scanner.id() }
          }
          return cursor
        }
        // There is a next page, but its cursor can't be read. So this is not the last page.
        if cursor == nil { throw JSONBodyError(description: "next: has no starting_after") }
      }
    } catch let error as JSONBodyError {
      throw JSONBodyError(description: "pages: \(error)")
    }
    return cursor
  }
}
