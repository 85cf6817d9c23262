import ConfigurationReading
import Connectors
import HTTPClient

extension SourceID {
  public static let zendesk = SourceID("zendesk", title: "Zendesk")
}

/// A Zendesk account, and how to log in to it.
public struct ZendeskCredentials: Sendable, Equatable {
  /// Of the variables that are read here.
  public static let variablePrefix = "ZENDESK_"

  public enum Login: Sendable, Equatable {
    /// OAuth client credentials, which give a token for half an hour.
    case client(id: String, secret: Secret)
    /// An agent's address and an API token; Zendesk ends these on 2027-04-30.
    case token(email: Secret, Secret)
  }

  /// Without `/api/v2`.
  public var baseURL: String
  public var login: Login

  public init(baseURL: String, login: Login) {
    self.baseURL = baseURL
    self.login = login
  }

  /// `ZENDESK_BASE_URL` or `ZENDESK_SUBDOMAIN`, and `ZENDESK_CLIENT_ID` and `ZENDESK_CLIENT_SECRET`, or `ZENDESK_EMAIL` and
  /// `ZENDESK_API_KEY`; nil where a part is missing.
  public init?(_ reader: inout VariableReader) {
    let environment = reader.environment
    let names = [
      "ZENDESK_BASE_URL", "ZENDESK_SUBDOMAIN", "ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET", "ZENDESK_EMAIL",
      "ZENDESK_API_KEY",
    ]
    guard names.contains(where: { environment[$0] != nil }) else { return nil }
    let url: String
    if environment["ZENDESK_BASE_URL"] != nil {
      guard let text = reader.url("ZENDESK_BASE_URL") else { return nil }
      url = text.hasSuffix("/api/v2") ? String(text.dropLast(7)) : text
    } else if environment["ZENDESK_SUBDOMAIN"] != nil {
      url = "https://\(reader.name("ZENDESK_SUBDOMAIN", default: "")).zendesk.com"
    } else {
      reader.warnings.append("Zendesk is inactive: ZENDESK_BASE_URL or ZENDESK_SUBDOMAIN is not set")
      return nil
    }
    if let id = environment["ZENDESK_CLIENT_ID"], let secret = environment["ZENDESK_CLIENT_SECRET"] {
      self.init(baseURL: url, login: .client(id: id, secret: Secret(secret)))
    } else if let email = environment["ZENDESK_EMAIL"], let token = environment["ZENDESK_API_KEY"] {
      reader.warnings.append(
        "Zendesk ends API tokens on 2027-04-30; set ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET in place of ZENDESK_API_KEY"
      )
      self.init(baseURL: url, login: .token(email: Secret(email), Secret(token)))
    } else {
      reader.warnings.append(
        "Zendesk is inactive: neither ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET nor ZENDESK_EMAIL and ZENDESK_API_KEY are set"
      )
      return nil
    }
  }
}

/// How often Zendesk may be asked.
public enum ZendeskOptions {
  /// The smallest plan's, for all calls together.
  public static let rateLimit = RateLimit(requests: 200, window: .seconds(60), maximumConcurrency: 6)

  /// Incremental exports alone.
  public static let exportWindow = RateLimit.Window(requests: 10, length: .seconds(60))

  /// The most pages that are read of an export that looks for old tickets.
  static let oldestPages = 8

  public static let policy = RetryPolicy(retryableStatuses: [408, 409, 425, 429, 500, 502, 503, 504])
}
