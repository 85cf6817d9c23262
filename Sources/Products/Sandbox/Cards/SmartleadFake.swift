import Foundation
import HTTPClient
import Time

/// A fake of Smartlead: counts as texts, `{}` for what it does not know, the key in the query.
final class SmartleadFake: Sendable {
  static let key = "sandbox-smartlead-key"

  let limits: CardLimits

  init(time: TimeSource) {
    limits = CardLimits(
      [
        .init(name: "minute", requests: 60, length: .seconds(60)),
        .init(name: "second", requests: 10, length: .seconds(1)),
      ], time: time)
  }

  func respond(
    _ request: HTTPRequest, _ target: SandboxTarget, _ world: CardWorld, isStrict: Bool
  ) -> HTTPResponse {
    guard target.query["api_key"] == Self.key else {
      return SandboxJSON.response(["message": "API key is invalid"], status: 401)
    }
    if let full = limits.arrive(["minute", "second"]), isStrict {
      let wait = Int(full.length.inSeconds)
      return SandboxJSON.response(
        ["error": ["code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests", "retry_after": wait]], status: 429,
        headers: ["X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "Retry-After": "\(wait)"])
    }
    var segments = target.segments
    guard segments.starts(with: ["api", "v1", "campaigns"]) else {
      return SandboxJSON.response(["error": "Not found"], status: 404)
    }
    segments.removeFirst(3)
    guard let text = segments.first else {
      return SandboxJSON.response(
        world.campaigns.map { ["id": $0.id, "name": "Sample Campaign \($0.id)", "status": $0.status] as [String: Any] })
    }
    guard let campaign = world.campaigns.first(where: { "\($0.id)" == text }) else { return SandboxJSON.response([:]) }
    switch segments.dropFirst().first {
    case "analytics":
      return SandboxJSON.response([
        "id": campaign.id, "sent_count": "45", "unique_sent_count": "40",
        "campaign_lead_stats": [
          "total": "\(campaign.notStarted + campaign.inProgress)", "notStarted": "\(campaign.notStarted)",
          "inprogress": "\(campaign.inProgress)", "completed": "0",
        ],
      ])
    case "statistics": return statistics(campaign, target)
    case "email-accounts":
      return SandboxJSON.response(
        campaign.mailboxes.map { box -> [String: Any] in
          [
            "id": box.id, "from_email": "box\(box.id)@sandbox.example", "message_per_day": box.messagesPerDay,
            "is_smtp_success": box.isWorking, "is_suspended": box.isSuspended, "password": "mailbox-secret",
            "imap_password": "mailbox-secret",
          ]
        })
    default: return SandboxJSON.response([:])
    }
  }

  private func statistics(_ campaign: CardWorld.Campaign, _ target: SandboxTarget) -> HTTPResponse {
    guard let start = Self.instant(target.query["sent_time_start_date"]),
      let end = Self.instant(target.query["sent_time_end_date"]), target.query["email_sequence_number"] == "1",
      (1...1000).contains(Int(target.query["limit"] ?? "") ?? 0)
    else {
      return SandboxJSON.response(
        ["statusCode": 400, "error": "Bad Request", "message": "Invalid query", "validation": ["source": "query"]],
        status: 400)
    }
    // Everything of a day goes out at noon.
    let count = campaign.firstEmails.filter { day, _ in
      let noon = CalendarDate(day: day).start.advanced(bySeconds: 43_200)
      return start <= noon && noon <= end
    }.values.reduce(0, +)
    let row: [String: Any] = ["lead_name": "Sample Lead", "lead_email": "lead@sandbox.example", "sequence_number": 1]
    return SandboxJSON.response([
      "total_stats": "\(count)", "data": count > 0 ? [row] : [Any](), "offset": 0, "limit": 1,
    ])
  }

  /// `2026-01-05 00:00:00.000Z`.
  private static func instant(_ text: String?) -> Timestamp? {
    guard let text, text.count == 24, text.hasSuffix("Z") else { return nil }
    return Timestamp(iso8601: text)
  }
}
