import Formats

/// A page of `POST /conversations/search`; the list is called `conversations`, not `data`.
///
/// Bulk: a month has thousands of pages, of which a hundredth is of interest.
struct ConversationPage: Equatable {
  /// Conversations that the search has found in all.
  private(set) var totalCount: Int?
  /// The cursor of the next page; nil on the last one.
  private(set) var next: String?
  /// Nil for an entry that is not a conversation at all.
  private(set) var conversations: [Conversation?] = []

  /// - Throws: `JSONBodyError` where it is not a page.
  init(json body: [UInt8]) throws {
    var isList = false
    var seen = Once()
    try JSONScanner.scan(body) { scanner in
      try scanner.object { key, scanner in
        switch key {
        case "total_count" where seen.first(0): totalCount = try scanner.time().flatMap { Int(exactly: $0) }
        case "pages" where seen.first(1): next = try Self.cursor(&scanner)
        case "conversations" where seen.first(2):
          isList = true
          conversations.reserveCapacity(IntercomEndpoint.pageSize)
          do {
            try scanner.list { scanner in
              conversations.append(try scanner.lenient { try Conversation(&$0) })
            }
          } catch let error as JSONBodyError {
            throw JSONBodyError(description: "conversations: \(error)")
          }
        default: break
        }
      }
    }
    guard isList else { throw JSONBodyError(description: "conversations: is missing") }
  }

  /// `next` may be an object or, in other lists, a URL.
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
        // Not the last page, for all that can be read of it.
        if cursor == nil { throw JSONBodyError(description: "next: has no starting_after") }
      }
    } catch let error as JSONBodyError {
      throw JSONBodyError(description: "pages: \(error)")
    }
    return cursor
  }
}

/// The few fields of a conversation that a metric needs; times are epoch seconds, durations seconds.
///
/// A field of an unexpected type makes the record odd: it must neither cost the page nor pass for "there was none".
struct Conversation: Equatable {
  struct Statistics: Equatable {
    var timeToAdminReply: Double?
    var firstAdminReplyAt: Double?
    var firstContactReplyAt: Double?
    var lastCloseAt: Int64?
    var countReopens: Double?
    var isOdd = false
  }

  var id: String?
  var createdAt: Int64?
  var priority: String?
  var deliveredAs: String?
  var company: CompanyReference?
  /// Whether there is a company that can't be read.
  var isCompanyOdd = false
  var firstContact: String?
  /// Whether there are contacts of which the first can't be read.
  var isContactOdd = false
  var tags: [String] = []
  var statistics = Statistics()
  /// 1…5; nil where unrated.
  var rating: Int64?

  /// Whether a field that a metric needs holds something that can't be read.
  var isOdd = false

  /// When it began; nil where it does not say, or names a time that no conversation has (before 2000, after 2100).
  var beginning: Int64? { createdAt.flatMap { (946_684_800..<4_102_444_800).contains($0) ? $0 : nil } }

  /// Whether it says how it began and all that a metric needs; without, nobody knows how it counts.
  var isReadable: Bool { beginning != nil && deliveredAs != nil && !isOdd && !statistics.isOdd }
}

extension Conversation {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    self.init()
    var seen = Once()
    try scanner.object { key, scanner in
      switch key {
      case "id" where seen.first(0): id = try scanner.id()
      case "created_at" where seen.first(1): createdAt = try scanner.time()
      case "priority" where seen.first(2): priority = try scanner.known(&isOdd) { try $0.string() }
      case "source" where seen.first(3): deliveredAs = try scanner.lenient { try Self.deliveredAs(&$0) }
      case "company" where seen.first(4):
        company = try scanner.known(&isCompanyOdd) { try $0.lenient { try CompanyReference(&$0) } }
      case "contacts" where seen.first(5):
        firstContact = try scanner.known(&isContactOdd) { try $0.lenient { try Self.firstContact(&$0) } } ?? nil
      case "tags" where seen.first(6):
        tags = try scanner.known(&isOdd) { try $0.lenient { try Self.tags(&$0) } } ?? []
      case "statistics" where seen.first(7):
        statistics = try scanner.known(&isOdd) { try $0.lenient { try Statistics(&$0) } } ?? Statistics()
      case "conversation_rating" where seen.first(8):
        let number = try scanner.known(&isOdd) { try $0.lenient { try Self.rating(&$0) } } ?? nil
        rating = number.flatMap { (1...5).contains($0) ? $0 : nil }
      default: break
      }
    }
  }

  private static func deliveredAs(_ scanner: inout JSONScanner) throws -> String? {
    var value: String?
    var seen = Once()
    try scanner.object { key, scanner in
      if case "delivered_as" = key, seen.first(0) { value = try scanner.string() }
    }
    return value
  }

  /// - Returns: Nil where there is something that is no rating.
  private static func rating(_ scanner: inout JSONScanner) throws -> Int64?? {
    var value: Int64?
    var isOdd = false
    var seen = Once()
    try scanner.object { key, scanner in
      if case "rating" = key, seen.first(0) { value = try scanner.known(&isOdd) { try $0.integer() } }
    }
    return isOdd ? nil : .some(value)
  }

  /// - Returns: Nil where the first contact can't be read.
  private static func firstContact(_ scanner: inout JSONScanner) throws -> String?? {
    var first: String??
    try scanner.items("contacts") { scanner in
      let contact: String?? = try scanner.lenient { scanner in
        var id: String?
        var seen = Once()
        try scanner.object { key, scanner in
          if case "id" = key, seen.first(0) { id = try scanner.id() }
        }
        return .some(id)
      }
      if first == nil, let contact { first = contact }
    }
    guard let first else { return .some(nil) }
    return first == nil ? nil : .some(first)
  }

  private static func tags(_ scanner: inout JSONScanner) throws -> [String] {
    var tags: [String] = []
    try scanner.items("tags") { scanner in
      let name: String? = try scanner.lenient { scanner in
        var name: String?
        var seen = Once()
        try scanner.object { key, scanner in
          if case "name" = key, seen.first(0) { name = try scanner.string() }
        }
        return name
      }
      if let name { tags.append(name) }
    }
    return tags
  }
}

extension Conversation.Statistics {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    self.init()
    var seen = Once()
    try scanner.object { key, scanner in
      switch key {
      case "time_to_admin_reply" where seen.first(0):
        timeToAdminReply = try scanner.known(&isOdd) { try $0.quotedNumber() }
      case "first_admin_reply_at" where seen.first(1):
        firstAdminReplyAt = try scanner.known(&isOdd) { try $0.quotedNumber() }
      case "last_close_at" where seen.first(2):
        lastCloseAt = try scanner.known(&isOdd) {
          try $0.quotedNumber().flatMap { Int64(exactly: $0.rounded(.down)) }
        }
      case "count_reopens" where seen.first(3): countReopens = try scanner.known(&isOdd) { try $0.quotedNumber() }
      case "first_contact_reply_at" where seen.first(4):
        firstContactReplyAt = try scanner.known(&isOdd) { try $0.quotedNumber() }
      default: break
      }
    }
  }
}

extension CompanyReference {
  fileprivate init(_ scanner: inout JSONScanner) throws {
    var id: String?
    var companyID: String?
    var seen = Once()
    try scanner.object { key, scanner in
      switch key {
      case "id" where seen.first(0): id = try scanner.id()
      case "company_id" where seen.first(1): companyID = try scanner.id()
      default: break
      }
    }
    self.init(id: id, companyID: companyID)
  }
}

/// Which members of an object were read already: the first of two equal ones counts.
private struct Once {
  private var bits: UInt16 = 0

  mutating func first(_ bit: UInt16) -> Bool {
    defer { bits |= 1 << bit }
    return bits & 1 << bit == 0
  }
}

extension JSONScanner {
  /// An id, as a string or a number.
  fileprivate mutating func id() throws -> String? {
    try kind() == .number ? integer().map { String($0) } : string()
  }

  /// A value that may be null, and is odd where it is neither that nor what `read` makes something of.
  fileprivate mutating func known<Value>(
    _ isOdd: inout Bool, _ read: (inout JSONScanner) throws -> Value?
  ) throws -> Value? {
    let isNull = try kind() == .null
    if isNull { try skip() }
    let value = isNull ? nil : try read(&self)
    if value == nil, !isNull { isOdd = true }
    return value
  }

  /// A number, or the same in quotes.
  fileprivate mutating func quotedNumber() throws -> Double? {
    guard try kind() == .string else { return try number() }
    return try string().flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }

  /// A whole number such as a time, or the same in quotes.
  fileprivate mutating func time() throws -> Int64? {
    guard try kind() == .number else { return try string().flatMap { Int64($0) } }
    guard let number = try numberText() else { return nil }
    return number.integer ?? number.double.flatMap { Int64(exactly: $0.rounded(.down)) }
  }

  /// The elements of an object's list of that name.
  ///
  /// - Throws: `JSONBodyError` where there is none.
  fileprivate mutating func items(_ name: StaticString, _ visit: (inout JSONScanner) throws -> Void) throws {
    var isFound = false
    try object { key, scanner in
      guard name ~= key, !isFound else { return }
      isFound = true
      try scanner.list(visit)
    }
    guard isFound else { throw JSONBodyError(description: "\(name): is missing") }
  }
}
