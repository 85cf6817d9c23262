import Crypto
import FoundationEssentials
import HTTPClient

/// AWS Signature Version 4. Pure: the instant is an argument.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
public struct SigV4Signer: Sendable {
  public var credentials: AWSCredentials
  /// The region of the endpoint; part of the credential scope.
  public var region: String
  /// As in the credential scope, such as `dynamodb`.
  public var service: String

  public init(credentials: AWSCredentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// S3 signs paths as they are sent; all other services require them normalised and encoded once more.
  private var isS3: Bool { service == "s3" }

  /// The request with date, token, signature and, for S3, its body's hash.
  ///
  /// - Parameter instant: Since 1970. AWS refuses one that differs from its clock by more than a few minutes.
  public func sign(_ request: HTTPRequest, at instant: Duration) -> HTTPRequest {
    var request = request
    let date = SigningDate(instant)
    request.headers["X-Amz-Date"] = date.text
    if let token = credentials.sessionToken { request.headers["X-Amz-Security-Token"] = token.text }
    if isS3, request.headers["X-Amz-Content-SHA256"] == nil {
      request.headers["X-Amz-Content-SHA256"] = ContentHash.sha256(request.body ?? [])
    }
    request.headers["Authorization"] = authorization(for: request, date)
    return request
  }

  func authorization(for request: HTTPRequest, _ date: SigningDate) -> String {
    let canonical = CanonicalRequest(request, keepsPath: isS3)
    let signature = ContentHash.hex(
      HMAC<SHA256>.authenticationCode(for: Data(stringToSign(canonical, date).utf8), using: key(date)))
    return
      "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(date)), SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
  }

  func stringToSign(_ canonical: CanonicalRequest, _ date: SigningDate) -> String {
    "AWS4-HMAC-SHA256\n\(date.text)\n\(scope(date))\n\(ContentHash.sha256(Array(canonical.text.utf8)))"
  }

  private func scope(_ date: SigningDate) -> String { "\(date.day)/\(region)/\(service)/aws4_request" }

  private func key(_ date: SigningDate) -> SymmetricKey {
    var key = SymmetricKey(data: Data("AWS4\(credentials.secretAccessKey.text)".utf8))
    for part in [date.day, region, service, "aws4_request"] {
      key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
    }
    return key
  }

}

/// `20150830T123600Z`, and its day.
struct SigningDate: Sendable {
  let text: String

  init(text: String) { self.text = text }

  init(_ instant: Duration) {
    let date = Date(timeIntervalSince1970: Double(instant.components.seconds))
    let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
    text = date.formatted(style)
  }

  var day: String { String(text.prefix(8)) }
}
