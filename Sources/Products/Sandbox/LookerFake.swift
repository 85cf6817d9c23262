import Foundation
import HTTPClient
import Time

/// A fake of Looker's API 4.0: login, saved Looks, inline queries.
final class LookerFake: Sendable {
  static let clientID = "sandbox-looker-id"
  static let clientSecret = "sandbox-looker-secret"
  private static let token = "sandbox-looker-token"

  private let world: SandboxWorld

  init(world: SandboxWorld) { self.world = world }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget) -> HTTPResponse {
    let segments = target.segments
    if request.method == .post, segments == ["api", "4.0", "login"] {
      let form = SandboxTarget.form(String(decoding: request.body ?? [], as: UTF8.self))
      // Looker answers 404 for wrong credentials.
      guard form["client_id"] == Self.clientID, form["client_secret"] == Self.clientSecret else { return notFound() }
      return SandboxJSON.response([
        "access_token": Self.token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": NSNull(),
      ])
    }
    guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
      return SandboxJSON.response(["message": "Requires authentication."], status: 401)
    }
    if request.method == .get, segments.count == 6, segments[2] == "looks", segments[4] == "run" {
      return look(segments[3], limit: target.query["limit"])
    }
    if request.method == .get, segments.count == 4, segments[2] == "looks" { return definition(segments[3]) }
    if request.method == .get, segments == ["api", "4.0", "setting"] {
      return SandboxJSON.response(["timezone": world.has(.lookerZone) ? "America/Los_Angeles" : "UTC"])
    }
    if request.method == .post, segments == ["api", "4.0", "queries", "run", "json"] {
      return query(SandboxJSON.object(request.body))
    }
    return notFound()
  }

  private func notFound() -> HTTPResponse {
    SandboxJSON.response(
      ["message": "Not found", "documentation_url": "https://cloud.google.com/looker/docs/r/err/4.0/404"], status: 404)
  }

  private func look(_ id: String, limit: String?) -> HTTPResponse {
    let rows = FakeLook.rows(id, world)
    guard !rows.isEmpty || id == "174" else { return notFound() }
    // Without an explicit limit a Look uses its own. Some use their own in any case.
    var count = limit.flatMap { Int($0) } ?? 500
    if let cap = FakeLook.cap(id, world) { count = cap }
    return table(count < 0 ? rows : Array(rows.prefix(count)), look: id)
  }

  private func definition(_ id: String) -> HTTPResponse {
    guard FakeLook.ids.contains(id) else { return notFound() }
    return SandboxJSON.response([
      "id": id, "title": "Look \(id)", "query": ["limit": "\(FakeLook.cap(id, world) ?? 5000)", "model": "alliants"],
    ])
  }

  private func table(_ rows: [[String: OrgValue]], look: String) -> HTTPResponse {
    SandboxJSON.written { json in
      json.list { json in
        for row in rows {
          json.object { json in
            for (field, value) in row {
              json.key(field)
              FakeLook.write(value, field: field, look: look, to: &json, world)
            }
          }
        }
      }
    }
  }

  private func query(_ body: [String: Any]) -> HTTPResponse {
    let view = body["view"] as? String ?? ""
    guard body["model"] as? String == "alliants", ["platform_score", "feature_usage", "license_usage"].contains(view)
    else {
      return notFound()
    }
    let filters = body["filters"] as? [String: String] ?? [:]
    guard let month = Period(filters["\(view).month"] ?? "") else {
      return SandboxJSON.response([["looker_error": "the filter on month is not a month"]])
    }
    let fields = Set(body["fields"] as? [String] ?? [])
    let rows = FakeLook.usage(month, world).map { row in row.filter { fields.contains($0.key) } }
    return table(rows, look: view)
  }
}
