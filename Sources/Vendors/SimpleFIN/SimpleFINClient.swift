import Connectors
import Formats
import FoundationEssentials
import HTTPClient

/// Reads balances from a SimpleFIN feed.
public struct SimpleFINClient: Sendable {
  private let api: APIClient
  private let credentials: SimpleFINCredentials

  /// - Parameter api: Without retries: each attempt needs a permit.
  public init(api: APIClient, credentials: SimpleFINCredentials) {
    self.api = api
    self.credentials = credentials
  }

  /// The policy of the client's `api`.
  public static let policy = RetryPolicy(maximumAttempts: 1)

  /// Balances of all accounts. Tries up to three times where the feed gives no answer.
  ///
  /// - Parameter permit: Counts one more request before it is sent, and throws where no more is allowed.
  /// - Throws: ``SourceError``, `RequestFailure`, `JSONBodyError`, `CancellationError`, or what `permit` throws.
  public func accounts(permit: @Sendable () async throws -> Void) async throws -> SimpleFINAccountSet {
    var attempt = 1
    while true {
      try await permit()
      do {
        return try await accountsOnce()
      } catch let error
        where attempt < SimpleFINOptions.attempts
        && (error is RequestFailure || error is JSONBodyError || error is Passing)
      {
        // The quota refills over the day, so there is no hurry.
        try await api.wait(.seconds(attempt * 2), for: "GET /accounts")
        attempt += 1
      } catch let error as Passing {
        throw SourceError(.unavailable, error.message)
      }
    }
  }

  /// Another try may help.
  private struct Passing: Error { let message: String }

  private func accountsOnce() async throws -> SimpleFINAccountSet {
    let response = try await api.send(
      SimpleFINEndpoint.accounts.request(credentials), returning: [408, 425, 429, 500, 502, 503, 504])
    // The feed stands behind a gate that answers throttled addresses with a page.
    let isPage =
      response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true
      || response.body.first { ![9, 10, 13, 32].contains($0) } == UInt8(ascii: "<")
    switch response.status {
    case 200..<300: return try response.decode(SimpleFINAccountSet.self)
    case 402: throw SourceError(.refused, "SimpleFIN is not paid for (HTTP 402); renew the subscription")
    case let status where status == 401 || (status == 403 && !isPage):
      throw SourceError(
        .refused,
        "SimpleFIN refused the access URL (HTTP \(response.status)): it was revoked or is wrong; claim a new setup token and set SIMPLEFIN_ACCESS_URL"
      )
    case 403, 408, 425, 429, 500...: throw Passing(message: "SimpleFIN answered HTTP \(response.status)")
    default: throw SourceError(.malformed, "SimpleFIN answered HTTP \(response.status); check SIMPLEFIN_ACCESS_URL")
    }
  }

  // MARK: Claiming

  /// Exchanges a setup token for its access URL. A token can be claimed once.
  ///
  /// - Throws: ``SourceError``: `malformed` for what is no token, `refused` where it was claimed before; or `RequestFailure`,
  ///   after which the token may be used up.
  public static func claim(_ token: Secret, by api: APIClient) async throws -> Secret {
    guard let data = Data(base64Encoded: token.text.filter { !$0.isWhitespace }),
      let url = UTF8Text.defect(Array(data)) == nil ? String(decoding: data, as: UTF8.self).trimmed : nil,
      isAllowed(url)
    else {
      throw SourceError(
        .malformed, "that is no setup token: expected the text that https://bridge.simplefin.org/simplefin/create shows"
      )
    }
    let response = try await api.send(SimpleFINEndpoint.claim(Secret(url)), isIdempotent: false)
    switch response.status {
    case 200..<300: break
    case 403:
      throw SourceError(
        .refused,
        "SimpleFIN refused the token: it is unknown or was claimed before. If it was not you, somebody else may have it: disable it at the bank feed and create a new one"
      )
    default: throw SourceError(.unavailable, "SimpleFIN answered HTTP \(response.status) to the claim; try again later")
    }
    let text = String(decoding: response.body, as: UTF8.self).trimmed
    guard SimpleFINCredentials(accessURL: text) != nil else {
      throw SourceError(.malformed, "SimpleFIN's answer to the claim is no access URL")
    }
    return Secret(text)
  }

  private static func isAllowed(_ url: String) -> Bool {
    guard !url.contains(where: \.isWhitespace) else { return false }
    if url.hasPrefix("https://") { return url.count > 8 }
    return url.hasPrefix("http://") && SimpleFINCredentials.isThisMachine(url.dropFirst(7).prefix { $0 != "/" })
  }
}
