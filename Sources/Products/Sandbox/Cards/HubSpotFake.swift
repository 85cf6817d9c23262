import Foundation
import HTTPClient
import Time

/// A fake of HubSpot's CRM: searches with their limits, associations in batches.
final class HubSpotFake: Sendable {
  static let token = "sandbox-hubspot-token"
  private static let types: Set<String> = ["contacts", "meetings", "calls", "emails", "notes", "tasks"]

  let limits: CardLimits

  init(time: TimeSource) {
    limits = CardLimits(
      [
        .init(name: "ten_seconds", requests: 100, length: .seconds(10)),
        .init(name: "searches", requests: 5, length: .seconds(1)),
      ], time: time)
  }

  private static func error(_ status: Int, _ category: String, _ more: [String: Any] = [:]) -> HTTPResponse {
    SandboxJSON.response(
      ["status": "error", "message": "sandbox", "category": category, "correlationId": "c-1"].merging(more) { $1 },
      status: status)
  }

  func respond(
    _ request: HTTPRequest, _ target: SandboxTarget, _ world: CardWorld, isStrict: Bool
  ) -> HTTPResponse {
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
      return Self.error(401, "INVALID_AUTHENTICATION")
    }
    let segments = target.segments
    let isSearch = segments.last == "search"
    if let full = limits.arrive(isSearch ? ["ten_seconds", "searches"] : ["ten_seconds"]), isStrict {
      return Self.error(
        429, "RATE_LIMITS",
        ["errorType": "RATE_LIMIT", "policyName": full.name == "searches" ? "SECONDLY" : "TEN_SECONDLY_ROLLING"])
    }
    if segments == ["crm", "associations", "2026-09", "meetings", "contacts", "batch", "read"], request.method == .post
    {
      return associations(SandboxJSON.object(request.body), world)
    }
    guard segments.count >= 4, segments[0] == "crm", segments[1] == "objects", segments[2] == "2026-09",
      Self.types.contains(segments[3])
    else { return Self.error(404, "OBJECT_NOT_FOUND") }
    let rows = (world.crm[segments[3]] ?? []).sorted { $0.id < $1.id }
    guard isSearch, request.method == .post else {
      return SandboxJSON.response([
        "results": rows.prefix(1).map { ["id": "\($0.id)", "properties": [String: Any]()] as [String: Any] }
      ])
    }
    return search(SandboxJSON.object(request.body), rows)
  }

  private func search(_ body: [String: Any], _ rows: [CardWorld.CRMObject]) -> HTTPResponse {
    let groups = body["filterGroups"] as? [[String: Any]] ?? []
    let filters = groups.first?["filters"] as? [[String: Any]] ?? []
    let limit = body["limit"] as? Int ?? 10
    let offset = (body["after"] as? String).map { Int($0) ?? -1 } ?? 0
    guard groups.count == 1, !filters.isEmpty, filters.count <= 6, (1...200).contains(limit), offset >= 0,
      offset + limit <= 10_000 || offset < 10_000, offset < 10_000
    else { return Self.error(400, "VALIDATION_ERROR") }
    var found = rows
    for filter in filters {
      guard let name = filter["propertyName"] as? String, let sign = filter["operator"] as? String,
        let value = filter["value"] as? String
      else { return Self.error(400, "VALIDATION_ERROR") }
      found = found.filter { Self.matches($0, name, sign, value) }
    }
    let wanted = body["properties"] as? [String] ?? []
    let page = found.dropFirst(offset).prefix(min(limit, 10_000 - offset))
    var answer: [String: Any] = [
      "total": found.count,
      "results": page.map { row -> [String: Any] in
        var properties: [String: Any] = ["hs_object_id": "\(row.id)"]
        for name in wanted { properties[name] = row.properties[name] ?? properties[name] ?? NSNull() }
        return ["id": "\(row.id)", "properties": properties, "archived": false]
      },
    ]
    if offset + page.count < found.count { answer["paging"] = ["next": ["after": "\(offset + page.count)"]] }
    return SandboxJSON.response(answer)
  }

  private static func matches(_ row: CardWorld.CRMObject, _ name: String, _ sign: String, _ value: String) -> Bool {
    guard let own = name == "hs_object_id" ? "\(row.id)" : row.properties[name] else { return false }
    if sign == "EQ" { return own == value }
    func number(_ text: String) -> Int64? { Timestamp(iso8601: text)?.milliseconds ?? Int64(text) }
    guard let left = number(own), let right = Int64(value) else { return false }
    switch sign {
    case "GT": return left > right
    case "GTE": return left >= right
    case "LT": return left < right
    case "LTE": return left <= right
    default: return false
    }
  }

  private func associations(_ body: [String: Any], _ world: CardWorld) -> HTTPResponse {
    let ids = (body["inputs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    guard (1...100).contains(ids.count) else { return Self.error(400, "VALIDATION_ERROR") }
    var results: [[String: Any]] = []
    var errors: [[String: Any]] = []
    for id in ids {
      let contacts = world.crm["meetings"]?.first { "\($0.id)" == id }?.contacts ?? []
      if contacts.isEmpty {
        errors.append([
          "status": "error", "category": "OBJECT_NOT_FOUND",
          "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "message": "No contact is associated",
        ])
      } else {
        results.append([
          "from": ["id": id],
          "to": contacts.map { ["toObjectId": $0, "associationTypes": [["typeId": 200]]] as [String: Any] },
        ])
      }
    }
    var answer: [String: Any] = ["status": "COMPLETE", "results": results]
    if !errors.isEmpty { answer.merge(["numErrors": errors.count, "errors": errors]) { $1 } }
    return SandboxJSON.response(answer, status: errors.isEmpty ? 200 : 207)
  }
}
