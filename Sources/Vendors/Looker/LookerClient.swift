import HTTPClient
import HealthModel
import Time

/// Each login opens a session on the instance.
public typealias LookerSession = SharedLogin<LookerCredentials, LookerToken>

/// A bearer token and the instant, on the monotonic clock, from which it is not sent any more.
public struct LookerToken: Sendable {
  let text: String
  let expires: Duration
}

/// Sends calls; owns 401 by logging in once more.
struct LookerClient: Sendable {
  let api: APIClient
  let credentials: LookerCredentials
  let session: LookerSession
  let time: TimeSource

  func checkLogin() async throws { _ = try await token(replacing: nil) }

  /// - Parameter stale: A token that was just refused.
  private func token(replacing stale: String?) async throws -> String {
    let now = time.monotonic()
    return try await session.access(
      for: credentials, isUsable: { $0.text != stale && $0.expires > now },
      isRefusal: { ($0 as? SourceError)?.kind == .refused }, login: { try await login() }
    ).text
  }

  private func login() async throws -> LookerToken {
    let response = try await api.send(LookerEndpoint.login.request(credentials, token: nil))
    guard response.isSuccess else {
      // Looker says 404 to wrong credentials.
      throw SourceError(
        .refused,
        "Looker refused the login (HTTP \(response.status)); check LOOKER_CLIENT_ID, LOOKER_CLIENT_SECRET and LOOKER_BASE_URL"
      )
    }
    let answer = try response.decode(LoginAnswer.self)
    // A little early, so that it does not expire on the way.
    let lifetime = Duration.seconds(max(0, min(answer.expiresIn, 86_400) - 10))
    return LookerToken(text: answer.accessToken, expires: time.monotonic() + lifetime)
  }

  /// All rows of a Look or query.
  func table(_ endpoint: LookerEndpoint, columns: [String], name: String) async throws -> LookerTable {
    do {
      return try await askingTwice { try await tableOnce(endpoint, columns: columns, name: name) }
    } catch is LookerQueryFailure {
      return try await tableOnce(endpoint, columns: columns, name: name)
    }
  }

  /// The most rows that a Look gives, as it is saved; nil where it has no limit, or does not tell.
  func rowLimit(ofLook id: String) async throws -> Int? {
    let response = try await send(.look(id: id))
    return response.isSuccess ? (try? response.decode(LookDefinition.self))?.rowLimit : nil
  }

  /// The instance's time zone; nil where the API user may not ask, or it is not said.
  func timeZone() async throws -> String? {
    let response = try await send(.setting)
    return response.isSuccess ? (try? response.decode(InstanceSetting.self))?.timezone : nil
  }

  private func send(_ endpoint: LookerEndpoint) async throws -> HTTPResponse {
    let token = try await token(replacing: nil)
    let response = try await api.send(endpoint.request(credentials, token: token))
    guard response.status == 401 else { return response }
    return try await api.send(endpoint.request(credentials, token: self.token(replacing: token)))
  }

  private func tableOnce(
    _ endpoint: LookerEndpoint, columns: [String], name: String
  ) async throws -> LookerTable {
    let response = try await send(endpoint)
    switch response.status {
    case 200..<300: break
    case 401, 403: throw SourceError(.refused, "Looker refused access to \(name) (HTTP \(response.status))")
    case 404:
      throw SourceError(.notConfigured, "Looker has no \(name), or the API user may not see it (HTTP 404)")
    default: throw SourceError(.malformed, "Looker answered HTTP \(response.status) to \(name)")
    }
    let table = try LookerTable(json: response.body, columns: columns)
    if table.hasErrors { throw LookerQueryFailure(name: name) }
    return table
  }
}

/// The database behind Looker failed; its message may quote data and stays out.
struct LookerQueryFailure: Error, CustomStringConvertible {
  let name: String

  var description: String { "\(name) failed in Looker (looker_error)" }
}
