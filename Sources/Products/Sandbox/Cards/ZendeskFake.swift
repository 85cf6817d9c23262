import Foundation
import HTTPClient
import Time

/// A fake of Zendesk: OAuth client credentials, the search's count and export, the incremental export with metrics.
final class ZendeskFake: Sendable {
  static let clientID = "sandbox-zendesk"
  static let clientSecret = "sandbox-zendesk-secret"
  private static let token = "sandbox-zendesk-token"
  private static let pageSize = 50

  let limits: CardLimits
  private let time: TimeSource

  init(time: TimeSource) {
    self.time = time
    limits = CardLimits(
      [
        .init(name: "minute", requests: 200, length: .seconds(60)),
        .init(name: "exports", requests: 10, length: .seconds(60)),
      ], time: time)
  }

  private static func error(_ status: Int, _ code: String) -> HTTPResponse {
    SandboxJSON.response(["error": code, "description": "sandbox"], status: status)
  }

  func respond(
    _ request: HTTPRequest, _ target: SandboxTarget, _ world: CardWorld, isStrict: Bool
  ) -> HTTPResponse {
    let segments = target.segments
    let isExport = segments.contains("incremental")
    if limits.arrive(isExport ? ["minute", "exports"] : ["minute"]) != nil, isStrict {
      return HTTPResponse(
        status: 429, headers: ["Retry-After": "30", "Content-Type": "text/plain"], body: Array("Too many".utf8))
    }
    if request.method == .post, segments == ["oauth", "tokens"] {
      let body = SandboxJSON.object(request.body)
      guard body["client_id"] as? String == Self.clientID, body["client_secret"] as? String == Self.clientSecret,
        body["grant_type"] as? String == "client_credentials"
      else { return Self.error(401, "invalid_client") }
      return SandboxJSON.response([
        "access_token": Self.token, "token_type": "bearer", "scope": "read", "expires_in": 1800,
      ])
    }
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else { return Self.error(401, "invalid_token") }
    let tickets = world.tickets.filter { $0.createdAt <= time.now }
    // Zendesk takes every path with the ending .json too.
    switch segments.dropFirst(2).joined(separator: "/").replacing(".json", with: "") {
    case "search/count":
      guard target.query["query"] == "type:ticket status<solved" else { return Self.error(400, "invalid") }
      return SandboxJSON.response(["count": tickets.count { !["solved", "closed"].contains($0.status) }])
    case "search/export": return export(target, tickets)
    case "tickets/show_many":
      let ids = Set((target.query["ids"] ?? "").split(separator: ",").map(String.init))
      guard (1...100).contains(ids.count), target.query["include"] == "metric_sets" else {
        return Self.error(400, "invalid")
      }
      let found = tickets.filter { ids.contains("\($0.id)") }
      return SandboxJSON.response([
        "tickets": found.map { Self.ticket($0, withMetrics: false) }, "metric_sets": found.map(Self.metrics),
      ])
    case "incremental/tickets/cursor": return changes(target, tickets)
    default: return Self.error(404, "RecordNotFound")
    }
  }

  private func export(_ target: SandboxTarget, _ tickets: [CardWorld.Ticket]) -> HTTPResponse {
    let query = target.query["query"] ?? ""
    guard target.query["filter[type]"] == "ticket", query.hasPrefix("type:ticket status<solved updated<="),
      let day = Timestamp(iso8601: String(query.suffix(10)))?.date
    else { return Self.error(422, "invalid") }
    let found = tickets.filter { !["solved", "closed"].contains($0.status) && $0.updatedAt.date <= day }
    let start = target.query["page[after]"].flatMap { Int($0) } ?? 0
    return SandboxJSON.response([
      "results": found.dropFirst(start).prefix(100).map {
        ["id": $0.id, "subject": "a sample subject"] as [String: Any]
      },
      "meta": ["has_more": start + 100 < found.count, "after_cursor": "\(start + 100)"],
    ])
  }

  private func changes(_ target: SandboxTarget, _ tickets: [CardWorld.Ticket]) -> HTTPResponse {
    let start: (since: Int64, offset: Int)
    if let cursor = target.query["cursor"] {
      let parts = cursor.split(separator: "-").compactMap { Int($0) }
      guard parts.count == 2 else { return Self.error(400, "InvalidCursor") }
      start = (Int64(parts[0]), parts[1])
    } else {
      guard let since = target.query["start_time"].flatMap({ Int64($0) }), since <= time.now.seconds - 60 else {
        return Self.error(422, "StartTimeTooRecent")
      }
      start = (since, 0)
    }
    let found = tickets.filter { $0.updatedAt.seconds >= start.since }.sorted {
      ($0.updatedAt, $0.id) < ($1.updatedAt, $1.id)
    }
    let end = start.offset + Self.pageSize
    return SandboxJSON.response([
      "tickets": found.dropFirst(start.offset).prefix(Self.pageSize).map { Self.ticket($0, withMetrics: true) },
      "after_cursor": "\(start.since)-\(min(end, found.count))", "end_of_stream": end >= found.count,
    ])
  }

  private static func ticket(_ ticket: CardWorld.Ticket, withMetrics: Bool) -> [String: Any] {
    var row: [String: Any] = [
      "id": ticket.id, "status": ticket.status, "created_at": "\(ticket.createdAt)",
      "updated_at": "\(ticket.updatedAt)",
      "generated_timestamp": ticket.updatedAt.seconds, "subject": "a sample subject",
      "description": "a sample ticket text", "requester_id": 1,
    ]
    if withMetrics { row["metric_set"] = metrics(ticket) }
    return row
  }

  private static func metrics(_ ticket: CardWorld.Ticket) -> [String: Any] {
    let calendar: Any = ticket.replyMinutes ?? NSNull()
    let business: Any = ticket.replyMinutes.map { $0 / 3 } ?? NSNull()
    return ["ticket_id": ticket.id, "reply_time_in_minutes": ["calendar": calendar, "business": business]]
  }
}
