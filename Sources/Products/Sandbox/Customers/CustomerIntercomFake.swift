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
      return SandboxJSON.response(contact.object)
    case (.get, "conversations", 2):
      guard let thread = world.state.withLock({ $0.threads[segments[1]] }) else { return Self.error(404, "not_found") }
      return SandboxJSON.response(thread.wholeObject)
    case (.post, "conversations", 2) where segments[1] == "search": return searchConversations(request)
    default: return nil
    }
  }

  // MARK: Contacts

  private func list(_ target: SandboxTarget) -> HTTPResponse {
    let size = Int(target.query["per_page"] ?? "50") ?? 0
    guard (1...Self.pageSize).contains(size) else { return Self.error(400, "parameter_invalid") }
    let all = world.state.withLock { $0.contacts.values.sorted { $0.id < $1.id } }
    let rest = target.query["starting_after"].map { cursor in all.filter { "c" + $0.id > cursor } } ?? all
    let page = Array(rest.prefix(size))
    return contactPage(
      page, total: all.count, size: size, next: page.count < rest.count ? "c" + (page.last?.id ?? "") : nil)
  }

  private func searchContacts(_ request: HTTPRequest) -> HTTPResponse {
    let body = SandboxJSON.object(request.body)
    guard let search = Search(body) else { return Self.error(400, "parameter_invalid") }
    let version = request.headers["Intercom-Version"].flatMap { Double($0) } ?? 2.0
    let now = Int64(time.wall().inSeconds)
    let found = world.state.withLock { $0.contacts.values }.filter { contact in
      contact.createdAt <= now - Self.indexing
        && search.filters.allSatisfy { filter in
          // Up to 2.16 a time is cut to its day, and "greater" begins with the next one.
          let day = filter.value / 86_400 * 86_400
          let value = version > 2.16 ? filter.value : filter.sign == ">" ? day + 86_399 : day
          return filter.field == "updated_at"
            && (filter.sign == ">" ? contact.updatedAt > value : contact.updatedAt < value)
        }
    }.sorted { ($0.updatedAt, $0.id) < ($1.updatedAt, $1.id) }
    let page = Array(found.dropFirst(search.offset).prefix(search.size))
    let end = search.offset + page.count
    return contactPage(page, total: found.count, size: search.size, next: end < found.count ? "\(end)" : nil)
  }

  private func contactPage(_ contacts: [FakeContact], total: Int, size: Int, next: String?) -> HTTPResponse {
    var pages: [String: Any] = ["type": "pages", "page": 1, "per_page": size, "total_pages": (total + size - 1) / size]
    if let next { pages["next"] = ["page": 2, "starting_after": next] as [String: Any] }
    return SandboxJSON.response([
      "type": "list", "data": contacts.map(\.object), "total_count": total, "pages": pages,
    ])
  }

  // MARK: Conversations

  private func searchConversations(_ request: HTTPRequest) -> HTTPResponse? {
    let body = SandboxJSON.object(request.body)
    guard let search = Search(body), search.filters.allSatisfy({ ["created_at", "updated_at"].contains($0.field) })
    else {
      return nil
    }
    let found = world.state.withLock { $0.threads.values }.filter { thread in
      search.filters.allSatisfy { filter in
        let value = filter.field == "created_at" ? thread.createdAt : thread.updatedAt
        return filter.sign == ">" ? value > filter.value : value < filter.value
      }
    }.sorted { ($0.updatedAt, $0.id) > ($1.updatedAt, $1.id) }
    let page = Array(found.dropFirst(search.offset).prefix(search.size))
    let end = search.offset + page.count
    var pages: [String: Any] = ["type": "pages", "page": 1, "per_page": search.size]
    if end < found.count { pages["next"] = ["page": 2, "starting_after": "\(end)"] as [String: Any] }
    return SandboxJSON.response([
      "type": "conversation.list", "total_count": found.count, "pages": pages, "conversations": page.map(\.object),
    ])
  }

  /// Comparisons that all hold, as both searches are asked here.
  private struct Search {
    var filters: [(field: String, sign: String, value: Int64)] = []
    var size: Int
    var offset: Int

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
