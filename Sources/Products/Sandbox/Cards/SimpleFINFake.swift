import Concurrency
import Foundation
import HTTPClient
import Time

/// A fake of a SimpleFIN server: a claim that works once, and balances in version 2 of the protocol.
final class SimpleFINFake: Sendable {
  static let user = "sandbox-feed"
  static let password = "sandbox feed pass"

  let limits: CardLimits
  private let claimed = Lock<Set<String>>([])

  init(time: TimeSource) {
    limits = CardLimits([.init(name: "day", requests: 24, length: .seconds(86_400))], time: time)
  }

  /// The access URL of a sandbox.
  static func accessURL(base: String) -> String {
    // Only this machine may be asked in clear.
    let isHere = base.contains("//127.0.0.1") || base.contains("//localhost")
    let host = base.drop { $0 != "/" }.dropFirst(2)
    return "\(isHere ? "http" : "https")://\(user):\(password.replacing(" ", with: "%20"))@\(host)/simplefin/feed"
  }

  /// What a user would copy from the feed's page.
  static func setupToken(base: String, code: String = "sandbox") -> String {
    Data("\(base)/simplefin/claim/\(code)".utf8).base64EncodedString()
  }

  func respond(_ request: HTTPRequest, _ target: SandboxTarget, base: String, _ world: CardWorld) -> HTTPResponse {
    let segments = target.segments
    func plain(_ text: String, _ status: Int) -> HTTPResponse {
      HTTPResponse(status: status, headers: ["Content-Type": "text/plain"], body: Array(text.utf8))
    }
    if request.method == .post, segments.count == 2, segments[0] == "claim" {
      let isFirst = claimed.withLock { $0.insert(segments[1]).inserted }
      return isFirst ? plain(Self.accessURL(base: base), 200) : plain("Forbidden", 403)
    }
    guard request.method == .get, segments == ["feed", "accounts"] else { return plain("Not found", 404) }
    let login = Data("\(Self.user):\(Self.password)".utf8).base64EncodedString()
    guard request.headers["Authorization"] == "Basic \(login)" else { return plain("Forbidden", 403) }
    if limits.arrive(["day"]) != nil { return plain("Too many requests", 429) }
    let accounts = world.accounts.map { account -> [String: Any] in
      var row: [String: Any] = [
        "id": account.id, "name": account.name, "conn_id": "CON-1", "currency": account.currency,
        "balance": account.balance, "available-balance": account.balance, "balance-date": account.date.seconds,
      ]
      if target.query["balances-only"] != "1" {
        row["transactions"] = [["id": "TRN-1", "amount": "-12.00", "description": "Sample Payer", "posted": 0]]
      } else {
        row["transactions"] = [Any]()
      }
      return row
    }
    guard target.query["version"] == "2" else {
      return SandboxJSON.response(["errors": [Any](), "accounts": accounts])
    }
    return SandboxJSON.response([
      "errlist": [Any](), "errors": [Any](), "accounts": accounts,
      "connections": [["conn_id": "CON-1", "name": "Sample Bank", "org_id": "INST-1"]],
    ])
  }
}
