import Connectors
import Foundation
import HTTPClient
import Looker
import TestSupport
import Testing

private func client(_ transport: ScriptedTransport) -> LookerClient {
  let limit = RateLimit(requests: 10_000, window: .seconds(1), maximumConcurrency: 8)
  return LookerClient(
    api: APIClient(transport: transport, limiter: RateLimiter(limit), time: VirtualTime().source),
    credentials: LookerCredentials(baseURL: "https://looker.example", clientID: "i", clientSecret: "planted-secret"),
    session: LookerSession(), time: VirtualTime().source)
}

/// An instance that logs everyone in and answers the rest with one file.
private func instance(_ file: String, status: Int = 200) -> ScriptedTransport {
  ScriptedTransport { request in
    try request.url.hasSuffix("/login")
      ? .fixture("looker/login.json") : .fixture("looker/\(file).json", status: status)
  }
}

/// The client against answers as Looker documents them.
@Suite struct LookerClientTests {
  private let columns = ["booking_summary.brand_id", "booking_summary.m_total_bookings"]

  private func run(_ transport: ScriptedTransport) async throws -> LookerTable {
    try await client(transport).run(look: "171", columns: columns, limit: -1, timeout: .seconds(60))
  }

  @Test func aLookIsATable() async throws {
    let transport = instance("look-run-171")
    let table = try await run(transport)
    #expect(table.rows.map { $0[0]?.id } == ["9000", "9001", "8000"])
    #expect(table.rows[0] == [.integer(9000), .integer(200)] && table.rows[1] == [.text("9001"), .integer(0)])
    #expect(transport.requests[1].url == "https://looker.example/api/4.0/looks/171/run/json?limit=-1")
    #expect(transport.requests[1].headers["Authorization"] == "Bearer sampleAccessToken0001")
    // The secret is in the body: query strings end up in logs.
    #expect(!transport.requests[0].url.contains("planted") && transport.requests[0].text.contains("planted-secret"))
  }

  @Test func aQueryIsSentAsDocumented() async throws {
    let transport = instance("query-run-platform-score-2026-10")
    let query = InlineQuery(
      model: "sample", view: "platform_score", fields: ["platform_score.brand_id"],
      filters: ["platform_score.month": "2026-10"], limit: -1)
    let table = try await client(transport).run(
      query, columns: ["platform_score.brand_id", "platform_score.month"], timeout: .seconds(60))
    #expect(table.rows.count == 3 && table.rows[0][1]?.month?.description == "2026-10")
    let body = try #require(
      JSONSerialization.jsonObject(with: Data(transport.requests[1].body ?? [])) as? [String: Any])
    #expect(body["limit"] as? String == "-1" && body["view"] as? String == "platform_score")
  }

  @Test func aDatabaseErrorUnderASuccessIsAskedOnceMore() async throws {
    let transport = instance("looker-error")
    let error = await #expect(throws: LookerQueryFailure.self) { try await run(transport) }
    #expect("\(error.map { "\($0)" } ?? "")" == "Look 171 failed in Looker (looker_error)")
    #expect(transport.requests.count == 3)
  }

  @Test(arguments: [("error-404", 404, SourceError.Kind.notConfigured), ("error-422", 422, .notConfigured)])
  func aRefusalIsFinal(_ file: String, _ status: Int, _ kind: SourceError.Kind) async throws {
    let transport = instance(file, status: status)
    let error = await #expect(throws: SourceError.self) { try await run(transport) }
    #expect(error?.kind == kind && transport.requests.count == 2)
  }

  @Test func wrongCredentialsAre404() async throws {
    let transport = ScriptedTransport { _ in try .fixture("looker/login-error.json", status: 404) }
    let error = await #expect(throws: SourceError.self) { try await client(transport).checkLogin() }
    #expect(error?.kind == .refused && error?.message.contains("LOOKER_CLIENT_ID") == true)
    #expect(error?.message.contains("planted") == false)
  }

  @Test(arguments: [("look", 500), ("look-cut-off", 3), ("look-all-rows", nil)])
  func aLooksLimitIsATextThere(_ file: String, _ limit: Int?) async throws {
    #expect(try await client(instance(file)).rowLimit(ofLook: "171") == limit)
  }

  @Test(arguments: ["setting", "setting-timezone"]) func theTimeZoneIsRead(_ file: String) async throws {
    #expect(try await client(instance(file)).timeZone() == "America/Chicago")
  }

  @Test func aTokenThatWasRefusedIsRenewedOnce() async throws {
    let transport = ScriptedTransport { request in
      try request.url.hasSuffix("/login") ? .fixture("looker/login.json") : HTTPResponse(status: 401)
    }
    let error = await #expect(throws: SourceError.self) { try await run(transport) }
    #expect(error?.kind == .refused)
    #expect(transport.requests.count { $0.url.hasSuffix("/login") } == 2 && transport.requests.count == 4)
  }
}
