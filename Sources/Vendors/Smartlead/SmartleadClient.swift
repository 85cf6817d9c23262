import Connectors
import Formats
import HTTPClient
import Time

/// Reads campaigns and their figures. No lead's name or address is read.
///
/// Throws ``SourceError``, `RequestFailure` or `JSONBodyError`.
public struct SmartleadClient: Sendable {
  private let api: APIClient
  private let credentials: SmartleadCredentials

  public init(api: APIClient, credentials: SmartleadCredentials) {
    self.api = api
    self.credentials = credentials
  }

  /// What an answer of Smartlead means: how long to wait may stand in its body only, and how many requests are left in its
  /// headers.
  public static func verdict(_ time: TimeSource) -> @Sendable (HTTPResponse) -> AnswerVerdict? {
    { response in
      if response.status == 429 {
        let seconds = (try? response.decode(RateLimitAnswer.self))?.error.retryAfter
        return .throttled(retryAfter: seconds.map { .seconds(min(max($0, 0), 3600)) })
      }
      guard let left = response.headers["X-RateLimit-Remaining"].flatMap({ Int($0) }),
        left < SmartleadOptions.rateLimit.maximumConcurrency,
        let reset = response.headers["X-RateLimit-Reset"].flatMap({ Int64($0) }),
        let instant = Timestamp(seconds: reset)
      else { return nil }
      return .exhausted(refillsIn: .milliseconds(instant.milliseconds - time.now.milliseconds))
    }
  }

  /// All campaigns, whatever their status.
  public func campaigns() async throws -> [SmartleadCampaign] {
    try await askingTwice { try await send(.campaigns).decode([SmartleadCampaign].self) }
  }

  /// Where a campaign's leads are; nil where Smartlead does not know the campaign any more.
  public func leadStats(ofCampaign id: String) async throws -> SmartleadLeadStats? {
    try await unlessMissing {
      let response = try await send(.analytics(campaign: id))
      return response.isMissing ? nil : try response.decode(CampaignAnalytics.self).stats
    }
  }

  /// How many first e-mails of a campaign's sequence went out between two instants, both included; nil where Smartlead does
  /// not know the campaign any more.
  public func firstEmails(ofCampaign id: String, from: Timestamp, to: Timestamp) async throws -> Int? {
    try await unlessMissing {
      let response = try await send(.firstEmails(campaign: id, from: from, to: to))
      guard !response.isMissing else { return nil }
      guard let total = try response.decode(StatisticsPage.self).total, total >= 0 else {
        throw JSONBodyError(description: "total_stats: expected a count")
      }
      return total
    }
  }

  /// The mailboxes of a campaign; nil where Smartlead does not know the campaign any more.
  public func mailboxes(ofCampaign id: String) async throws -> [SmartleadMailbox]? {
    try await unlessMissing {
      let response = try await send(.mailboxes(campaign: id))
      return response.isMissing ? nil : try response.decode([SmartleadMailbox].self)
    }
  }

  /// Asks once more before something counts as missing: an empty answer may be the gateway's.
  private func unlessMissing<Value: Sendable>(_ ask: () async throws -> Value?) async throws -> Value? {
    if let value = try await askingTwice(ask) { return value }
    return try await askingTwice(ask)
  }

  private func send(_ endpoint: SmartleadEndpoint) async throws -> HTTPResponse {
    let response = try await api.send(endpoint.request(credentials))
    switch response.status {
    case 200..<300: break
    case 401, 403:
      throw SourceError(.refused, "Smartlead refused the key (HTTP \(response.status)); check SMARTLEAD_API_KEY")
    case 404:
      throw SourceError(.notConfigured, "Smartlead has no such call (HTTP 404); check SMARTLEAD_BASE_URL")
    default: throw SourceError(.malformed, "Smartlead refused a request (HTTP \(response.status))")
    }
    if (try? response.decode(SuccessFlag.self))?.success == false {
      throw SourceError(.unavailable, "Smartlead answered that the call did not succeed")
    }
    return response
  }
}

extension HTTPResponse {
  /// Smartlead answers `{}` or nothing for what it does not know.
  fileprivate var isMissing: Bool {
    body.lazy.filter { ![9, 10, 13, 32].contains($0) }.elementsEqual("{}".utf8)
      || !body.contains { ![9, 10, 13, 32].contains($0) }
  }
}
