import Formats
import HTTPClient
import Time

/// Reads and writes secrets whose text is a JSON object, a key for each variable.
///
/// https://docs.aws.amazon.com/secretsmanager/latest/apireference/
public struct SecretsManager: Sendable {
  private let api: APIClient
  private let endpoint: String
  private let time: TimeSource

  public init(settings: AWSSettings, transport: any HTTPTransport, time: TimeSource = .system) {
    self.time = time
    endpoint = settings.secretsManagerEndpoint ?? "https://secretsmanager.\(settings.region).\(settings.domain)"
    api = APIClient(
      transport: SigningTransport("secretsmanager", settings: settings, transport: transport, time: time),
      limiter: RateLimiter(RateLimit(requests: 10, window: .seconds(1), maximumConcurrency: 1)), time: time)
  }

  /// The variables of a secret.
  ///
  /// - Parameter name: Its name or ARN.
  /// - Throws: ``AWSError``, also where the secret is no JSON object of texts.
  public func variables(of name: String) async throws -> [String: Secret] {
    let answer = try await send("GetSecretValue", ["SecretId": name], about: name)
    guard let text = try? answer.decode(Value.self).SecretString,
      let values = try? JSONBody.decode([String: String].self, from: Array(text.utf8))
    else {
      throw AWSError(
        operation: "GetSecretValue of \(name)", code: "NotAnObject", status: 200,
        advice: "expected a secret whose text is a JSON object, a key for each variable")
    }
    return values.mapValues { Secret($0) }
  }

  /// Replaces the variables of a secret.
  ///
  /// - Throws: ``AWSError``; the secret is then as it was.
  public func set(_ variables: [String: Secret], of name: String) async throws {
    let text = String(decoding: try JSONBody.encode(variables.mapValues(\.text)), as: UTF8.self)
    // A retry with the same token makes no second version.
    let token = String(ContentHash.sha256(Array("\(name) \(time.now) \(text)".utf8)).prefix(64))
    _ = try await send(
      "PutSecretValue", ["SecretId": name, "SecretString": text, "ClientRequestToken": token], about: name)
  }

  private struct Value: Decodable {
    let SecretString: String
  }

  private struct Failure: Decodable {
    let __type: String?
  }

  private func send(_ operation: String, _ body: [String: String], about name: String) async throws -> HTTPResponse {
    var request = HTTPRequest(
      .post, endpoint + "/",
      headers: ["Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.\(operation)"],
      body: try JSONBody.encode(body), timeout: .seconds(15), connectTimeout: .seconds(5))
    request.label = "\(operation) of \(name) (Secrets Manager)"
    let response = try await api.send(request)
    if response.isSuccess { return response }
    let type = (try? response.decode(Failure.self))?.__type?.split(separator: "#").last.map(String.init)
    let code = VendorCode(type)?.description ?? "HTTP \(response.status)"
    throw AWSError(
      operation: "\(operation) of \(name)", code: code, status: response.status,
      requestID: response.headers["x-amzn-RequestId"],
      advice: code == "ResourceNotFoundException"
        ? "create the secret first, as deploy/README.md says"
        : AWSError.clockAdvice(code, response, now: time.wall()))
  }
}
