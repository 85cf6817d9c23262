import Formats
import HTTPClient
import HealthModel
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

extension Source {
  /// Reads everything, failed slices included, as the job does.
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
