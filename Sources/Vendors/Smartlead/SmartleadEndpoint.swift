import Formats
import HTTPClient
import Time

/// The Smartlead calls that this module makes. The key can only be sent in the query.
///
/// https://api.smartlead.ai/reference
enum SmartleadEndpoint {
  /// `GET /campaigns/`, which has no pages.
  case campaigns
  /// `GET /campaigns/{id}/analytics`: lifetime figures.
  case analytics(campaign: String)
  /// `GET /campaigns/{id}/statistics`: first e-mails that were sent within days, counted.
  case firstEmails(campaign: String, from: Timestamp, to: Timestamp)
  /// `GET /campaigns/{id}/email-accounts`.
  case mailboxes(campaign: String)

  func request(_ credentials: SmartleadCredentials) -> HTTPRequest {
    let key = String.query(["api_key": credentials.key.text])
    func get(_ path: String, as label: String, _ query: String = "") -> HTTPRequest {
      var request = HTTPRequest(
        .get, "\(credentials.baseURL)\(path)?\(key)\(query.isEmpty ? "" : "&" + query)",
        headers: ["Accept": "application/json"])
      request.label = label
      return request
    }
    switch self {
    case .campaigns: return get("/campaigns/", as: "/campaigns")
    case .analytics(let id):
      return get("/campaigns/\(id.percentEncoded())/analytics", as: "/campaigns/{id}/analytics")
    case .firstEmails(let id, let from, let to):
      return get(
        "/campaigns/\(id.percentEncoded())/statistics", as: "/campaigns/{id}/statistics",
        .query([
          "offset": "0", "limit": "1", "email_sequence_number": "1", "sent_time_start_date": Self.text(from),
          "sent_time_end_date": Self.text(to),
        ]))
    case .mailboxes(let id):
      return get("/campaigns/\(id.percentEncoded())/email-accounts", as: "/campaigns/{id}/email-accounts")
    }
  }

  /// `2026-01-05 00:00:00.000Z`.
  static func text(_ instant: Timestamp) -> String {
    let whole = Timestamp(milliseconds: instant.seconds * 1000)
    let fraction = "\(1000 + instant.milliseconds - whole.milliseconds)".dropFirst()
    return "\("\(whole)".dropLast().replacing("T", with: " ")).\(fraction)Z"
  }
}
