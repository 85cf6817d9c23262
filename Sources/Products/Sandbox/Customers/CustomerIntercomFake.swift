import Concurrency
import Foundation
import HTTPClient
import Time

/// The part of Intercom's API that deals with single contacts and conversations, over a world that changes.
final class CustomerIntercomFake: Sendable {
  private static let pageSize = 150
  /// How long a new contact can't be searched for.
  private static let indexing: Int64 = 300

  private let world: CustomerWorld
  private let time: TimeSource
  /// Ids in the order of a list or search, for the version of the world that they were found in.
  private let found = Lock((version: -1, ids: [String: [String]]()))

  private let ordered = Lock((version: -1, lists: [String: [Dated]]()))

  init(world: CustomerWorld, time: TimeSource) {
    self.world = world
    self.time = time
  }

  /// Nil where the request is none of these.
  func respond(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse? {
    let segments = target.segments
    switch (request.method, segments.first, segments.count) {
    case (.get, "contacts", 1): return list(target)
    case (.post, "contacts", 2) where segments[1] == "search": return searchContacts(request)
    case (.get, "contacts", 2):
      guard let contact = world.state.withLock({ $0.contacts[segments[1]] }) else {
        return Self.error(404, "not_found")
      }
      return SandboxJSON.response(bytes: Array(contact.json.utf8))
    case (.get, "conversations", 2):
      guard let thread = world.state.withLock({ $0.threads[segments[1]] }) else { return Self.error(404, "not_found") }
      return SandboxJSON.response(thread.wholeObject)
    case (.post, "conversations", 2) where segments[1] == "search": return searchConversations(request)
    default: return nil
    }
  }

  /// The ids that a request's pages are cut from. Found once for each version of the world.
  private func ids(_ key: String, _ find: (CustomerWorld.State) -> [String]) -> [String] {
    let version = world.version
    if let known = found.withLock({ $0.version == version ? $0.ids[key] : nil }) { return known }
    let ids = world.state.withLock { find($0) }
    found.withLock { found in
      if found.version != version { found = (version, [:]) }
      found.ids[key] = ids
    }
    return ids
  }

  private struct Dated: Sendable {
    let time: Int64
    let id: String
  }

  private func times(_ field: String, _ state: CustomerWorld.State) -> [Dated] {
    if let known = ordered.withLock({ $0.version == state.version ? $0.lists[field] : nil }) { return known }
    let list = state.threads.values.map {
      Dated(time: field == "created_at" ? $0.createdAt : $0.updatedAt, id: $0.id)
    }.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    ordered.withLock { ordered in
      if ordered.version != state.version { ordered = (state.version, [:]) }
      ordered.lists[field] = list
    }
    return list
  }

  private func contacts(_ ids: some Sequence<String>) -> [FakeContact] {
    world.state.withLock { state in ids.compactMap { state.contacts[$0] } }
  }

  // MARK: Contacts

  private func list(_ target: SandboxTarget) -> HTTPResponse {
    let size = Int(target.query["per_page"] ?? "50") ?? 0
    guard (1...Self.pageSize).contains(size) else { return Self.error(400, "parameter_invalid") }
    let all = ids("contacts") { $0.contacts.keys.sorted() }
    let rest = target.query["starting_after"].map { cursor in all.drop { "c" + $0 <= cursor } } ?? all[...]
    let page = contacts(rest.prefix(size))
    return contactPage(
      page, total: all.count, size: size, next: page.count < rest.count ? "c" + (page.last?.id ?? "") : nil)
  }

  private func searchContacts(_ request: HTTPRequest) -> HTTPResponse {
    let body = SandboxJSON.object(request.body)
    guard let search = Search(body) else { return Self.error(400, "parameter_invalid") }
    let version = request.headers["Intercom-Version"].flatMap { Double($0) } ?? 2.0
    let now = Int64(time.wall().inSeconds)
    let found = ids("contacts \(version) \(now / 60) \(search.key)") { state in
      state.contacts.values.filter { contact in
        contact.createdAt <= now - Self.indexing
          && search.filters.allSatisfy { filter in
            // Up to 2.16 a time is cut to its day, and "greater" begins with the next one.
            let day = filter.value / 86_400 * 86_400
            let value = version > 2.16 ? filter.value : filter.sign == ">" ? day + 86_399 : day
            return filter.field == "updated_at"
              && (filter.sign == ">" ? contact.updatedAt > value : contact.updatedAt < value)
          }
      }.sorted { ($0.updatedAt, $0.id) < ($1.updatedAt, $1.id) }.map(\.id)
    }
    let page = contacts(found.dropFirst(search.offset).prefix(search.size))
    let end = search.offset + page.count
    return contactPage(page, total: found.count, size: search.size, next: end < found.count ? "\(end)" : nil)
  }

  private func contactPage(_ contacts: [FakeContact], total: Int, size: Int, next: String?) -> HTTPResponse {
    let cursor = next.map { #","next":{"page":2,"starting_after":"\#($0)"}"# } ?? ""
    let pages = #"{"type":"pages","page":1,"per_page":\#(size),"total_pages":\#((total + size - 1) / size)\#(cursor)}"#
    let data = contacts.map(\.json).joined(separator: ",")
    return SandboxJSON.response(
      bytes: Array(#"{"type":"list","data":[\#(data)],"total_count":\#(total),"pages":\#(pages)}"#.utf8))
  }

  // MARK: Conversations

  private func searchConversations(_ request: HTTPRequest) -> HTTPResponse? {
    let body = SandboxJSON.object(request.body)
    if let query = body["query"] as? [String: Any], query["field"] as? String == "contact_ids",
      query["operator"] as? String == "IN", let wanted = query["value"] as? [String]
    {
      guard wanted.count <= 15 else { return Self.error(400, "parameter_invalid") }
      let found = world.state.withLock { state in
        state.threads.values.filter { !Set($0.contactIDs).isDisjoint(with: wanted) }.sorted { $0.id < $1.id }
      }
      let pagination = body["pagination"] as? [String: Any] ?? [:]
      let size = pagination["per_page"] as? Int ?? 20
      return conversationPage(
        found, from: (pagination["starting_after"] as? String).flatMap { Int($0) } ?? 0, size: size)
    }
    guard let search = Search(body), Set(search.filters.map(\.field)).count == 1,
      ["created_at", "updated_at"].contains(search.filters[0].field)
    else {
      return nil
    }
    let found = ids("conversations \(search.key)") { state in
      // One list for each field, in the order of its times: most searches ask for a narrow range.
      let field = search.filters[0].field
      let ordered = times(field, state)
      let low = search.filters.filter { $0.sign == ">" && $0.field == field }.map(\.value).max() ?? .min
      let high = search.filters.filter { $0.sign == "<" && $0.field == field }.map(\.value).min() ?? .max
      let start = ordered.partition { $0.time > low }
      let end = ordered.partition { $0.time >= high }
      return start < end ? ordered[start..<end].reversed().map(\.id) : []
    }
    let page = world.state.withLock { state in
      found.dropFirst(search.offset).prefix(search.size).compactMap { state.threads[$0] }
    }
    return conversationPage(page, at: search.offset, of: found.count, size: search.size)
  }

  private func conversationPage(_ found: [FakeThread], from offset: Int, size: Int) -> HTTPResponse {
    conversationPage(Array(found.dropFirst(offset).prefix(size)), at: offset, of: found.count, size: size)
  }

  private func conversationPage(_ page: [FakeThread], at offset: Int, of total: Int, size: Int) -> HTTPResponse {
    let end = offset + page.count
    var pages: [String: Any] = ["type": "pages", "page": 1, "per_page": size]
    if end < total { pages["next"] = ["page": 2, "starting_after": "\(end)"] as [String: Any] }
    return SandboxJSON.response([
      "type": "conversation.list", "total_count": total, "pages": pages, "conversations": page.map(\.object),
    ])
  }

  /// Comparisons that all hold, as both searches are asked here.
  private struct Search {
    var filters: [(field: String, sign: String, value: Int64)] = []
    var size: Int
    var offset: Int

    var key: String { filters.map { "\($0.field)\($0.sign)\($0.value)" }.joined(separator: "&") }

    init?(_ body: [String: Any]) {
      let pagination = body["pagination"] as? [String: Any] ?? [:]
      size = pagination["per_page"] as? Int ?? 20
      offset = (pagination["starting_after"] as? String).flatMap { Int($0) } ?? 0
      guard (1...150).contains(size), let query = body["query"] as? [String: Any] else { return nil }
      let group = query["operator"] as? String == "AND" ? query["value"] as? [[String: Any]] : [query]
      for filter in group ?? [] {
        guard let field = filter["field"] as? String, let sign = filter["operator"] as? String,
          ["<", ">"].contains(sign),
          let value = filter["value"] as? Int
        else { return nil }
        filters.append((field, sign, Int64(value)))
      }
      if filters.isEmpty { return nil }
    }
  }

  private static func error(_ status: Int, _ code: String) -> HTTPResponse {
    SandboxJSON.response(
      ["type": "error.list", "request_id": NSNull(), "errors": [["code": code, "message": "refused by the sandbox"]]],
      status: status)
  }
}
