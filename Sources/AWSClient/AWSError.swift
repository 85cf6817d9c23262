import HTTPClient

/// AWS refused a call. Its own message is left out: it may quote the request, tokens included.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The call and what it was about, such as `PutItem on dev-custom-metrics`.
  public var operation: String
  /// AWS's own, such as `ResourceNotFoundException` or `NoSuchBucket`; `HTTP 403` where it names none.
  public var code: String
  public var status: Int
  /// What AWS support asks for.
  public var requestID: String?

  public var description: String {
    let hint = Self.hints[code].map { "; \($0)" } ?? ""
    let request = requestID.flatMap { id in
      id.utf8.count <= 120 && id.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: "@") }
        ? " (request \(id))" : nil
    }
    return "\(operation): \(code)\(request ?? "")\(hint)"
  }

  private static let hints = [
    "ResourceNotFoundException": "create the table, or name another in METRICS_TABLE",
    "NoSuchBucket": "create the bucket, or name another in REPORTS_BUCKET",
    "AccessDeniedException": "the role or user lacks that permission",
    "AccessDenied": "the role or user lacks that permission",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY",
    "InvalidSignatureException": "check AWS_SECRET_ACCESS_KEY",
    "UnrecognizedClientException": "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN",
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID",
    "InvalidClientTokenId": "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN",
    "ExpiredTokenException": "get new temporary credentials",
    "ExpiredToken": "get new temporary credentials",
    "PermanentRedirect": "the bucket is in another region; set AWS_REGION",
  ]
}

/// Signs each attempt anew, so that a retry never carries an old date.
struct SigningTransport: HTTPTransport {
  let transport: any HTTPTransport
  let signer: SigV4Signer
  let time: TimeSource

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await transport.send(signer.sign(request, at: time.wall()))
  }
}
