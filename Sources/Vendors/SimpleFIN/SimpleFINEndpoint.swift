import FoundationEssentials
import HTTPClient

/// The SimpleFIN calls that this module makes.
///
/// https://www.simplefin.org/protocol.html
enum SimpleFINEndpoint {
  /// `GET /accounts`: balances without transactions, in version 2 of the protocol.
  case accounts

  func request(_ credentials: SimpleFINCredentials) -> HTTPRequest {
    let login = Data("\(credentials.user.text):\(credentials.password.text)".utf8).base64EncodedString()
    var request = HTTPRequest(
      .get, credentials.root + "/accounts?balances-only=1&version=2",
      headers: ["Authorization": "Basic \(login)", "Accept": "application/json"], timeout: .seconds(60))
    // The root's path may be secret.
    request.label = "/accounts"
    return request
  }

  /// `POST` to a claim URL; its answer is the access URL.
  static func claim(_ url: Secret) -> HTTPRequest {
    var request = HTTPRequest(.post, url.text, headers: ["Accept": "text/plain"], body: [], timeout: .seconds(30))
    request.label = "the claim URL"
    request.maximumResponseBytes = 1 << 16
    return request
  }
}
