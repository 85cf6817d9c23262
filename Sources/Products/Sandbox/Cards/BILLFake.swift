import Concurrency
import Foundation
import HTTPClient
import Time

/// A fake of BILL's v3 API: the developer key in the login's body, sessions, errors as a list, three requests at once.
final class BILLFake: Sendable {
  static let developerKey = "sandbox-bill-key"
  static let organization = "008SANDBOX"
  static let username = "sandbox-sync"
  static let password = "sandbox-bill-password"

  let limits: CardLimits
  private let sessions = Lock(0)

  init(time: TimeSource) {
    limits = CardLimits([.init(name: "hour", requests: 20_000, length: .seconds(3600))], concurrency: 3, time: time)
  }

  private static func error(_ status: Int, _ code: String) -> HTTPResponse {
    SandboxJSON.response(
      [
        [
          "timestamp": "2026-11-01T00:00:00Z", "code": code, "severity": "ERROR", "category": "DOWNSTREAM",
          "message": "sandbox",
        ]
      ],
      status: status)
  }

  /// - Parameter wait: Takes as long as the vendor does.
  func respond(
    _ request: HTTPRequest, _ target: SandboxTarget, _ world: CardWorld, isStrict: Bool,
    wait: () async -> Void
  ) async -> HTTPResponse {
    let isAllowed = limits.enter()
    defer { limits.leave() }
    await wait()
    _ = limits.arrive(["hour"])
    guard isAllowed || !isStrict else { return Self.error(429, "BDC_1322") }
    let segments = target.segments
    guard segments.count >= 3, segments.starts(with: ["connect", "v3"]) else { return Self.error(404, "BDC_1121") }
    if request.method == .post, segments[2] == "login" {
      let body = SandboxJSON.object(request.body)
      guard body["devKey"] as? String == Self.developerKey else { return Self.error(400, "BDC_1102") }
      guard body["organizationId"] as? String == Self.organization, body["username"] as? String == Self.username,
        body["password"] as? String == Self.password
      else { return Self.error(401, "BDC_1101") }
      let number = sessions.withLock { sessions in
        sessions += 1
        return sessions
      }
      return SandboxJSON.response([
        "sessionId": "sandbox-session-\(number)", "userId": "006SANDBOX", "organizationId": Self.organization,
        "trusted": false,
      ])
    }
    guard request.headers["devKey"] == Self.developerKey,
      request.headers["sessionId"] == "sandbox-session-\(sessions.withLock { $0 })"
    else { return Self.error(401, "BDC_1109") }
    guard (1...100).contains(Int(target.query["max"] ?? "20") ?? 0) else { return Self.error(400, "BDC_1301") }
    switch (segments[2], segments.count) {
    case ("bills", 3): return bills(target, world)
    case ("vendors", 3): return page(world.vendors.filter { !$0.isArchived }.map(Self.vendor), target)
    case ("vendors", 4):
      guard let vendor = world.vendors.first(where: { $0.id == segments[3] }) else {
        return Self.error(404, "BDC_1205")
      }
      return SandboxJSON.response(Self.vendor(vendor))
    default: return Self.error(404, "BDC_1121")
    }
  }

  private func bills(_ target: SandboxTarget, _ world: CardWorld) -> HTTPResponse {
    var rows = world.bills
    for filter in (target.query["filters"] ?? "").split(separator: ",") {
      let parts = filter.split(separator: ":").map(String.init)
      guard parts.count == 3, parts[1] == "eq" else { return Self.error(400, "BDC_1301") }
      switch parts[0] {
      case "approvalStatus":
        guard ["UNASSIGNED", "ASSIGNED", "APPROVING", "APPROVED", "DENIED"].contains(parts[2]) else {
          return Self.error(400, "BDC_1301")
        }
        rows = rows.filter { $0.approvalStatus == parts[2] }
      case "paymentStatus": rows = rows.filter { $0.paymentStatus == parts[2] }
      default: return Self.error(400, "BDC_1301")
      }
    }
    return page(
      rows.map { bill in
        [
          "id": bill.id, "vendorId": bill.vendorID, "vendorName": "Sample",
          "amount": NSDecimalNumber(string: bill.amount),
          "dueDate": "\(bill.dueDate)", "paymentStatus": bill.paymentStatus, "approvalStatus": bill.approvalStatus,
          "archived": bill.isArchived, "description": "a sample description",
        ]
      }, target)
  }

  private static func vendor(_ vendor: CardWorld.Vendor) -> [String: Any] {
    [
      "id": vendor.id, "name": vendor.name, "archived": vendor.isArchived, "email": "vendor@sandbox.example",
      "networkStatus": vendor.networkStatus, "bankAccountStatus": vendor.bankAccountStatus, "billCurrency": "USD",
      "address": ["country": vendor.country],
      "paymentInformation": ["virtualCard": ["status": vendor.hasCard ? "ENROLLED" : "UNENROLLED"]],
      "additionalInfo": [
        "track1099": vendor.isTracked, "taxId": vendor.taxID ?? "",
        "taxIdType": vendor.taxID == nil ? "UNDEFINED" : "EIN",
      ],
    ]
  }

  private func page(_ rows: [[String: Any]], _ target: SandboxTarget) -> HTTPResponse {
    let size = Int(target.query["max"] ?? "20") ?? 20
    let start = target.query["page"].map { Int($0.dropFirst("sandbox-page-".count)) ?? -1 } ?? 0
    guard start >= 0, start <= rows.count else { return Self.error(400, "BDC_1301") }
    var answer: [String: Any] = ["results": Array(rows.dropFirst(start).prefix(size))]
    if start + size < rows.count { answer["nextPage"] = "sandbox-page-\(start + size)" }
    return SandboxJSON.response(answer)
  }
}
