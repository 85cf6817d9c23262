import Formats
import HTTPClient

/// Who signs a request. Printing shows the key id only.
public struct AWSCredentials: Sendable, Equatable {
  public var accessKeyID: String
  public var secretAccessKey: Secret
  /// Of temporary credentials, which Lambda's always are; nil for a user's own key.
  public var sessionToken: Secret?

  public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

/// Where AWS is and who calls it, under the names that AWS's own SDKs read.
public struct AWSSettings: Sendable {
  public static let defaultRegion = "eu-west-1"

  public var region: String
  public var identity: AWSIdentity
  /// Absolute, without a slash at the end; nil for AWS itself.
  public var dynamoDBEndpoint: String?
  public var s3Endpoint: String?
  public var stsEndpoint: String?
  /// Keeps what an identity was exchanged for.
  let session = AWSSession()

  public init(
    region: String, credentials: AWSCredentials, dynamoDBEndpoint: String? = nil, s3Endpoint: String? = nil
  ) {
    self.region = region
    identity = .keys(credentials)
    self.dynamoDBEndpoint = dynamoDBEndpoint
    self.s3Endpoint = s3Endpoint
  }

  /// From the environment and the shared files; nil where no identity is set: AWS is then not used.
  ///
  /// - Parameters:
  ///   - variable: A variable's value; nil where it is not set or empty.
  ///   - readFile: A file's text; nil where it can't be read.
  /// - Throws: ``AWSIdentityError`` for an identity that can't be used, or a region that is none.
  public init?(variable: (String) -> String?, readFile: (String) -> String?) throws {
    let files = AWSProfiles(variable: variable, readFile: readFile)
    guard let identity = try AWSIdentity.find(variable: variable, files: files) else { return nil }
    self.identity = identity
    func endpoint(_ service: String) -> String? {
      guard var text = variable("AWS_ENDPOINT_URL_\(service)") ?? variable("AWS_ENDPOINT_URL") else { return nil }
      while text.hasSuffix("/") { text.removeLast() }
      return text
    }
    dynamoDBEndpoint = endpoint("DYNAMODB")
    s3Endpoint = endpoint("S3")
    stsEndpoint = endpoint("STS")
    let profile = files.config[variable("AWS_PROFILE") ?? "default"]
    let source =
      ["AWS_REGION", "AWS_DEFAULT_REGION"].first { variable($0) != nil } ?? "region in \(files.configPath)"
    region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile?["region"] ?? Self.defaultRegion
    guard Self.isKnown(region) || (dynamoDBEndpoint != nil && s3Endpoint != nil) else {
      throw AWSIdentityError(
        "\(source): '\(region.prefix(40))' is no region of AWS's standard, China or GovCloud partitions, such as eu-west-1; elsewhere set AWS_ENDPOINT_URL too"
      )
    }
  }

  /// A region of a partition whose hosts we know. New ones follow the pattern.
  private static func isKnown(_ region: String) -> Bool {
    var parts = region.split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
    if parts.starts(with: ["us", "gov"]) { parts.remove(at: 1) }
    let continents: Set = ["af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us"]
    let directions: Set = [
      "central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west",
    ]
    return parts.count == 3 && continents.contains(parts[0]) && directions.contains(parts[1])
      && (1...2).contains(parts[2].utf8.count) && parts[2].isASCIINumber
  }

  /// `amazonaws.com`, or its Chinese partition.
  var domain: String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}
