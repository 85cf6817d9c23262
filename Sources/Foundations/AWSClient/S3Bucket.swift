import Formats
import HTTPClient
import Time

/// One bucket: put, get, list.
///
/// Throws ``AWSError`` for a refusal and `RequestFailure` where retries are used up.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/
public struct S3Bucket: Sendable {
  /// Without `s3://` and without a key.
  public let name: String
  private let api: APIClient
  private let base: String
  private let region: String
  private let time: TimeSource

  /// - Parameter deadline: On the monotonic clock; no call outlives it.
  public init(
    _ name: String, settings: AWSSettings, transport: any HTTPTransport, time: TimeSource = .system,
    deadline: Duration? = nil
  ) {
    self.name = name
    region = settings.region
    self.time = time
    if let endpoint = settings.s3Endpoint {
      base = "\(endpoint)/\(name)"
    } else if name.contains(".") {
      // A certificate's wildcard does not cover a name with dots.
      base = "https://s3.\(settings.region).\(settings.domain)/\(name)"
    } else {
      base = "https://\(name).s3.\(settings.region).\(settings.domain)"
    }
    api = APIClient(
      transport: SigningTransport("s3", settings: settings, transport: transport, time: time),
      limiter: RateLimiter(RateLimit(requests: 1000, window: .seconds(1), maximumConcurrency: 16)),
      policy: RetryPolicy(
        maximumAttempts: 5, baseDelay: .milliseconds(100), maximumDelay: .seconds(5),
        retryableStatuses: [408, 409, 429, 500, 502, 503, 504]),
      time: time, deadline: deadline, verdict: { Self.isPassing($0) ? .throttled(retryAfter: nil) : nil })
  }

  /// Whether an answer with status 400 or 403 means a temporary problem. Only the code in its body tells.
  @Sendable private static func isPassing(_ response: HTTPResponse) -> Bool {
    guard response.status == 400 || response.status == 403, response.body.count < 8192 else { return false }
    let code = XMLText.first("Code", in: String(decoding: response.body, as: UTF8.self))
    return ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted"].contains(code)
  }

  /// Stores an object, replacing what is there.
  public func put(_ bytes: [UInt8], at key: String, contentType: String) async throws {
    var request = HTTPRequest(
      .put, url(key), headers: ["Content-Type": contentType], body: bytes, timeout: .seconds(120))
    request.label = label("PutObject", key)
    let response = try await api.send(request)
    guard response.isSuccess else { throw error("PutObject", key, response) }
  }

  /// An object's bytes; nil where there is no object. Without the permission `s3:ListBucket`, S3 answers 403 for a
  /// missing object, and this throws.
  public func object(at key: String) async throws -> [UInt8]? {
    var request = HTTPRequest(.get, url(key), timeout: .seconds(120), maximumResponseBytes: 512 << 20)
    request.label = label("GetObject", key)
    let response = try await api.send(request)
    if response.isSuccess { return response.body }
    let error = error("GetObject", key, response)
    if error.code == "NoSuchKey" { return nil }
    throw error
  }

  /// The keys that begin with a prefix, in order.
  public func keys(under prefix: String) async throws -> [String] {
    var keys: [String] = []
    var token: String?
    let operation = "ListObjectsV2 of s3://\(name)"
    var pager = Pager { AWSError(operation: operation, code: "RepeatedCursor", status: 200) }
    while true {
      var query = "list-type=2&encoding-type=url&prefix=\(prefix.percentEncoded())"
      if let token { query += "&continuation-token=\(token.percentEncoded())" }
      var request = HTTPRequest(.get, "\(base)/?\(query)")
      request.label = label("ListObjectsV2", prefix)
      let response = try await api.send(request)
      guard response.isSuccess else { throw error("ListObjectsV2", prefix, response) }
      let document = String(decoding: response.body, as: UTF8.self)
      keys += XMLText.all("Key", in: document).map { $0.replacing("+", with: " ").percentDecoded }
      guard XMLText.first("IsTruncated", in: document) == "true",
        let next = XMLText.first("NextContinuationToken", in: document)
      else { return keys }
      try pager.follow(next, rows: nil)
      token = next
    }
  }

  private func url(_ key: String) -> String { "\(base)/\(key.percentEncoded(keeping: "/"))" }

  private func error(_ operation: String, _ key: String, _ response: HTTPResponse) -> AWSError {
    let document = String(decoding: response.body.prefix(4096), as: UTF8.self)
    let code = VendorCode(XMLText.first("Code", in: document))?.description
    return AWSError(
      operation: "\(operation) of s3://\(name)/\(key)", code: code ?? "HTTP \(response.status)",
      status: response.status, requestID: response.headers["x-amz-request-id"],
      advice: regionAdvice(response, document) ?? AWSError.clockAdvice(code, response, now: time.wall()))
  }

  /// Advice, if S3 says that the bucket is in another region; else nil.
  private func regionAdvice(_ response: HTTPResponse, _ document: String) -> String? {
    guard let other = response.headers["x-amz-bucket-region"] ?? XMLText.first("Region", in: document), other != region,
      other.utf8.count <= 30,
      other.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "-") })
    else { return nil }
    return
      "the bucket is in \(other), the requests go to \(region): name a bucket of \(region) in REPORTS_BUCKET, or run in \(other)"
  }

  private func label(_ operation: String, _ key: String) -> String {
    let host = base.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
    return "\(operation) of s3://\(name)/\(key) (S3, \(host))"
  }

  /// Throws where the bucket does not exist or the identity may not list it.
  public func checkAccess() async throws {
    var request = HTTPRequest(.get, "\(base)/?list-type=2&max-keys=1")
    request.label = label("ListObjectsV2", "")
    let response = try await api.send(request)
    guard response.isSuccess else { throw error("ListObjectsV2", "", response) }
  }
}
