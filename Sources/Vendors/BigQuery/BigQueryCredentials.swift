import ConfigurationReading
import Formats
import HTTPClient

/// A project, and the service account that may query it.
public struct BigQueryCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefixes = ["BIGQUERY_", "GOOGLE_OAUTH_"]

  /// Without `/bigquery/v2`.
  public var baseURL: String
  public var project: String
  public var clientEmail: Secret
  /// PEM of an RSA key.
  public var privateKey: Secret
  public var keyID: String?
  /// The token's audience, as the service account's file has it.
  public var audience: String
  /// Where tokens are given out.
  public var tokenURL: String

  private struct ServiceAccount: Decodable {
    let clientEmail: String
    let privateKey: String
    let keyID: String?
    let tokenURI: String?

    private enum CodingKeys: String, CodingKey {
      case clientEmail = "client_email"
      case privateKey = "private_key"
      case keyID = "private_key_id"
      case tokenURI = "token_uri"
    }
  }

  /// `BIGQUERY_PROJECT`, `BIGQUERY_CREDENTIALS` (the JSON of a service account, or the path of its file),
  /// `BIGQUERY_BASE_URL` and `GOOGLE_OAUTH_BASE_URL`; nil where one of the first two is not set, or can't be used, which is
  /// noted.
  ///
  /// - Parameter readFile: A file's text; nil where it can't be read.
  public init?(_ reader: inout VariableReader, readFile: (String) -> String?) {
    guard let values = reader.all("BigQuery", ["BIGQUERY_PROJECT", "BIGQUERY_CREDENTIALS"]) else { return nil }
    let isProject = values[0].utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_.:".utf8.contains($0) }
    if !isProject { reader.problems.append("BIGQUERY_PROJECT: expected a project's id, such as my-project-1234") }
    guard let json = values[1].hasPrefix("{") ? values[1] : readFile(values[1]) else {
      reader.problems.append(
        "BIGQUERY_CREDENTIALS: the file can't be read; expected a service account's JSON, or its file")
      return nil
    }
    guard let account = try? JSONBody.decode(ServiceAccount.self, from: Array(json.utf8)) else {
      reader.problems.append(
        "BIGQUERY_CREDENTIALS: expected the JSON of a service account's key, with client_email and private_key")
      return nil
    }
    let own = account.tokenURI ?? "https://oauth2.googleapis.com/token"
    guard isProject else { return nil }
    let url = reader.url("BIGQUERY_BASE_URL") ?? "https://bigquery.googleapis.com"
    baseURL = url.hasSuffix("/bigquery/v2") ? String(url.dropLast(12)) : url
    project = values[0]
    clientEmail = Secret(account.clientEmail)
    privateKey = Secret(account.privateKey)
    keyID = account.keyID
    audience = own
    tokenURL = reader.url("GOOGLE_OAUTH_BASE_URL").map { $0 + "/token" } ?? own
    guard (try? SignedAssertion.key(privateKey)) != nil else {
      reader.problems.append("BIGQUERY_CREDENTIALS: private_key is no RSA key in PEM form")
      return nil
    }
    let isHere = ["http://127.0.0.1:", "http://localhost:"].contains(where: tokenURL.hasPrefix)
    guard tokenURL.hasPrefix("https://") || isHere || reader.environment["GOOGLE_OAUTH_BASE_URL"] != nil else {
      reader.problems.append("BIGQUERY_CREDENTIALS: token_uri: expected an https URL")
      return nil
    }
  }
}
