/// Who signs a request.
///
/// The secret has no description: interpolating the value shows the key id only.
public struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
  public var accessKeyID: String
  public var secretAccessKey: String
  /// Of temporary credentials, which Lambda's always are.
  public var sessionToken: String?

  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  public var description: String { "AWS credentials \(accessKeyID)" }
  public var debugDescription: String { description }
}

/// Where AWS is and who calls it, under the names that AWS's own SDKs read.
public struct AWSSettings: Sendable, Equatable {
  public static let defaultRegion = "eu-west-1"

  public var region: String
  public var credentials: AWSCredentials
  /// Absolute, without a slash at the end; nil for AWS itself.
  public var dynamoDBEndpoint: String?
  public var s3Endpoint: String?

  public init(
    region: String, credentials: AWSCredentials, dynamoDBEndpoint: String? = nil, s3Endpoint: String? = nil
  ) {
    self.region = region
    self.credentials = credentials
    self.dynamoDBEndpoint = dynamoDBEndpoint
    self.s3Endpoint = s3Endpoint
  }

  /// From the environment, else from the shared credentials and config files' profile (`AWS_PROFILE`, `default`).
  ///
  /// Nil where neither has a key: AWS is then not used. Profiles that assume a role or sign in by SSO have none; export
  /// theirs with `aws configure export-credentials --format env`.
  ///
  /// - Parameters:
  ///   - variable: A variable's value; nil where it is not set or empty.
  ///   - readFile: A file's text; nil where it can't be read.
  public init?(variable: (String) -> String?, readFile: (String) -> String?) {
    let profileName = variable("AWS_PROFILE") ?? "default"
    let home = variable("HOME").map { $0 + "/.aws/" }
    func profile(_ fileVariable: String, _ name: String, _ section: String) -> [String: String] {
      guard let path = variable(fileVariable) ?? home.map({ $0 + name }), let text = readFile(path) else { return [:] }
      return AWSProfileFile.section(section, of: text)
    }
    var found: AWSCredentials?
    if let id = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY") {
      found = AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: variable("AWS_SESSION_TOKEN"))
    }
    let config = profile(
      "AWS_CONFIG_FILE", "config", profileName == "default" ? "default" : "profile \(profileName)")
    if found == nil {
      let shared = config.merging(profile("AWS_SHARED_CREDENTIALS_FILE", "credentials", profileName)) { $1 }
      if let id = shared["aws_access_key_id"], let secret = shared["aws_secret_access_key"] {
        found = AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: shared["aws_session_token"])
      }
    }
    guard let found else { return nil }
    credentials = found
    region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? config["region"] ?? Self.defaultRegion
    func endpoint(_ service: String) -> String? {
      guard var text = variable("AWS_ENDPOINT_URL_\(service)") ?? variable("AWS_ENDPOINT_URL") else { return nil }
      while text.hasSuffix("/") { text.removeLast() }
      return text
    }
    dynamoDBEndpoint = endpoint("DYNAMODB")
    s3Endpoint = endpoint("S3")
  }

  /// `amazonaws.com`, or its Chinese partition.
  var domain: String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}

/// The INI dialect of `~/.aws`.
enum AWSProfileFile {
  /// A section's settings; empty where there is no such section. Nested settings are passed over.
  static func section(_ name: String, of text: String) -> [String: String] {
    var settings: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[") {
        isInside = words(line.dropFirst().prefix { $0 != "]" }) == name
      } else if isInside, let first = line.first, !first.isWhitespace, !"#;".contains(first),
        let equals = line.firstIndex(of: "=")
      {
        let value = words(line[equals...].dropFirst())
        if !value.isEmpty { settings[words(line[..<equals]).lowercased()] = value }
      }
    }
    return settings
  }

  /// Without white space at the ends.
  private static func words(_ text: Substring) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
