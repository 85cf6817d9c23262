import Concurrency
import HTTPClient
import HealthConfiguration
import HealthModel
import Intercom
import Jira
import Looker
import Salesforce
import Time

/// What outlives a run in a warm environment: connections and logins, never data.
public struct VendorSessions: Sendable {
  public let transport: any HTTPTransport
  let looker = LookerSession()
  let salesforce = SalesforceSession()
  private let limiters = Lock<[SourceID: (limit: RateLimit, limiter: RateLimiter)]>([:])

  public init(transport: any HTTPTransport) { self.transport = transport }

  /// One for each vendor: runs that follow each other share its windows.
  func limiter(for source: SourceID, _ limit: RateLimit) -> RateLimiter {
    limiters.withLock { limiters in
      if let known = limiters[source], known.limit == limit { return known.limiter }
      let limiter = RateLimiter(limit)
      limiters[source] = (limit, limiter)
      return limiter
    }
  }
}

/// A source that has credentials, with the client that counts its requests.
struct ActiveSource: Sendable {
  let source: any Source
  let api: APIClient
}

/// The vendors of one run, wired to their credentials, options and the run's deadline.
struct SourceSet: Sendable {
  let credentials: Credentials
  let options: SourceOptions
  let sessions: VendorSessions
  let time: TimeSource
  /// On the monotonic clock; extraction ends by it.
  let deadline: Duration?
  /// How many processes share the vendors' limits.
  var shares = 1

  private func api(
    _ source: SourceID, _ limit: RateLimit, deadline: Duration?, policy: RetryPolicy = RetryPolicy()
  ) -> APIClient {
    APIClient(
      transport: sessions.transport, limiter: sessions.limiter(for: source, limit.share(of: shares)), policy: policy,
      time: time,
      deadline: deadline)
  }

  /// The org, nil without credentials.
  ///
  /// - Parameter deadline: Writing may take longer than reading.
  func salesforceOrg(deadline: Duration?) -> (org: SalesforceOrg, api: APIClient)? {
    guard let credentials = credentials.salesforce else { return nil }
    var policy = RetryPolicy()
    policy.retryableStatuses.insert(420)
    let api = api(.salesforce, options.salesforce.rateLimit, deadline: deadline, policy: policy)
    let org = SalesforceOrg(
      api: api, credentials: credentials, session: sessions.salesforce, options: options.salesforce)
    return (org, api)
  }

  /// The sources that have credentials, each with the client that counts its requests.
  func active(for extraction: Extraction) -> [ActiveSource] {
    var active: [ActiveSource] = []
    if let credentials = credentials.intercom {
      let api = api(.intercom, options.intercom.rateLimit, deadline: deadline)
      let source = IntercomSource(
        api: api, credentials: credentials, options: options.intercom, extraction: extraction)
      active.append(ActiveSource(source: source, api: api))
    }
    if let credentials = credentials.jira {
      let api = api(.jira, options.jira.rateLimit, deadline: deadline)
      let source = JiraSource(api: api, credentials: credentials, options: options.jira, extraction: extraction)
      active.append(ActiveSource(source: source, api: api))
    }
    if let credentials = credentials.looker {
      let policy = RetryPolicy(repeatsTimeouts: false)
      let api = api(.looker, options.looker.rateLimit, deadline: deadline, policy: policy)
      let source = LookerSource(
        api: api, credentials: credentials, session: sessions.looker, options: options.looker, extraction: extraction,
        time: time)
      active.append(ActiveSource(source: source, api: api))
    }
    if let (org, api) = salesforceOrg(deadline: deadline) {
      let source = SalesforceSource(client: org, options: options.salesforce, extraction: extraction)
      active.append(ActiveSource(source: source, api: api))
    }
    return active
  }

  /// All sources at once; each has an outcome, whatever becomes of it.
  func extract(_ extraction: Extraction, with extractor: Extractor) async -> [SourceID: SourceOutcome] {
    var outcomes: [SourceID: SourceOutcome] = [:]
    await concurrently(active(for: extraction)) { active in
      await extractor.extract(active.source, api: active.api)
    } each: { active, result in
      if case .success(let outcome) = result { outcomes[active.source.id] = outcome }
    }
    return completed(outcomes, for: extraction)
  }

  /// With an outcome for the sources that have none: they have no credentials.
  func completed(_ outcomes: [SourceID: SourceOutcome], for extraction: Extraction) -> [SourceID: SourceOutcome] {
    var outcomes = outcomes
    for id in SourceID.allCases where outcomes[id] == nil { outcomes[id] = inactive(id, extraction) }
    return outcomes
  }

  /// A source without credentials is not configured; there is nowhere that signals could be.
  private func inactive(_ id: SourceID, _ extraction: Extraction) -> SourceOutcome {
    var facts = AccountFacts(
      observations: Dictionary(uniqueKeysWithValues: id.metrics.map { ($0, .missing(.notConfigured)) }))
    var warnings = ["\(id.title) is inactive: no credentials are set; its metrics are not configured"]
    if id == .salesforce {
      facts.signals = .known([])
      warnings.append("churn signals are not considered: Salesforce is inactive")
    }
    return SourceOutcome(
      accounts: Array(repeating: facts, count: extraction.accounts.count), report: .init(status: .inactive),
      received: Received(), warnings: warnings)
  }
}
