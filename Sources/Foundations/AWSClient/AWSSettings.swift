import Formats
import HTTPClient

/// Who signs a request. Printing shows the key id only.
public struct AWSCredentials: Sendable, Equatable {
  /// As in `AWS_ACCESS_KEY_ID`; not secret.
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

/// Region, endpoints and identity, from the variables and files that AWS's SDKs read.
public struct AWSSettings: Sendable {
  /// Used where neither the environment nor the profile names a region.
  public static let defaultRegion = "eu-west-1"

  /// `AWS_REGION`, else `AWS_DEFAULT_REGION`, else the `region` of the profile.
  public var region: String
  /// Whose credentials sign the requests.
  public var identity: AWSIdentity
  /// `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`. Absolute, without a slash at the end; nil for AWS's own.
  public var dynamoDBEndpoint: String?
  /// `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`; form and nil as for DynamoDB.
  public var s3Endpoint: String?
  /// `AWS_ENDPOINT_URL_STS`, else `AWS_ENDPOINT_URL`; form and nil as for DynamoDB.
  public var stsEndpoint: String?
  /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, else `AWS_ENDPOINT_URL`; form and nil as for DynamoDB.
  public var secretsManagerEndpoint: String?
  /// Keeps temporary credentials until shortly before they expire.
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
  /// - Throws: ``AWSIdentityError`` for an identity that can't be used, or an unknown region.
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
    secretsManagerEndpoint = endpoint("SECRETS_MANAGER")
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

  /// Whether the name looks like a region of a partition whose host names are known. New regions fit the pattern.
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

  /// `amazonaws.com`; `amazonaws.com.cn` in AWS's China partition.
  var domain: String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}
