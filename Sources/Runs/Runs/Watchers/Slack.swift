import Formats
import HTTPClient
import Time

/// Sends at most one message per run to an incoming webhook: if the run or a source failed, or if the job has notices.
///
/// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
public struct Slack: Sendable {
  private let api: APIClient
  /// The URL itself is the secret.
  private let webhookURL: Secret

  /// - Parameter deadline: On the monotonic clock; nil without a limit.
  public init(
    webhookURL: Secret, transport: any HTTPTransport, time: TimeSource = .system, deadline: Duration? = nil
  ) {
    self.webhookURL = webhookURL
    api = APIClient(
      transport: transport, limiter: .forNotifications, policy: RetryPolicy(maximumAttempts: 3), time: time,
      deadline: deadline)
  }

  /// - Returns: One line if the message could not be sent; empty if it was sent or there was nothing to report.
  public func send(_ report: RunReport) async -> [String] {
    guard let message = Self.message(report) else { return [] }
    do {
      let response = try await api.send(
        HTTPRequest(
          .post, webhookURL.text, headers: ["Content-Type": "application/json; charset=utf-8"],
          body: try JSONBody.encode(message), timeout: .seconds(10), connectTimeout: .seconds(5)),
        isIdempotent: false)
      return response.isSuccess ? [] : ["Slack answered HTTP \(response.status); check SLACK_WEBHOOK_URL"]
    } catch var failure as RequestFailure {
      // The message must not show the URL's path, which is secret.
      failure.request = "its webhook"
      return ["Slack was not told: \(failure)"]
    } catch {
      return ["Slack was not told: \(type(of: error))"]
    }
  }

  /// How many entries of a notice are listed. A section's text may have 3,000 characters.
  private static let listed = 20

  /// Nil if there is nothing to report.
  static func message(_ report: RunReport) -> Message? {
    var sections: [String] = []
    if let failure = report.failure {
      sections.append("*The run failed* (`\(failure.type)`)\n\(escaped(failure.message.prefix(2000)))")
    }
    let sources = report.newlyFailedSources
    if !sources.isEmpty {
      let lines = sources.map {
        "• \($0.name) \($0.report.status.rawValue): \(escaped(($0.report.error ?? "").prefix(400)))"
      }
      sections.append("*Sources that failed*\n" + lines.joined(separator: "\n"))
    }
    for notice in report.facts?.notices ?? [] {
      var lines = notice.entries.prefix(listed).map { "• \(escaped($0.name.prefix(80))): \($0.text)" }
      if notice.entries.count > listed { lines.append("… and \(notice.entries.count - listed) more") }
      sections.append("*\(notice.title)*\n" + lines.joined(separator: "\n"))
    }
    guard !sections.isEmpty else { return nil }
    let title = "Health Score: \(report.title)"
    let footer = "run \(report.runID), \(report.status)"
    return Message(
      text: escaped(title[...]), blocks: ([("*\(escaped(title[...]))*")] + sections + [footer]).map { .init($0) })
  }

  private static func escaped(_ text: Substring) -> String {
    String(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  struct Message: Encodable {
    struct Block: Encodable {
      struct Text: Encodable {
        let type = "mrkdwn"
        let text: String
      }
      let type = "section"
      let text: Text

      init(_ text: String) { self.text = Text(text: String(text.prefix(3000))) }
    }

    /// Shown where Slack can't show blocks, such as in a notification.
    let text: String
    let blocks: [Block]
  }
}
