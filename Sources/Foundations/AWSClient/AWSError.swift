import HTTPClient
import Time

/// AWS refused a call. AWS's message is left out, because it may quote the request with its tokens.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The call and its object, such as `PutItem on dev-custom-metrics`.
  public var operation: String
  /// AWS's error code, such as `ResourceNotFoundException` or `NoSuchBucket`; `HTTP 403` and the like without one.
  public var code: String
  /// The HTTP status; 200 where a successful answer could not be used.
  public var status: Int
  /// For AWS support; nil where the answer has none.
  public var requestID: String?
  /// What the user should do; nil uses the hint for the code, if there is one.
  public var advice: String?

  public init(operation: String, code: String, status: Int, requestID: String? = nil, advice: String? = nil) {
    self.operation = operation
    self.code = code
    self.status = status
    self.requestID = requestID
    self.advice = advice
  }

  public var description: String {
    let hint = (advice ?? Self.hints[code]).map { "; \($0)" } ?? ""
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
    "RequestTimeTooSkewed": "set this machine's clock",
  ]

  private static let signatureCodes: Set<String> = [
    "SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired",
  ]

  /// Advice for a refused signature, if this machine's clock differs from the server's by 4 minutes or more; else nil.
  static func clockAdvice(_ code: String?, _ response: HTTPResponse, now: Duration) -> String? {
    guard let code, signatureCodes.contains(code), let date = response.headers["Date"].flatMap({ HTTPDate.parse($0) })
    else { return nil }
    let minutes = Int((now - date).inSeconds / 60)
    guard minutes.magnitude >= 4 else { return nil }
    return "this machine's clock is \(minutes.magnitude) minutes \(minutes > 0 ? "fast" : "slow"); set it"
  }
}

/// Signs each attempt separately, so that a retry never has an old date or expired credentials.
struct SigningTransport: HTTPTransport {
  let transport: any HTTPTransport
  let source: AWSCredentialSource
  /// As in the credential scope, such as `s3`.
  let service: String

  init(_ service: String, settings: AWSSettings, transport: any HTTPTransport, time: TimeSource) {
    self.service = service
    self.transport = transport
    source = AWSCredentialSource(settings: settings, transport: transport, time: time)
  }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let signer = SigV4Signer(
      credentials: try await source.credentials(), region: source.settings.region, service: service)
    return try await transport.send(signer.sign(request, at: source.time.wall()))
  }
}

/// Signs each attempt with fixed credentials.
struct FixedSigningTransport: HTTPTransport {
  let transport: any HTTPTransport
  let signer: SigV4Signer
  let time: TimeSource

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await transport.send(signer.sign(request, at: time.wall()))
  }
}
