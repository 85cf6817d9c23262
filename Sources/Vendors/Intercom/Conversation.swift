import Formats

/// The few fields of a conversation that jobs read; times are epoch seconds, durations seconds.
///
/// A field of an unexpected type makes the record odd: it must neither cost the page nor pass for "there was none".
public struct Conversation: Equatable, Sendable {
  /// `statistics` of a conversation. A field is nil where it is null, absent or can't be read.
  public struct Statistics: Equatable, Sendable {
    /// Seconds until the first reply of a teammate, as Intercom counts them.
    public var timeToAdminReply: Double?
    public var firstAdminReplyAt: Double?
    public var firstContactReplyAt: Double?
    public var lastCloseAt: Int64?
    /// How often the conversation was reopened.
    public var countReopens: Double?
    /// Whether one of these fields has a value that can't be read.
    public var isOdd = false
  }

  /// `ai_agent`: what Intercom's agent Fin did. Nil fields where they are null, absent or can't be read.
  public struct AIAgent: Equatable, Sendable {
    /// Such as `assumed_resolution`.
    public var resolutionState: String?
    /// 1…5.
    public var rating: Int64?
    /// Whether it is there and can't be read.
    public var isOdd = false
  }

  public var id: String?
  public var createdAt: Int64?
  public var updatedAt: Int64?
  /// `state` is open; where there is no state, `open`.
  public var isOpen = false
  /// A level from API version 2.16 on, `priority` or `not_priority` before.
  public var priority: String?
  /// `source.delivered_as`: who or what began the conversation.
  public var deliveredAs: String?
  /// Nil where there is none, or where it can't be read (``isCompanyOdd``).
  public var company: CompanyReference?
  /// Whether there is a company that can't be read.
  public var isCompanyOdd = false
  /// Intercom's id of the first contact; nil where there is none, or where it can't be read (``isContactOdd``).
  public var firstContact: String?
  /// Intercom's ids of all contacts that can be read.
  public var contactIDs: [String] = []
  /// Whether there are contacts, but the first one can't be read.
  public var isContactOdd = false
  public var tags: [String] = []
  public var statistics = Statistics()
  /// 1…5; nil where unrated.
  public var rating: Int64?

  /// `ai_agent_participated`; false where Intercom does not say.
  public var didAIAgentParticipate = false
  public var aiAgent = AIAgent()
  /// The number of the custom attribute that ``ConversationReading/scoreAttribute`` names; nil without one.
  public var scoreAttribute: Double?
  /// `source.body`, the opening message as HTML; nil unless ``ConversationReading/readsOpening`` asks for it.
  public var opening: String?

  /// Whether one of the fields holds something that can't be read.
  public var isOdd = false

  /// ``createdAt``; nil where it is missing or not plausible (before 2000, or 2100 and later).
  public var beginning: Int64? { createdAt.flatMap { (946_684_800..<4_102_444_800).contains($0) ? $0 : nil } }
}

extension Conversation {
  init(_ scanner: inout JSONScanner, _ reading: ConversationReading = ConversationReading()) throws {
    self.init()
    var seen = Once()
    var state: String?
    var isMarkedOpen: Bool?
    var isAIAgentOdd = false
    try scanner.object { key, scanner in
      switch key {
      case "id" where seen.first(0): id = try scanner.id()
      case "updated_at" where seen.first(9): updatedAt = try scanner.time()
      case "state" where seen.first(10): state = try scanner.string()
      case "open" where seen.first(11): isMarkedOpen = try scanner.flag()
      case "created_at" where seen.first(1): createdAt = try scanner.time()
      case "priority" where seen.first(2): priority = try scanner.known(&isOdd) { try $0.string() }
      case "source" where seen.first(3):
        let source = try scanner.lenient { try Self.source(&$0, withBody: reading.readsOpening) }
        (deliveredAs, opening) = (source?.deliveredAs, source?.body)
      case "ai_agent_participated" where seen.first(12):
        didAIAgentParticipate = try scanner.known(&isAIAgentOdd) { try $0.flag() } ?? false
      case "ai_agent" where seen.first(13):
        aiAgent = try scanner.known(&isAIAgentOdd) { try $0.lenient { try AIAgent(&$0) } } ?? AIAgent()
      case "custom_attributes" where reading.scoreAttribute != nil && seen.first(14):
        scoreAttribute = try scanner.lenient { try Self.number(of: reading.scoreAttribute ?? "", &$0) } ?? nil
      case "company" where seen.first(4):
        company = try scanner.known(&isCompanyOdd) { try $0.lenient { try CompanyReference(&$0) } }
      case "contacts" where seen.first(5):
        var all: [String] = []
        firstContact = try scanner.known(&isContactOdd) { try $0.lenient { try Self.contacts(&$0, &all) } } ?? nil
        contactIDs = all
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
    if isAIAgentOdd { aiAgent.isOdd = true }
    isOpen = state.map { $0 == "open" } ?? isMarkedOpen ?? false
  }

  private static func source(
    _ scanner: inout JSONScanner, withBody: Bool
  ) throws -> (deliveredAs: String?, body: String?) {
    var source: (deliveredAs: String?, body: String?) = (nil, nil)
    var seen = Once()
    try scanner.object { key, scanner in
      switch key {
      case "delivered_as" where seen.first(0): source.deliveredAs = try scanner.string()
      case "body" where withBody && seen.first(1): source.body = try scanner.string()
      default: break
      }
    }
    return source
  }

  private static func number(of name: String, _ scanner: inout JSONScanner) throws -> Double? {
    var value: Double?
    try scanner.object { key, scanner in
      if value == nil, key.isSame(as: name) { value = try scanner.quotedNumber() }
    }
    return value
  }

  /// - Returns: `.none` where the rating can't be read, `.some(nil)` where there is none.
  private static func rating(_ scanner: inout JSONScanner) throws -> Int64?? {
    var value: Int64?
    var isOdd = false
    var seen = Once()
    try scanner.object { key, scanner in
      if case "rating" = key, seen.first(0) { value = try scanner.known(&isOdd) { try $0.integer() } }
    }
    return isOdd ? nil : .some(value)
  }

  /// - Parameter all: Gets the ids of all that can be read.
  /// - Returns: The first one's id; `.none` where it can't be read, `.some(nil)` where there is no contact.
  private static func contacts(_ scanner: inout JSONScanner, _ all: inout [String]) throws -> String?? {
    var first: String??
    // A list that turns out to be broken is read again from its beginning.
    all.removeAll()
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
      if let id = contact ?? nil { all.append(id) }
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
  init(_ scanner: inout JSONScanner) throws {
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

extension Conversation.AIAgent {
  init(_ scanner: inout JSONScanner) throws {
    self.init()
    var seen = Once()
    try scanner.object { key, scanner in
      switch key {
      case "resolution_state" where seen.first(0):
        resolutionState = try scanner.known(&isOdd) { try $0.string() }
      case "rating" where seen.first(1):
        rating = try scanner.known(&isOdd) { try $0.integer() }.flatMap { (1...5).contains($0) ? $0 : nil }
      default: break
      }
    }
  }
}

extension CompanyReference {
  init(_ scanner: inout JSONScanner) throws {
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
