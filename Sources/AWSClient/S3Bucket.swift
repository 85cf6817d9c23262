import HTTPClient

/// One bucket: put, get, list.
///
/// Throws ``AWSError`` for a refusal and `RequestFailure` where retries are used up.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/
public struct S3Bucket: Sendable {
  public let name: String
  private let api: APIClient
  private let base: String

  /// - Parameter deadline: On the monotonic clock; no call outlives it.
  public init(
    _ name: String, settings: AWSSettings, transport: any HTTPTransport, time: TimeSource = .system,
    deadline: Duration? = nil
  ) {
    self.name = name
    let signer = SigV4Signer(credentials: settings.credentials, region: settings.region, service: "s3")
    if let endpoint = settings.s3Endpoint {
      base = "\(endpoint)/\(name)"
    } else if name.contains(".") {
      // A certificate's wildcard does not cover a name with dots.
      base = "https://s3.\(settings.region).\(settings.domain)/\(name)"
    } else {
      base = "https://\(name).s3.\(settings.region).\(settings.domain)"
    }
    api = APIClient(
      transport: SigningTransport(transport: transport, signer: signer, time: time),
      limiter: RateLimiter(RateLimit(requests: 1000, window: .seconds(1), maximumConcurrency: 16)),
      policy: RetryPolicy(
        maximumAttempts: 5, baseDelay: .milliseconds(100), maximumDelay: .seconds(5),
        retryableStatuses: [408, 409, 429, 500, 502, 503, 504]),
      time: time, deadline: deadline)
  }

  /// Stores an object, replacing what is there.
  public func put(_ bytes: [UInt8], at key: String, contentType: String) async throws {
    let response = try await api.send(
      HTTPRequest(.put, url(key), headers: ["Content-Type": contentType], body: bytes, timeout: .seconds(120)))
    guard response.isSuccess else { throw error("PutObject", key, response) }
  }

  /// An object's bytes; nil where there is none. Without the right to list the bucket S3 calls a missing object
  /// forbidden.
  public func object(at key: String) async throws -> [UInt8]? {
    let response = try await api.send(
      HTTPRequest(.get, url(key), timeout: .seconds(120), maximumResponseBytes: 512 << 20))
    if response.isSuccess { return response.body }
    let error = error("GetObject", key, response)
    if error.code == "NoSuchKey" { return nil }
    throw error
  }

  /// The keys that begin with a prefix, in order.
  public func keys(under prefix: String) async throws -> [String] {
    var keys: [String] = []
    var token: String?
    while true {
      var query = "list-type=2&encoding-type=url&prefix=\(prefix.percentEncoded())"
      if let token { query += "&continuation-token=\(token.percentEncoded())" }
      let response = try await api.send(HTTPRequest(.get, "\(base)/?\(query)"))
      guard response.isSuccess else { throw error("ListObjectsV2", prefix, response) }
      let document = String(decoding: response.body, as: UTF8.self)
      keys += XMLText.all("Key", in: document).map { $0.replacing("+", with: " ").percentDecoded }
      guard XMLText.first("IsTruncated", in: document) == "true",
        let next = XMLText.first("NextContinuationToken", in: document), next != token
      else { return keys }
      token = next
    }
  }

  private func url(_ key: String) -> String { "\(base)/\(key.percentEncoded(keeping: "/"))" }

  private func error(_ operation: String, _ key: String, _ response: HTTPResponse) -> AWSError {
    let document = String(decoding: response.body.prefix(4096), as: UTF8.self)
    let code = VendorCode(XMLText.first("Code", in: document))?.description
    return AWSError(
      operation: "\(operation) of s3://\(name)/\(key)", code: code ?? "HTTP \(response.status)",
      status: response.status, requestID: response.headers["x-amz-request-id"])
  }
}
