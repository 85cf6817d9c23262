import Concurrency
import Foundation
import HTTPClient
import Time

/// A fake of Intercom's API 2.16 as documented: conversation search, companies and their contacts.
final class IntercomFake: Sendable {
  static let token = "sandbox-intercom-token"
  private static let pageSize = 150
  /// Intercom's limit of 10,000 requests a minute, in windows of 10 s.
  private static let requestsPerWindow = 1666

  private let world: SandboxWorld
  private let customers: CustomerIntercomFake
  private let time: TimeSource
  private let cache = Lock<[Period: MonthOfConversations]>([:])
  private let searches = Lock<[String: [FakeConversation]]>([:])
  private let window = Lock((start: Int64(0), count: 0))

  init(world: SandboxWorld, customers: CustomerWorld, time: TimeSource) {
    self.world = world
    self.customers = CustomerIntercomFake(world: customers, time: time)
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
    var response = customers.respond(request, target) ?? route(request, target)
    for field in limits.fields { response.headers.append(field.name, field.value) }
    return response
  }

  private func route(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    switch (request.method, target.segments) {
    case (.post, ["conversations", "search"]): return search(SandboxJSON.object(request.body))
    case (.get, ["tags"]):
      return SandboxJSON.response([
        "type": "list",
        "data": FakeConversation.tags(world).enumerated().map { ["type": "tag", "id": "\($0)", "name": $1] },
      ])
    case (.get, ["contacts", target.segments.dropFirst().first ?? "", "companies"]):
      guard let account = FakeConversation.owner(ofContact: target.segments[1], world) else {
        return error(404, "not_found", "User Not Found")
      }
      return list([company(account)], target, size: 50)
    case (.get, ["companies"]):
      // Intercom's look-up ignores case.
      if let known = unmapped.first(where: { $0["company_id"] as? String == target.query["company_id"] }) {
        return SandboxJSON.response(known)
      }
      guard let id = target.query["company_id"],
        let account = world.accounts.first(where: { $0.intercomCompanyID.lowercased() == id.lowercased() })
      else { return error(404, "company_not_found", "Company Not Found") }
      return SandboxJSON.response(company(account))
    case (.post, ["companies", "list"]):
      let size = Int(target.query["per_page"] ?? "") ?? 15
      return list(world.accounts.map(company) + unmapped, target, size: min(size, 150))
    case (.get, _) where target.segments.first == "companies" && target.segments.count >= 2:
      if let known = unmapped.first(where: { $0["id"] as? String == target.segments[1] }) {
        return target.segments.last == "contacts" ? list([], target, size: 50) : SandboxJSON.response(known)
      }
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
      "type": "company", "id": account.intercomInternalID,
      "company_id": FakeConversation.companyID(account, world),
      "name": account.name, "custom_attributes": [String: Any](), "user_count": 3,
    ]
  }

  /// Companies that no account of the mapping is linked to.
  private var unmapped: [[String: Any]] {
    let known = world.unmapped.organisations.compactMap { organisation in
      organisation.company.map { ($0, organisation.pushedID) }
    }
    return (known + world.unmapped.strangers.map { ($0, "") }).enumerated().map { index, entry in
      let (company, pushedID) = entry
      var attributes: [String: Any] = ["plan": index % 3 == 0 ? "trial" : "full"]
      if !pushedID.isEmpty { attributes["crm_account"] = pushedID }
      return [
        "type": "company", "id": "65b0" + hex(UInt64(index + 1), digits: 20), "company_id": company.id,
        "name": company.name, "website": company.website, "custom_attributes": attributes, "user_count": 1,
      ]
    }
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
      conversation.append(to: &bytes, world)
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
    var found: [FakeConversation] = []
    var seen: Set<String> = []
    for bounds in ConversationBounds.alternatives(of: query) {
      // Conversations close within a month of their creation.
      let times = bounds.created.overlap(bounds.closed.reaching(back: 31 * 86_400))
      guard let first = Timestamp(seconds: times.low), let last = Timestamp(seconds: times.high), first <= last else {
        continue
      }
      var month = max(Period(containing: first), world.period.advanced(by: -36))
      while month.start <= last, month <= world.period.advanced(by: 36) {
        found += conversations(in: month).matching(bounds, world).filter { seen.insert($0.id).inserted }
        month = month.advanced(by: 1)
      }
    }
    found.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    searches.withLock { [found] in $0[key] = found }
    return found
  }

  private func conversations(in month: Period) -> MonthOfConversations {
    // The lock is held meanwhile, so that parallel requests don't make a large month twice.
    cache.withLock { cache in
      if let known = cache[month] { return known }
      let made = MonthOfConversations(
        world.accounts.flatMap { FakeConversation.all(of: $0, in: month, world: world) }
          + FakeConversation.visitors(in: month, world: world))
      cache[month] = made
      return made
    }
  }

  /// Makes the months that a run over the world's period needs, so that the first search does not wait for them.
  func prepare() { for offset in -1...0 { _ = conversations(in: world.period.advanced(by: offset)) } }
}

/// A month's conversations, in the order of their creation and in the order of their close.
private struct MonthOfConversations: Sendable {
  private let byCreation: [FakeConversation]
  /// Positions in `byCreation` of the closed ones, in the order of their close.
  private let byClose: [Int32]

  init(_ conversations: [FakeConversation]) {
    let ordered = conversations.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    byCreation = ordered
    byClose = ordered.indices.filter { ordered[$0].closedAt != nil }.map { Int32($0) }
      .sorted { (ordered[Int($0)].closedAt ?? 0) < (ordered[Int($1)].closedAt ?? 0) }
  }

  func matching(_ bounds: ConversationBounds, _ world: SandboxWorld) -> [FakeConversation] {
    let candidates: [FakeConversation]
    if bounds.closed == .always {
      let start = byCreation.partition { $0.createdAt >= bounds.created.low }
      candidates = Array(byCreation[start..<byCreation.partition { $0.createdAt > bounds.created.high }])
    } else {
      let closedAt = { (position: Int32) in byCreation[Int(position)].closedAt ?? 0 }
      let start = byClose.partition { closedAt($0) >= bounds.closed.low }
      candidates = byClose[start..<byClose.partition { closedAt($0) > bounds.closed.high }]
        .map { byCreation[Int($0)] }.filter { bounds.created.contains($0.createdAt) }
    }
    guard let contacts = bounds.contacts else { return candidates }
    return candidates.filter { contacts.contains($0.contactID(world)) }
  }
}

extension Array {
  /// The first position whose element fulfils the condition. All elements after it must fulfil it too.
  func partition(_ isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// One alternative of a search. Both ends of an interval count.
private struct ConversationBounds {
  struct Interval: Equatable {
    // In seconds since 1970: until the year 2096, which covers every month of the sandbox.
    static let always = Interval(low: 0, high: 4_000_000_000)
    static let never = Interval(low: 1, high: 0)
    var low: Int64
    var high: Int64

    func contains(_ time: Int64) -> Bool { low <= time && time <= high }
    func overlap(_ other: Interval) -> Interval { Interval(low: max(low, other.low), high: min(high, other.high)) }
    func reaching(back seconds: Int64) -> Interval { Interval(low: max(0, low - seconds), high: high) }
  }

  var created = Interval.always
  var closed = Interval.always
  var contacts: Set<String>?

  /// The query as an OR of ANDs. An unknown comparison matches nothing.
  static func alternatives(of query: [String: Any]) -> [ConversationBounds] {
    let sign = query["operator"] as? String
    let value = query["value"]
    if let group = value as? [[String: Any]] {
      let parts = group.map { alternatives(of: $0) }
      guard sign == "AND" else { return parts.flatMap(\.self) }
      return parts.reduce([ConversationBounds()]) { wholes, part in
        wholes.flatMap { whole in part.map { whole.and($0) } }
      }
    }
    var bounds = ConversationBounds()
    let bound = (value as? Int).map { Int64($0) }
    let interval =
      switch (sign, bound) {
      case (">", let bound?): Interval(low: bound + 1, high: Interval.always.high)
      case ("<", let bound?): Interval(low: 0, high: bound - 1)
      default: Interval.never
      }
    switch query["field"] as? String {
    case "created_at": bounds.created = interval
    case "statistics.last_close_at": bounds.closed = interval
    case "contact_ids": bounds.contacts = Set(value as? [String] ?? [value as? String ?? ""])
    default: bounds.created = .never
    }
    return [bounds]
  }

  private func and(_ other: ConversationBounds) -> ConversationBounds {
    var both = ConversationBounds(
      created: created.overlap(other.created), closed: closed.overlap(other.closed), contacts: contacts)
    if let more = other.contacts { both.contacts = contacts.map { $0.intersection(more) } ?? more }
    return both
  }
}
