import Formats
import HTTPClient
import Time

/// Items for failed runs, failed sources and a job's notices: one of each kind a run at most, and no customer's name in any.
///
/// https://docs.rollbar.com/reference/create-item
public struct Rollbar: Sendable {
  private let api: APIClient
  private let baseURL: String
  private let token: Secret

  /// - Parameter deadline: On the monotonic clock; nil without a limit.
  public init(
    baseURL: String, token: Secret, transport: any HTTPTransport, time: TimeSource = .system, deadline: Duration? = nil
  ) {
    self.baseURL = baseURL
    self.token = token
    // 429 is not retried: it means that Rollbar has enough items, so this one is dropped.
    api = APIClient(
      transport: transport, limiter: .forNotifications,
      policy: RetryPolicy(maximumAttempts: 2, retryableStatuses: [500, 502, 503, 504]), time: time, deadline: deadline)
  }

  /// - Returns: One line per item that could not be sent; empty if all were sent or there was nothing to report.
  public func send(_ report: RunReport) async -> [String] {
    var problems: [String] = []
    for item in Self.items(report) {
      do {
        let request = HTTPRequest(
          .post, baseURL + "/api/1/item/",
          headers: ["Content-Type": "application/json", "X-Rollbar-Access-Token": token.text],
          body: try JSONBody.encode(["data": item]), timeout: .seconds(10), connectTimeout: .seconds(5))
        let response = try await api.send(request, isIdempotent: true)
        // 429: the item was dropped on purpose, which is no problem.
        if !response.isSuccess, response.status != 429 { problems.append("Rollbar answered HTTP \(response.status)") }
      } catch {
        problems.append("Rollbar was not told: \(error)")
      }
    }
    return problems
  }

  static func items(_ report: RunReport) -> [Item] {
    var items: [Item] = []
    if let failure = report.failure {
      items.append(
        Item(
          report, level: "error", kind: "run:\(failure.type)", title: "\(report.job) failed: \(failure.type)",
          text: failure.message))
    }
    let sources = report.newlyFailedSources
    if !sources.isEmpty {
      let names = sources.map(\.name).joined(separator: ", ")
      let text = sources.map { "\($0.name) \($0.report.status.rawValue): \($0.report.error ?? "no reason given")" }
      items.append(
        Item(
          report, level: "warning", kind: "sources:\(sources.map(\.name).joined(separator: "+"))",
          title: "\(report.job): \(names) failed", text: text.joined(separator: "\n")))
    }
    for notice in report.facts?.notices ?? [] {
      items.append(
        Item(
          report, level: "info", kind: notice.kind, title: "\(report.job): \(notice.title)", text: notice.numbers))
    }
    return items
  }

  struct Item: Encodable {
    struct Body: Encodable {
      struct Message: Encodable { let body: String }
      let message: Message
    }
    private enum Custom: Encodable {
      case text(String), flag(Bool)

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        }
      }
    }
    struct Notifier: Encodable { let name = "health-score" }

    let environment: String
    let level: String
    let timestamp: Int64
    let platform = "linux"
    let language = "swift"
    let title: String
    /// Rollbar groups items with the same fingerprint. It hashes fingerprints longer than 40 characters.
    let fingerprint: String
    let body: Body
    private let custom: [String: Custom]
    let notifier = Notifier()

    init(_ report: RunReport, level: String, kind: String, title: String, text: String) {
      environment = report.environment
      self.level = level
      timestamp = report.startedAt.seconds
      self.title = String(title.prefix(255))
      fingerprint = String("\(report.job):\(kind)".prefix(40))
      body = Body(message: .init(body: String(text.prefix(8000))))
      custom = [
        "run_id": .text(report.runID), report.subjectName: .text(report.subject ?? ""),
        "dry_run": .flag(report.isDryRun),
      ]
    }
  }
}

extension RateLimiter {
  /// A run sends only a few messages. Slack allows about one per second, with short bursts.
  static var forNotifications: RateLimiter {
    RateLimiter(RateLimit(requests: 3, window: .seconds(1), maximumConcurrency: 1))
  }
}
