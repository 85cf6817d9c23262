import Concurrency
import Formats
import FoundationEssentials
import HTTPClient
import HealthModel
import HealthSources
import Salesforce
import Time

/// Records written per CPU second: makes bodies and reads outcomes, with an org that answers at once.
enum Loading {
  private static let count = 2000

  static func measure(_ options: SalesforceRules) async throws -> [String: Double] {
    let scores = (1...count).map { number -> LoadableScore in
      let digits = String(number)
      let id = "001SBx" + String(repeating: "0", count: 9 - digits.count) + digits
      guard let accountID = SalesforceID(id) else { preconditionFailure("15 letters and digits are an id") }
      return LoadableScore(
        accountID: accountID, segment: .paid,
        score: HealthScore(
          health: 71.5, quantitative: 71.5, churnRisk: 70, platformValue: 73, tier: .atRisk,
          dimensions: Array(repeating: 70, count: Dimension.allCases.count),
          metrics: Metric.allCases.map { _ in MetricScore(observation: .value(12.5), score: 70, weight: 0.03) },
          coveragePercent: 98, coverage: .full, interval: nil, qualitative: Qualitative(rule: "none"),
          unscoredReason: nil, drivers: []),
        drivers: ["Median first response 3 h 10 min, target 1 h: −4.2"])
    }
    let context = LoadContext(
      period: Period(year: 2026, month: 10), scoredAt: Period(year: 2026, month: 10).end, runID: "bench")
    var figures: [String: Double] = [:]
    for (name, threshold) in [("collections", count), ("bulk", 1)] {
      let loader = try await loader(options, bulkThreshold: threshold)
      figures["\(name)_records_per_second"] = try await rate {
        let (outcomes, _) = await loader.load(scores, context: context)
        guard outcomes.allSatisfy({ $0.result == .created }) else {
          throw TransportError(.invalidRequest, "not loaded")
        }
        return outcomes.count
      }
    }
    return figures
  }

  private static func loader(_ options: SalesforceRules, bulkThreshold: Int) async throws -> HealthScoreLoader {
    let limit = RateLimit(requests: 1_000_000, window: .seconds(1), maximumConcurrency: 8)
    var scores = options.healthScores
    scores.bulkThreshold = bulkThreshold
    // Never sleeps: a bulk job is done at the first poll.
    let time = TimeSource(monotonic: TimeSource.system.monotonic, wall: TimeSource.system.wall, sleep: { _ in })
    return try await HealthScoreLoader(
      client: SalesforceClient(
        api: APIClient(
          transport: Org(fields: Array(scores.metricFields.values)), limiter: RateLimiter(limit), time: time),
        credentials: .clientCredentials(loginURL: "http://127.0.0.1", clientID: "i", clientSecret: "s"),
        session: SalesforceSession(), options: options.client),
      options: scores)
  }

  /// An org that accepts every request.
  private struct Org: HTTPTransport {
    let fields: [String]
    private let keys = Lock<[Substring]>([])

    init(fields: [String]) { self.fields = fields }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
      func json(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }
      let body = request.body ?? []
      switch request.method {
      case .post where request.url.hasSuffix("/token"):
        return json(#"{"access_token":"t","instance_url":"http://127.0.0.1"}"#)
      case .get where request.url.hasSuffix("/describe"):
        let names = ["Health_Score_Key__c", "Account__c", "Health_Score__c", "Tier__c", "Top_Drivers__c"] + fields
        return json(#"{"fields":[\#(names.map { #"{"name":"\#($0)","updateable":true}"# }.joined(separator: ","))]}"#)
      case .patch where request.url.contains("/composite/"):
        let outcome = #"{"id":"a00SBx000000001AAA","success":true,"created":true,"errors":[]}"#
        return json("[" + Array(repeating: outcome, count: 200).joined(separator: ",") + "]")
      case .put:
        let lines = String(decoding: body, as: UTF8.self).split(separator: "\n").dropFirst()
        keys.withLock { $0 = lines.map { $0.prefix { $0 != "," } } }
        return HTTPResponse(status: 201)
      case .get where request.url.contains("successfulResults"):
        let rows = keys.withLock { $0.map { "a00SBx000000001AAA,true,\($0)\n" }.joined() }
        return HTTPResponse(status: 200, body: Array(("sf__Id,sf__Created,Health_Score_Key__c\n" + rows).utf8))
      case .get where request.url.contains("Results") || request.url.contains("unprocessed"):
        return HTTPResponse(status: 200)
      default: return json(#"{"id":"750SB0000000001","state":"JobComplete"}"#)
      }
    }
  }
}
