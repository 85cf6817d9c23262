import Foundation
import HTTPClient
import HealthModel

/// Looker API 4.0: login, saved Looks, inline queries.
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
      // Wrong credentials are "not found" there.
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
    if request.method == .post, segments == ["api", "4.0", "queries", "run", "json"] {
      return query(SandboxJSON.object(request.body))
    }
    return notFound()
  }

  private func notFound() -> HTTPResponse {
    SandboxJSON.response(
      ["message": "Not found", "documentation_url": "https://cloud.google.com/looker/docs/r/err/4.0/404"], status: 404)
  }

  /// Brands that Looker knows: a brand-new customer has no data yet.
  private var brands: [SandboxAccount] {
    world.accounts.filter { ![.justSigned, .unknownBrand].contains($0.peculiarity) }
  }

  private func look(_ id: String, limit: String?) -> HTTPResponse {
    let rows = brands.compactMap { row(of: $0, look: id) }
    guard !rows.isEmpty || id == "174" else { return notFound() }
    // Without an explicit limit a Look keeps its own.
    let count = limit.flatMap { Int($0) } ?? 500
    return table(count < 0 ? rows : Array(rows.prefix(count)))
  }

  private func table(_ rows: [[String: OrgValue]]) -> HTTPResponse {
    SandboxJSON.written { json in
      json.list { json in
        for row in rows {
          json.object { json in
            for (field, value) in row {
              json.key(field)
              value.write(to: &json)
            }
          }
        }
      }
    }
  }

  private func row(of account: SandboxAccount, look id: String) -> [String: OrgValue]? {
    var random = SandboxRandom(world.seed, "look", id, "\(account.index)")
    let quality = account.quality
    func share(_ best: Double) -> Double {
      (best * (0.15 + quality) * random.number(0.7...1.15) * 10_000).rounded() / 10_000
    }
    let bookings = account.segment == .paid ? 2400.0 : 600.0
    switch id {
    case "171":
      return [
        "booking_summary.brand_id": .text(account.brandID), "booking_summary.m_total_bookings": .number(bookings),
        "booking_summary.m_perc_of_bookings_with_messages": .number(share(0.09)),
        "booking_summary.m_perc_of_bookings_with_checkin": .number(share(0.13)),
        "booking_summary.m_perc_of_bookings_with_aw": .number(share(0.05)),
        "booking_summary.m_perc_of_bookings_with_mk": account.index % 9 == 4 ? .null : .number(share(0.05)),
      ]
    case "172":
      return [
        "allin_usage.brand_id": .text(account.brandID),
        "allin_usage.percent_of_messages_with_allin": .number(share(0.6)),
      ]
    case "173":
      return [
        "conversation_sentiment.brand_id": .text(account.brandID),
        "conversation_sentiment.percent_positive_conversations": .number(share(0.55)),
      ]
    case "174":
      guard quality > 0.35 else { return nil }
      return ["flow_sends.brand_id": .text(account.brandID), "flow_sends.delivery_method": .text("whatsapp")]
    case "175":
      return [
        "conversation_items_union_new.brand_id": .text(account.brandID),
        "conversation_items_union_new.percent_messages_within_target": .number(share(0.5)),
      ]
    case "176":
      // A number of this Look's ids is not text: the API gives what the column holds.
      return [
        "rudder_active_users.brand_id": .number(Double(account.brandID) ?? 0),
        "rudder_active_users.dynamic_ranking_metric": .number((bookings * (0.3 + quality * 6)).rounded()),
      ]
    case "177":
      return [
        "recommends_main.brand_id": .text(account.brandID),
        "recommends_main.logged_in_users_digi_it_m": .number((bookings * share(0.055)).rounded()),
      ]
    default: return nil
    }
  }

  private func query(_ body: [String: Any]) -> HTTPResponse {
    let view = body["view"] as? String ?? ""
    guard body["model"] as? String == "alliants", ["platform_score", "feature_usage"].contains(view) else {
      return notFound()
    }
    let filters = body["filters"] as? [String: String] ?? [:]
    guard let month = Period(filters["\(view).month"] ?? "") else {
      return SandboxJSON.response([["looker_error": "the filter on month is not a month"]])
    }
    let fields = Set(body["fields"] as? [String] ?? [])
    let rows = brands.map { account -> [String: OrgValue] in
      var random = SandboxRandom(world.seed, view, "\(account.index)")
      // A gentle slope towards the account's fate, the same from month to month.
      let drift = (account.quality - 0.5) * 0.05 * Double((month.year * 12 + month.month) % 3)
      let quality = min(1, max(0.02, account.quality + drift + random.number(-0.05...0.05)))
      let arrivals = account.segment == .paid ? 2000.0 : 500.0
      return [
        "platform_score.brand_id": .text(account.brandID), "platform_score.month": .text("\(month)"),
        "platform_score.score": .number((quality * 850).rounded() / 10),
        "feature_usage.brand_id": .text(account.brandID), "feature_usage.month": .text("\(month)"),
        "feature_usage.feature_breadth": .number((quality * 750).rounded() / 1000),
        "feature_usage.page_visits": .number((arrivals * (0.6 + quality * 5)).rounded()),
        "feature_usage.arrivals": .number(arrivals),
      ].filter { fields.contains($0.key) }
    }
    return table(rows)
  }
}
