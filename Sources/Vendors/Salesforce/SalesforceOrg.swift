import HTTPClient

/// One org, for reading and for writing.
public struct SalesforceOrg: Sendable {
  let client: SalesforceClient

  /// - Parameter session: Keeps the login between runs.
  public init(
    api: APIClient, credentials: SalesforceCredentials, session: SalesforceSession, options: SalesforceOptions
  ) {
    client = SalesforceClient(
      api: api, login: SalesforceLogin(api: api, credentials: credentials, soapVersion: options.soapVersion),
      session: session, apiVersion: options.apiVersion)
  }

  /// - Throws: ``SourceError`` of kind `refused` where the credentials are wrong.
  public func checkLogin() async throws { try await client.checkLogin() }
}
