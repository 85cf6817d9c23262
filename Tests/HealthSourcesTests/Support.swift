import Formats
import HTTPClient
import HealthModel
import HealthSources
import Intercom
import Jira
import Salesforce
import TestSupport
import Time

let october = Extraction(
  period: Period(year: 2026, month: 10), asOf: Period(year: 2026, month: 10).end, isCurrent: true,
  accounts: [
    MappedAccount(
      line: 2, salesforceID: SalesforceID("001SBx000000001YAA"), name: "One", segment: .paid, intercomCompanyID: "c1",
      lookerCustomerID: "9000", jiraProject: "STAY", jiraComponent: "Sample 0001"),
    MappedAccount(
      line: 3, salesforceID: SalesforceID("001SBx000000002YAA"), name: "Two", segment: .standard,
      intercomCompanyID: "c2",
      lookerCustomerID: "9001", jiraProject: "STAY", jiraComponent: "Sample 0002"),
    MappedAccount(line: 4, salesforceID: nil, name: "Three", segment: .standard),
  ])

let generous = RateLimit(requests: 10_000, window: .seconds(1), maximumConcurrency: 8)

func api(_ transport: ScriptedTransport) -> APIClient {
  APIClient(transport: transport, limiter: RateLimiter(generous), time: VirtualTime().source)
}

extension HealthSource {
  /// Reads all slices as the job does, and continues after one that fails.
  func observeAll() async throws -> SourceObservations {
    let plan = try await plan()
    var partial = plan.found
    var failed: [Slice] = []
    for slice in plan.slices {
      do {
        partial.merge(try await read(slice))
      } catch {
        failed.append(slice)
      }
    }
    return try await observe(partial, failed: failed)
  }
}

extension Shipped {
  static func rules<Source: HealthSource>(_ source: Source.Type) throws -> Source.Rules {
    try configuration().rules[source]
  }
}

extension IntercomSource {
  /// Without the months before, unless a test is about trends.
  init(
    _ transport: ScriptedTransport, _ extraction: Extraction = october, readsTrends: Bool = false,
    readsText: Bool = false
  ) throws {
    var rules = try Shipped.rules(IntercomSource.self)
    rules.readsTrends = readsTrends
    rules.readsText = readsText
    let client = IntercomClient(
      api: api(transport), credentials: IntercomCredentials(baseURL: "https://intercom.example", token: "t"),
      options: rules.client)
    self.init(client: client, rules: rules, extraction: extraction)
  }
}

extension JiraSource {
  init(
    _ transport: ScriptedTransport, email: Secret = "e", token: Secret = "t", _ extraction: Extraction = october
  ) throws {
    let client = JiraClient(
      api: api(transport), credentials: JiraCredentials(baseURL: "https://jira.example", email: email, token: token))
    self.init(client: client, rules: try Shipped.rules(JiraSource.self), extraction: extraction)
  }
}

extension SalesforceClient {
  init(_ transport: ScriptedTransport) throws {
    self.init(
      api: api(transport),
      credentials: .clientCredentials(loginURL: "https://login.example", clientID: "i", clientSecret: "s"),
      session: SalesforceSession(), options: try Shipped.rules(SalesforceSource.self).client)
  }
}

extension SalesforceSource {
  init(_ transport: ScriptedTransport, _ extraction: Extraction = october) throws {
    self.init(
      client: try SalesforceClient(transport), rules: try Shipped.rules(SalesforceSource.self), extraction: extraction)
  }
}

extension IntercomSource {
  /// What is measured over the month, without what the shipped configuration turns off.
  static let monthly = metrics.filter { !Metric.trends.contains($0) && $0 != .negativeConversations }
}
