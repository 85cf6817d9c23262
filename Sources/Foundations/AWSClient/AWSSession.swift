import Dispatch
import Formats
import FoundationEssentials
import HTTPClient
import Time

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temporary credentials of an identity, kept until they expire.
typealias AWSSession = SharedLogin<AWSIdentity, AWSTemporaryCredentials>

struct AWSTemporaryCredentials: Sendable {
  var credentials: AWSCredentials
  /// Since 1970; nil where they do not expire.
  var expires: Duration?
}

/// Turns an identity into credentials that requests can be signed with.
struct AWSCredentialSource: Sendable {
  let settings: AWSSettings
  let transport: any HTTPTransport
  let time: TimeSource

  /// - Throws: ``AWSIdentityError`` or ``AWSError``.
  func credentials() async throws -> AWSCredentials {
    if case .keys(let keys) = settings.identity { return keys }
    let now = time.wall()
    return try await settings.session.access(
      // Renewed 5 minutes early, so that they do not expire during a request.
      for: settings.identity, isUsable: { $0.expires.map { $0 > now + .seconds(300) } ?? true },
      isRefusal: { $0 is AWSIdentityError }, login: { try await exchange(settings.identity) }
    ).access.credentials
  }

  private func exchange(_ identity: AWSIdentity) async throws -> AWSTemporaryCredentials {
    switch identity {
    case .keys(let keys): return AWSTemporaryCredentials(credentials: keys)
    case .role(let arn, let sessionName, let externalID, let source):
      let caller = try await exchange(source).credentials
      return try await SecurityTokenService(settings: settings, credentials: caller, transport: transport, time: time)
        .assumeRole(arn, sessionName: sessionName, externalID: externalID)
    case .process(let command):
      guard let output = await Self.output(of: command.text),
        let answer = try? JSONBody.decode(HandedOut.self, from: output)
      else {
        throw AWSIdentityError("credential_process: the program failed, or did not print the JSON of credentials")
      }
      return answer.credentials
    case .container(let url, let authorization):
      var request = HTTPRequest(.get, url, timeout: .seconds(5), connectTimeout: .seconds(2))
      if let authorization { request.headers["Authorization"] = authorization.text }
      request.label = "the container's credentials"
      let api = APIClient(
        transport: transport, limiter: RateLimiter(RateLimit(requests: 10, window: .seconds(1), maximumConcurrency: 1)),
        policy: RetryPolicy(maximumAttempts: 3), time: time)
      let response = try await api.send(request)
      guard response.isSuccess, let answer = try? response.decode(HandedOut.self) else {
        throw AWSIdentityError("the container's service gave no credentials (HTTP \(response.status))")
      }
      return answer.credentials
    }
  }

  /// The JSON that a `credential_process` prints and a container's service returns. Only the token's key differs.
  private struct HandedOut: Decodable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    let token: String?
    let expiration: String?

    private enum CodingKeys: String, CodingKey {
      case accessKeyID = "AccessKeyId"
      case secretAccessKey = "SecretAccessKey"
      case sessionToken = "SessionToken"
      case token = "Token"
      case expiration = "Expiration"
    }

    var credentials: AWSTemporaryCredentials {
      AWSTemporaryCredentials(
        credentials: AWSCredentials(
          accessKeyID: accessKeyID, secretAccessKey: Secret(secretAccessKey),
          sessionToken: (sessionToken ?? token).map { Secret($0) }),
        expires: expiration.flatMap(AWSCredentialSource.instant))
    }
  }

  static func instant(_ text: String) -> Duration? {
    (try? Date(text, strategy: .iso8601)).map { .seconds($0.timeIntervalSince1970) }
  }

  /// What a program prints; nil where it fails. Blocks a Dispatch thread, not one of Swift's own.
  private static func output(of command: String) async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        guard let pipe = popen(command, "r") else { return continuation.resume(returning: nil) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while output.count < 1 << 20 {
          let count = fread(&piece, 1, piece.count, pipe)
          guard count > 0 else { break }
          output += piece.prefix(count)
        }
        continuation.resume(returning: pclose(pipe) == 0 ? output : nil)
      }
    }
  }
}

/// The two STS calls that this product makes.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/
struct SecurityTokenService: Sendable {
  private let api: APIClient
  private let endpoint: String
  private let host: String

  init(settings: AWSSettings, credentials: AWSCredentials, transport: any HTTPTransport, time: TimeSource) {
    let signer = SigV4Signer(credentials: credentials, region: settings.region, service: "sts")
    host = "sts.\(settings.region).\(settings.domain)"
    endpoint = settings.stsEndpoint ?? "https://\(host)"
    api = APIClient(
      transport: FixedSigningTransport(transport: transport, signer: signer, time: time),
      limiter: RateLimiter(RateLimit(requests: 10, window: .seconds(1), maximumConcurrency: 1)),
      policy: RetryPolicy(maximumAttempts: 4, baseDelay: .milliseconds(100), maximumDelay: .seconds(2)), time: time)
  }

  func assumeRole(_ arn: String, sessionName: String, externalID: String?) async throws -> AWSTemporaryCredentials {
    var form = "Action=AssumeRole&Version=2011-06-15&" + .query(["RoleArn": arn, "RoleSessionName": sessionName])
    if let externalID { form += "&" + .query(["ExternalId": externalID]) }
    let document = try await send("AssumeRole", form)
    guard let id = XMLText.first("AccessKeyId", in: document),
      let secret = XMLText.first("SecretAccessKey", in: document),
      let token = XMLText.first("SessionToken", in: document)
    else { throw AWSIdentityError("STS gave no credentials for the role") }
    return AWSTemporaryCredentials(
      credentials: AWSCredentials(
        accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: Secret(token)),
      expires: XMLText.first("Expiration", in: document).flatMap(AWSCredentialSource.instant))
  }

  /// The caller's account number; `unknown` where the answer has none.
  func callerAccount() async throws -> String {
    let document = try await send("GetCallerIdentity", "Action=GetCallerIdentity&Version=2011-06-15")
    let account = XMLText.first("Account", in: document) ?? ""
    return account.isASCIINumber ? account : "unknown"
  }

  private func send(_ operation: String, _ form: String) async throws -> String {
    var request = HTTPRequest(
      .post, endpoint + "/", headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
      body: Array(form.utf8), timeout: .seconds(10), connectTimeout: .seconds(3))
    request.label = "\(operation) (STS, \(host))"
    let response = try await api.send(request)
    let document = String(decoding: response.body.prefix(16_384), as: UTF8.self)
    guard response.isSuccess else {
      throw AWSError(
        operation: operation,
        code: VendorCode(XMLText.first("Code", in: document))?.description ?? "HTTP \(response.status)",
        status: response.status, requestID: response.headers["x-amzn-RequestId"])
    }
    return document
  }
}

extension AWSSettings {
  /// Asks STS for the account number of the identity; `unknown` where the answer has none.
  ///
  /// - Throws: ``AWSIdentityError``, ``AWSError`` or `RequestFailure` where the identity can't be used.
  public func callerAccount(transport: any HTTPTransport, time: TimeSource = .system) async throws -> String {
    let credentials = try await AWSCredentialSource(settings: self, transport: transport, time: time).credentials()
    return try await SecurityTokenService(settings: self, credentials: credentials, transport: transport, time: time)
      .callerAccount()
  }
}
