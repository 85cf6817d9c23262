import CryptoExtras
import Formats
import FoundationEssentials
import HTTPClient
import Time

/// What a service account exchanges for a token: who asks for what, signed by its RSA key (RS256).
///
/// https://developers.google.com/identity/protocols/oauth2/service-account
enum SignedAssertion {
  private struct Header: Encodable {
    let alg = "RS256"
    let typ = "JWT"
    let kid: String?
  }

  private struct Claims: Encodable {
    let iss: String
    let scope: String
    let aud: String
    /// In seconds since 1970.
    let iat: Int64
    /// An hour later at most.
    let exp: Int64
  }

  static func key(_ pem: Secret) throws -> _RSA.Signing.PrivateKey {
    try _RSA.Signing.PrivateKey(pemRepresentation: pem.text)
  }

  static func text(_ credentials: BigQueryCredentials, now: Timestamp) throws -> Secret {
    let header = Header(kid: credentials.keyID)
    let claims = Claims(
      iss: credentials.clientEmail.text, scope: "https://www.googleapis.com/auth/bigquery", aud: credentials.audience,
      iat: now.seconds, exp: now.seconds + 3600)
    let text = try "\(encoded(JSONBody.encode(header))).\(encoded(JSONBody.encode(claims)))"
    let signature = try key(credentials.privateKey).signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5)
    return Secret("\(text).\(encoded(Array(signature.rawRepresentation)))")
  }

  /// Base64 for URLs, without padding.
  private static func encoded(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
