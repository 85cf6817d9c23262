import Time

/// A conversation of the sandbox.
struct FakeConversation: Sendable {
  let id: String
  /// Position of its account; -1 for a visitor without a company.
  let account: Int
  let createdAt: Int64
  let closedAt: Int64?
  let firstReply: Int64?
  let reopens: Int
  let rating: Int?
  let priority: String
  let tag: String?
  let isCustomerInitiated: Bool
  let hasStatistics: Bool
  /// Its `delivered_as` is null, so that nobody can tell how it began.
  let isOdd: Bool

  /// A number drawn from the id.
  private var draw: UInt64 {
    id.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 } >> 16
  }

  private static let finStates = ["assumed_resolution", "confirmed_resolution", "escalated", "negative_feedback"]

  /// Whether Fin took part, how it ended and how it was rated, drawn from the id.
  var fin: (state: String, rating: Int?)? {
    let draw = draw
    guard draw % 10 < 3 else { return nil }
    return (Self.finStates[Int(draw / 10 % 4)], draw / 40 % 2 == 0 ? Int(draw / 80 % 5) + 1 : nil)
  }

  private static let calm = [
    "How do I change the opening hours of the chat?", "Thanks, the new templates look lovely.",
    "Please cancel my ticket, I found the setting myself.", "Can the welcome flow be split by room category?",
  ]
  private static let troubled = [
    "This is the third outage in a week, and I am fed up.", "We will not renew when the contract ends.",
    "Got a quote from another vendor that is far cheaper.", "Not happy at all, nobody answers.",
  ]

  /// The opening sentence, drawn from the id. Some of them tell of trouble.
  private var opening: String {
    let draw = draw / 7
    let isTroubled = draw % 16 == 0 || (reopens > 0 && draw % 2 == 0)
    return (isTroubled ? Self.troubled : Self.calm)[Int(draw / 16 % 4)]
  }

  /// The account's own contact.
  static func contactID(_ account: SandboxAccount) -> String { "66b1" + hex(UInt64(account.index + 1), digits: 20) }

  func contactID(_ world: SandboxWorld) -> String {
    account >= 0 ? Self.contactID(world.accounts[account]) : "66b2" + String(repeating: "0", count: 20 - id.count) + id
  }

  /// The account of a contact; nil for a visitor's contact.
  static func owner(ofContact id: String, _ world: SandboxWorld) -> SandboxAccount? {
    guard id.hasPrefix("66b1"), let number = Int(id.dropFirst(4), radix: 16) else { return nil }
    return world.accounts.indices.contains(number - 1) ? world.accounts[number - 1] : nil
  }

  /// The workspace's id of a company, as Intercom writes it.
  static func companyID(_ account: SandboxAccount, _ world: SandboxWorld) -> String {
    world.has(.companiesSpelled) ? account.intercomCompanyID.uppercased() : account.intercomCompanyID
  }

  /// Whether the account's conversations carry their company.
  private static func carriesCompany(_ account: SandboxAccount, _ world: SandboxWorld) -> Bool {
    if world.has(.companiesNone) { return false }
    return !world.has(.companiesMixed) || account.index % 2 == 0
  }

  static func tags(_ world: SandboxWorld) -> [String] {
    world.has(.tagsRenamed) ? ["Billing", "Escalated to T2", "P1 - outage"] : ["Billing", "Escalated", "P1"]
  }

  /// Conversations of people without a company.
  static func visitors(in month: Period, world: SandboxWorld) -> [FakeConversation] {
    guard world.has(.companiesMixed) else { return [] }
    var random = SandboxRandom(world.seed, "visitors")
    let length = Double(month.end.seconds - month.start.seconds)
    return (0..<(world.accounts.count * 40)).map { number in
      let createdAt = month.start.seconds + Int64(random.unit() * length)
      return FakeConversation(
        id: "\(month.year * 12 + month.month)9\(padded(number, to: 9))", account: -1, createdAt: createdAt,
        closedAt: createdAt + 3600, firstReply: 60, reopens: 0, rating: nil, priority: "none", tag: nil,
        isCustomerInitiated: true, hasStatistics: true, isOdd: false)
    }
  }

  /// The conversations created in the month. They are the same every month, at the same fraction of it.
  static func all(of account: SandboxAccount, in month: Period, world: SandboxWorld) -> [FakeConversation] {
    guard ![.silent, .justSigned].contains(account.peculiarity) else { return [] }
    var random = SandboxRandom(world.seed, "conversations", "\(account.index)")
    let trouble = 1 - account.quality
    let busy = account.segment == .paid ? 8 + trouble * 40 : 4 + trouble * 20
    let count = world.conversationsPerAccount ?? Int(busy * random.number(0.8...1.2))
    let length = Double(month.end.seconds - month.start.seconds)
    let slow = account.segment == .paid ? 1.0 : 4.0
    return (0..<count).map { number in
      let createdAt = month.start.seconds + Int64(random.unit() * length)
      let isAnswered = random.isTrue(0.99 - trouble * 0.08)
      let reply = Int64((600 + trouble * trouble * 14_000) * slow * random.number(0.3...1.8))
      let close = reply + Int64((3600 + trouble * 130_000) * slow * random.number(0.3...1.9))
      let isClosed = isAnswered && random.isTrue(0.97)
      let isRated = random.isTrue(0.12 + account.quality * 0.25)
      return FakeConversation(
        id: "\(month.year * 12 + month.month)\(padded(account.index, to: 6))\(padded(number, to: 4))",
        account: account.index, createdAt: createdAt, closedAt: isClosed ? createdAt + close : nil,
        firstReply: isAnswered ? reply : nil, reopens: random.isTrue(0.02 + trouble * 0.18) ? 1 : 0,
        rating: isRated ? max(1, min(5, Int((5.4 - trouble * 3 - random.unit() * 1.6).rounded()))) : nil,
        priority: random.isTrue(0.02 + trouble * 0.2)
          ? random.pick(["high", "urgent"]) : random.pick(["none", "low", "medium"]),
        tag: random.isTrue(0.02 + trouble * 0.25) ? "Escalated" : random.isTrue(0.1) ? "P1" : nil,
        isCustomerInitiated: random.isTrue(0.92), hasStatistics: random.isTrue(0.99),
        isOdd: world.has(.conversationsOdd) && account.index % 5 == 0 && number % 4 == 1)
    }
  }

  /// About 1.5 KB, as real ones are.
  private static let body = Array(
    String(repeating: "<p>Sample text of an invented guest about an invented stay.</p>", count: 22).utf8)

  /// Appends the conversation as Intercom writes it. Uses bytes, not strings, since a large world serves gigabytes.
  func append(to bytes: inout [UInt8], _ world: SandboxWorld) {
    func put(_ text: StaticString) {
      bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
    func put(_ number: Int64?) { if let number { put(String(number)) } else { put("null" as StaticString) } }
    let contact = contactID(world)
    let owner = account >= 0 ? world.accounts[account] : nil
    let life = closedAt.map { $0 - createdAt }
    put(#"{"type":"conversation","id":""#)
    put(id)
    put(#"","title":null,"created_at":"#)
    put(createdAt)
    put(#","updated_at":"#)
    put(closedAt ?? createdAt)
    put(#","waiting_since":null,"open":"#)
    put(closedAt == nil ? #"true,"state":"open""# : #"false,"state":"closed""#)
    put(#","read":true,"priority":""#)
    put(priority)
    put(#"","admin_assignee_id":0,"team_assignee_id":0,"company":"#)
    if let owner, Self.carriesCompany(owner, world) {
      put(#"{"type":"company","id":""#)
      put(owner.intercomInternalID)
      put(#"","company_id":""#)
      put(FakeConversation.companyID(owner, world))
      put(#"","name":""#)
      put(owner.name)
      put(#""}"#)
    } else {
      put("null" as StaticString)
    }
    put(#","tags":{"type":"tag.list","tags":["#)
    if let tag = tag.map({ $0 == "Escalated" ? Self.tags(world)[1] : Self.tags(world)[2] }) {
      put(#"{"type":"tag","id":"17","name":""#)
      put(tag)
      put(#""}"#)
    }
    put(#"]},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":""#)
    put(contact)
    put(#"","external_id":null}]},"source":{"type":"conversation","id":"s"#)
    put(id)
    put(#"","delivered_as":"#)
    put(
      isOdd
        ? "null" as StaticString
        : !isCustomerInitiated
          ? #""admin_initiated""# : world.has(.botOpened) ? #""operator_initiated""# : #""customer_initiated""#)
    put(#","subject":"","body":"<p>"#)
    put(opening)
    put("</p>" as StaticString)
    bytes.append(contentsOf: FakeConversation.body)
    put(#"","author":{"type":"user","id":""#)
    put(contact)
    put(#"","name":"Sample Guest","email":"guest@sandbox.example"}},"statistics":"#)
    if hasStatistics {
      put(#"{"type":"conversation_statistics","time_to_assignment":30,"time_to_admin_reply":"#)
      put(firstReply)
      put(#","time_to_first_close":"#)
      put(life)
      put(#","time_to_last_close":"#)
      put(life)
      put(#","first_contact_reply_at":"#)
      put(isCustomerInitiated ? createdAt + 5 : nil)
      put(#","first_admin_reply_at":"#)
      put(firstReply.map { createdAt + $0 })
      put(#","last_close_at":"#)
      put(closedAt)
      put(#","count_reopens":"#)
      put(Int64(reopens))
      put(#","count_assignments":1,"count_conversation_parts":4}"#)
    } else {
      put("null" as StaticString)
    }
    put(#","conversation_rating":"#)
    if let rating {
      put(#"{"rating":"#)
      put(Int64(rating))
      put(#","remark":null,"created_at":"#)
      put(createdAt + 60)
      put(#"}"#)
    } else {
      put("null" as StaticString)
    }
    put(#","custom_attributes":{},"ai_agent_participated":"#)
    if let fin {
      put(#"true,"ai_agent":{"source_type":"essentials_plan_setup","resolution_state":""#)
      put(fin.state)
      put(#"","last_answer_type":"ai_answer","rating":"#)
      put(fin.rating.map { Int64($0) })
      put(#","rating_remark":null}"#)
    } else {
      put(#"false,"ai_agent":null"#)
    }
    put(#","sla_applied":null}"#)
  }
}
