import Foundation
import HTTPClient
import HealthModel

/// Intercom 2.16 as documented: conversation search, companies and their contacts.
final class IntercomFake: Sendable {
  static let token = "sandbox-intercom-token"
  private static let pageSize = 150
  /// 10,000 a minute in windows of 10 s.
  private static let requestsPerWindow = 1666

  private let world: SandboxWorld
  private let time: TimeSource
  private let cache = Lock<[Period: [FakeConversation]]>([:])
  private let searches = Lock<[String: [FakeConversation]]>([:])
  private let window = Lock((start: Int64(0), count: 0))

  init(world: SandboxWorld, time: TimeSource) {
    self.world = world
    self.time = time
  }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
      return error(401, "unauthorized", "Access Token Invalid")
    }
    let now = Int64(time.wall().inSeconds)
    let used = window.withLock { window in
      if now / 10 != window.start { window = (now / 10, 0) }
      window.count += 1
      return window.count
    }
    let limits: HTTPFields = [
      "X-RateLimit-Limit": "\(Self.requestsPerWindow)",
      "X-RateLimit-Remaining": "\(max(0, Self.requestsPerWindow - used))",
      "X-RateLimit-Reset": "\((now / 10 + 1) * 10)",
    ]
    guard used <= Self.requestsPerWindow else {
      return error(429, "rate_limit_exceeded", "Exceeded rate limit", headers: limits)
    }
    var response = route(request, target)
    for field in limits.fields { response.headers.append(field.name, field.value) }
    return response
  }

  private func route(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    switch (request.method, target.segments) {
    case (.post, ["conversations", "search"]): return search(SandboxJSON.object(request.body))
    case (.get, ["companies"]):
      guard let id = target.query["company_id"],
        let account = world.accounts.first(where: { $0.intercomCompanyID == id })
      else { return error(404, "company_not_found", "Company Not Found") }
      return SandboxJSON.response(company(account))
    case (.post, ["companies", "list"]):
      let size = Int(target.query["per_page"] ?? "") ?? 15
      return list(world.accounts.map(company), target, size: min(size, 150))
    case (.get, _) where target.segments.first == "companies" && target.segments.count >= 2:
      guard let account = world.accounts.first(where: { $0.intercomInternalID == target.segments[1] }) else {
        return error(404, "company_not_found", "Company Not Found")
      }
      if target.segments.last == "contacts" { return list([contact(account)], target, size: 50) }
      return SandboxJSON.response(company(account))
    default: return error(404, "not_found", "Resource Not Found")
    }
  }

  private func list(_ items: [[String: Any]], _ target: SandboxTarget, size: Int) -> HTTPResponse {
    let page = max(1, Int(target.query["page"] ?? "") ?? 1)
    let pages = max(1, (items.count + size - 1) / size)
    return SandboxJSON.response([
      "type": "list", "data": Array(items.dropFirst((page - 1) * size).prefix(size)), "total_count": items.count,
      "pages": ["type": "pages", "page": page, "per_page": size, "total_pages": pages],
    ])
  }

  private func company(_ account: SandboxAccount) -> [String: Any] {
    [
      "type": "company", "id": account.intercomInternalID, "company_id": account.intercomCompanyID,
      "name": account.name, "custom_attributes": [String: Any](), "user_count": 3,
    ]
  }

  private func contact(_ account: SandboxAccount) -> [String: Any] {
    [
      "type": "contact", "id": FakeConversation.contactID(account), "role": "user",
      "companies": [
        "type": "list", "data": [["type": "company", "id": account.intercomInternalID]], "total_count": 1,
      ],
    ]
  }

  private func error(_ status: Int, _ code: String, _ message: String, headers: HTTPFields = [:]) -> HTTPResponse {
    SandboxJSON.response(
      ["type": "error.list", "request_id": NSNull(), "errors": [["code": code, "message": message]]], status: status,
      headers: headers)
  }

  // MARK: Search

  private func search(_ body: [String: Any]) -> HTTPResponse {
    let pagination = body["pagination"] as? [String: Any] ?? [:]
    let size = pagination["per_page"] as? Int ?? 20
    guard (1...Self.pageSize).contains(size) else { return error(400, "parameter_invalid", "per_page is out of range") }
    guard let query = body["query"] as? [String: Any] else {
      return error(400, "parameter_not_found", "query is required")
    }
    if let problem = problem(query, depth: 0) { return error(400, "bad_request", problem) }
    let key =
      (try? JSONSerialization.data(withJSONObject: query, options: .sortedKeys)).map {
        String(decoding: $0, as: UTF8.self)
      } ?? ""
    let found = searches.withLock { $0[key] } ?? find(query, key: key)
    let offset = (pagination["starting_after"] as? String).flatMap { Int($0.dropFirst(1)) } ?? 0
    let page = found.dropFirst(offset).prefix(size)
    let end = offset + page.count
    let pages = (found.count + size - 1) / size
    let next = end < found.count ? #","next":{"page":\#(offset / size + 2),"starting_after":"c\#(end)"}"# : ""
    let head =
      #"{"type":"conversation.list","total_count":\#(found.count),"pages":{"type":"pages","page":\#(offset / size + 1),"per_page":\#(size),"total_pages":\#(pages)\#(next)},"conversations":["#
    var bytes = Array(head.utf8)
    bytes.reserveCapacity(page.count * 2400)
    for conversation in page {
      if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
      bytes += conversation.json(world.accounts[conversation.account]).utf8
    }
    bytes += Array("]}".utf8)
    return SandboxJSON.response(bytes: bytes)
  }

  private func problem(_ query: [String: Any], depth: Int) -> String? {
    guard let group = query["value"] as? [[String: Any]], ["AND", "OR"].contains(query["operator"] as? String ?? "")
    else {
      return query["field"] is String ? nil : "a filter needs a field"
    }
    if depth >= 2 { return "queries can be nested two levels deep" }
    if group.count > 15 { return "a group can have 15 filters" }
    return group.compactMap { problem($0, depth: depth + 1) }.first
  }

  private func find(_ query: [String: Any], key: String) -> [FakeConversation] {
    let filter = Filter(query)
    let times = filter.times
    let first = Period(containing: Timestamp(seconds: times.min() ?? 0) ?? world.period.start).advanced(by: -1)
    let last = Period(containing: Timestamp(seconds: times.max() ?? 0) ?? world.period.start)
    var found: [FakeConversation] = []
    var month = first
    while month <= last {
      found += conversations(in: month).filter { filter.matches($0, of: world.accounts[$0.account]) }
      month = month.advanced(by: 1)
    }
    searches.withLock { $0[key] = found }
    return found
  }

  private func conversations(in month: Period) -> [FakeConversation] {
    if let known = cache.withLock({ $0[month] }) { return known }
    let made = world.accounts.flatMap { FakeConversation.all(of: $0, in: month, world: world) }
      .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    cache.withLock { $0[month] = made }
    return made
  }
}

/// A search's query, read once for many conversations.
private indirect enum Filter {
  enum Field { case createdAt, lastCloseAt }

  case all([Filter])
  case any([Filter])
  case greater(Field, Int64)
  case less(Field, Int64)
  case contacts(Set<String>)
  case nothing

  init(_ query: [String: Any]) {
    let sign = query["operator"] as? String
    let value = query["value"]
    if let group = value as? [[String: Any]] {
      let parts = group.map(Filter.init)
      self = sign == "AND" ? .all(parts) : .any(parts)
      return
    }
    let fields: [String: Field] = ["created_at": .createdAt, "statistics.last_close_at": .lastCloseAt]
    switch (query["field"] as? String ?? "", sign) {
    case ("contact_ids", _): self = .contacts(Set(value as? [String] ?? [value as? String ?? ""]))
    case (let name, ">"):
      guard let field = fields[name], let bound = value as? Int else { self = .nothing; return }
      self = .greater(field, Int64(bound))
    case (let name, "<"):
      guard let field = fields[name], let bound = value as? Int else { self = .nothing; return }
      self = .less(field, Int64(bound))
    default: self = .nothing
    }
  }

  var times: [Int64] {
    switch self {
    case .all(let parts), .any(let parts): parts.flatMap(\.times)
    case .greater(_, let time), .less(_, let time): [time]
    default: []
    }
  }

  func matches(_ conversation: FakeConversation, of account: SandboxAccount) -> Bool {
    switch self {
    case .all(let parts): parts.allSatisfy { $0.matches(conversation, of: account) }
    case .any(let parts): parts.contains { $0.matches(conversation, of: account) }
    case .greater(.createdAt, let bound): conversation.createdAt > bound
    case .less(.createdAt, let bound): conversation.createdAt < bound
    case .greater(.lastCloseAt, let bound): conversation.closedAt.map { $0 > bound } ?? false
    case .less(.lastCloseAt, let bound): conversation.closedAt.map { $0 < bound } ?? false
    case .contacts(let ids): ids.contains(FakeConversation.contactID(account))
    case .nothing: false
    }
  }
}

/// A conversation of the sandbox.
struct FakeConversation: Sendable {
  let id: String
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

  static func contactID(_ account: SandboxAccount) -> String { "66b1" + hex(UInt64(account.index + 1), digits: 20) }

  /// The same conversations every month, at the same share of it.
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
        isCustomerInitiated: random.isTrue(0.92), hasStatistics: random.isTrue(0.99))
    }
  }

  /// About 1.5 KB, as real ones are.
  private static let body = String(
    repeating: "<p>Sample text of an invented guest about an invented stay.</p>", count: 22)

  func json(_ account: SandboxAccount) -> String {
    func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "null" }
    let tags = tag.map { #"{"type":"tag","id":"17","name":"\#($0)"}"# } ?? ""
    let statistics =
      hasStatistics
      ? #"{"type":"conversation_statistics","time_to_assignment":30,"time_to_admin_reply":\#(number(firstReply)),"time_to_first_close":\#(number(closedAt.map { $0 - createdAt })),"time_to_last_close":\#(number(closedAt.map { $0 - createdAt })),"first_admin_reply_at":\#(number(firstReply.map { createdAt + $0 })),"last_close_at":\#(number(closedAt)),"count_reopens":\#(reopens),"count_assignments":1,"count_conversation_parts":4}"#
      : "null"
    let ratingJSON = rating.map { #"{"rating":\#($0),"remark":null,"created_at":\#(createdAt + 60)}"# } ?? "null"
    return
      #"{"type":"conversation","id":"\#(id)","title":null,"created_at":\#(createdAt),"updated_at":\#(closedAt ?? createdAt),"waiting_since":null,"open":\#(closedAt == nil),"state":"\#(closedAt == nil ? "open" : "closed")","read":true,"priority":"\#(priority)","admin_assignee_id":0,"team_assignee_id":0,"company":{"type":"company","id":"\#(account.intercomInternalID)","company_id":"\#(account.intercomCompanyID)","name":"\#(account.name)"},"tags":{"type":"tag.list","tags":[\#(tags)]},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"\#(FakeConversation.contactID(account))","external_id":null}]},"source":{"type":"conversation","id":"s\#(id)","delivered_as":"\#(isCustomerInitiated ? "customer_initiated" : "admin_initiated")","subject":"","body":"\#(FakeConversation.body)","author":{"type":"user","id":"\#(FakeConversation.contactID(account))","name":"Sample Guest","email":"guest@sandbox.example"}},"statistics":\#(statistics),"conversation_rating":\#(ratingJSON),"custom_attributes":{},"ai_agent_participated":false,"ai_agent":null,"sla_applied":null}"#
  }
}
