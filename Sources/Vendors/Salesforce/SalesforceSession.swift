import Connectors
import Formats
import HTTPClient

/// Shares one login between all readers and writers of an org, and between runs.
public typealias SalesforceSession = SharedLogin<SalesforceCredentials, SalesforceAccess>

/// Access to an org: a token and the host to use it on.
public struct SalesforceAccess: Sendable, Equatable {
  let token: Secret
  let instanceURL: String
  /// Nil where the login does not tell.
  let userID: String?

  /// - Throws: `SourceError` where the login names a host that must not get the token: something that is not a host, a
  ///   host without TLS where the login used TLS, or a host outside of Salesforce where the login was inside.
  init(token: Secret, instanceURL: String, loginURL: String, userID: String? = nil) throws {
    let url = instanceURL.hasSuffix("/") ? String(instanceURL.dropLast()) : instanceURL
    let isSecure = url.hasPrefix("https://")
    let host = url.drop { $0 != "/" }.drop { $0 == "/" }
    let isHost =
      !host.isEmpty
      && String(host).isASCIIAlphanumeric(or: "-.:")
    // A URL with a path is only accepted where it equals the login's URL, which may be a server of our own.
    let isLoginsOwn = url == loginURL
    let name = host.prefix { $0 != ":" }.lowercased()
    let own = [".salesforce.com", ".force.com", ".cloudforce.com", ".database.com"]
    let isOutside = loginURL.hasSuffix(".salesforce.com") && !own.contains { name.hasSuffix($0) }
    guard isLoginsOwn || (isHost && isSecure && !isOutside) || (isHost && !isSecure && loginURL.hasPrefix("http://"))
    else {
      throw SourceError(.malformed, "Salesforce's login named a host that the session must not be sent to")
    }
    self.token = token
    self.instanceURL = url
    self.userID = userID.flatMap { SalesforceID($0)?.description }
  }
}

/// Logs in, in one of two ways. A refused login is never repeated, because some refusals lock the user out.
struct SalesforceLogin: Sendable {
  let api: APIClient
  let credentials: SalesforceCredentials
  let soapVersion: String

  func perform() async throws -> SalesforceAccess {
    switch credentials {
    case .clientCredentials(let loginURL, let clientID, let clientSecret):
      try await requestToken(loginURL, clientID, clientSecret)
    case .password(let loginURL, let username, let password, let securityToken):
      try await soapLogin(loginURL, username.text, password.text + securityToken.text)
    }
  }

  private func requestToken(_ loginURL: String, _ clientID: String, _ clientSecret: Secret) async throws
    -> SalesforceAccess
  {
    let form = String.query([
      "grant_type": "client_credentials", "client_id": clientID, "client_secret": clientSecret.text,
    ])
    let response = try await api.send(
      HTTPRequest(
        .post, loginURL + "/services/oauth2/token",
        headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
        body: Array(form.utf8)))
    guard response.isSuccess else {
      let error = try? response.decode(OAuthError.self)
      let code = VendorCode(error?.error)?.description ?? "no reason given"
      throw SourceError(
        .refused,
        "Salesforce refused the client credentials (HTTP \(response.status), \(code)); \(Self.advice(code, error?.description ?? ""))"
      )
    }
    let answer = try response.decode(TokenAnswer.self)
    return try SalesforceAccess(
      token: Secret(answer.accessToken), instanceURL: answer.instanceURL, loginURL: loginURL,
      userID: answer.id?.split(separator: "/").last.map { String($0) })
  }

  /// What to do about a refused login. The description may quote any data, so only a few known words of it are used.
  private static func advice(_ code: String, _ description: String) -> String {
    let words = description.lowercased()
    switch code {
    case "invalid_grant" where words.contains("domain"):
      return
        "client credentials are taken by the org's own My Domain host only: set SF_LOGIN_URL to https://{domain}.my.salesforce.com"
    case "invalid_grant" where words.contains("ip restricted") || words.contains("ip address"):
      return
        "the app or the user's profile allows other IP addresses only: relax the IP restrictions of the External Client App, or add this function's address"
    case "invalid_grant" where words.contains("user"):
      return
        "the External Client App has no run-as user, or that user may not use it: set one under Client Credentials Flow"
    case "invalid_grant":
      return
        "check the run-as user of the External Client App, its IP restrictions, and that SF_LOGIN_URL is the org's My Domain host"
    case "invalid_client", "invalid_client_id": return "check SF_CLIENT_ID and SF_CLIENT_SECRET"
    case "unsupported_grant_type", "unauthorized_client":
      return "enable the Client Credentials Flow of the External Client App"
    default:
      return "check SF_CLIENT_ID, SF_CLIENT_SECRET, and that SF_LOGIN_URL is the org's My Domain host"
    }
  }

  private func soapLogin(_ loginURL: String, _ username: String, _ password: String) async throws -> SalesforceAccess {
    let envelope = """
      <?xml version="1.0" encoding="utf-8"?>
      <env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">
      <env:Header><urn:CallOptions><urn:client>health-score</urn:client><urn:defaultNamespace>sf</urn:defaultNamespace></urn:CallOptions></env:Header>
      <env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>\(XMLText.escaped(username))</n1:username><n1:password>\(XMLText.escaped(password))</n1:password></n1:login></env:Body>
      </env:Envelope>
      """
    // Not repeated on a server error: Salesforce sends SOAP faults with status 500, also for a wrong password.
    let response = try await api.send(
      HTTPRequest(
        .post, loginURL + "/services/Soap/u/\(soapVersion)",
        headers: ["Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"], body: Array(envelope.utf8)),
      returning: [500])
    let text = String(decoding: response.body, as: UTF8.self)
    guard response.isSuccess, let token = XMLText.first("sessionId", in: text),
      let serverURL = XMLText.first("serverUrl", in: text), let host = serverURL.split(separator: "/services/").first
    else {
      let fault = XMLText.first("sf:exceptionCode", in: text) ?? XMLText.first("faultcode", in: text)
      let code = VendorCode(fault)?.description ?? "no reason given"
      // Errors of the org itself are temporary. All other faults mean that the credentials are wrong.
      let isPassing = ["SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "no reason given"].contains { code.hasSuffix($0) }
      throw SourceError(
        isPassing ? .unavailable : .refused,
        "Salesforce refused the SOAP login (HTTP \(response.status), \(code)); check SF_USERNAME, SF_PASSWORD, SF_SECURITY_TOKEN and SF_DOMAIN, or use SF_CLIENT_ID"
      )
    }
    return try SalesforceAccess(
      token: Secret(token), instanceURL: String(host.replacing("-api.", with: ".", maxReplacements: 1)),
      loginURL: loginURL,
      userID: XMLText.first("userId", in: text))
  }
}
