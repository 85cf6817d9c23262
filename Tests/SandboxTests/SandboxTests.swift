import Formats
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing
import Time

/// The fake vendors enforce the documented limits and answer in the documented formats.
@Suite struct SandboxTests {
  private let services = SandboxServices(
    world: SandboxWorld(period: Period(year: 2026, month: 10)), time: VirtualTime().source)

  private func send(
    _ method: HTTPMethod, _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
  ) async -> (status: Int, text: String) {
    let response = await services.respond(
      to: HTTPRequest(method, path, headers: headers, body: body.map { Array($0.utf8) }), base: "http://sandbox.example"
    )
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  private let intercom: HTTPFields = ["Authorization": "Bearer sandbox-intercom-token"]
  private let salesforce: HTTPFields = ["Authorization": "Bearer 00Dsandbox!token"]

  @Test func theShippedMappingFitsTheWorld() throws {
    let shipped = String(decoding: try Shipped.bytes("account_mapping.csv"), as: UTF8.self)
    #expect(
      services.world.mapping == shipped, "write it anew: healthscore sandbox --write-mapping config/account_mapping.csv"
    )
  }

  @Test func aWorldIsTheSameEveryTimeAndInEveryMonth() async throws {
    func total(_ period: Period) async throws -> Int {
      let query =
        #"{"query":{"operator":"OR","value":[{"operator":"AND","value":[{"field":"created_at","operator":">","value":\#(period.start.seconds - 1)},{"field":"created_at","operator":"<","value":\#(period.end.seconds)}]}]},"pagination":{"per_page":1}}"#
      let answer = await send(.post, "/intercom/conversations/search", query, headers: intercom)
      let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
      return try #require(object?["total_count"] as? Int)
    }
    let october = try await total(Period(year: 2026, month: 10))
    let february = try await total(Period(year: 2024, month: 2))
    #expect(october > 1000)
    #expect(october == february)
  }

  @Test(arguments: [
    #"{"query":{"field":"created_at","operator":">","value":1},"pagination":{"per_page":151}}"#,
    #"{"pagination":{"per_page":10}}"#,
    #"{"query":{"operator":"AND","value":[{"operator":"OR","value":[{"operator":"AND","value":[{"field":"id","operator":"=","value":"1"}]}]}]},"pagination":{"per_page":10}}"#,
  ])
  func intercomRefusesWhatIsBeyondItsLimits(_ body: String) async {
    #expect(await send(.post, "/intercom/conversations/search", body, headers: intercom).status == 400)
  }

  @Test func intercomThrottlesWithinItsWindow() async {
    var statuses: [Int] = []
    for _ in 0..<1700 {
      statuses.append(await send(.get, "/intercom/companies?company_id=x", headers: intercom).status)
    }
    #expect(statuses.prefix(1666).allSatisfy { $0 == 404 })
    #expect(statuses.dropFirst(1666).allSatisfy { $0 == 429 })
  }

  @Test(arguments: [
    ("/intercom/companies/list", 401), ("/jira/rest/api/3/myself", 401), ("/looker/api/4.0/looks/171/run/json", 401),
    ("/salesforce/services/data/v66.0/query?q=x", 401), ("/nowhere", 404),
  ])
  func nobodyGetsInWithoutCredentials(_ path: String, _ status: Int) async {
    #expect(await send(.get, path).status == status)
  }

  @Test func jirasOldSearchIsGone() async {
    let login = Data("sandbox@sandbox.example:sandbox-jira-token".utf8).base64EncodedString()
    let answer = await send(.get, "/jira/rest/api/3/search?jql=x", headers: ["Authorization": "Basic \(login)"])
    #expect(answer.status == 410)
    #expect(answer.text.contains("/rest/api/3/search/jql"))
  }

  @Test func lookerTakesCredentialsFromTheBodyOnly() async {
    let query = "client_id=sandbox-looker-id&client_secret=sandbox-looker-secret"
    #expect(await send(.post, "/looker/api/4.0/login?\(query)").status == 404)
    #expect(await send(.post, "/looker/api/4.0/login", query).status == 200)
  }

  @Test(arguments: [
    ("SELECT Id FROM Nothing__c", "INVALID_TYPE"), ("SELECT Nope__c FROM Account", "INVALID_FIELD"),
    ("SELECT Id FROM Account WHERE (Id = 'x'", "MALFORMED_QUERY"),
  ])
  func salesforceNamesWhatIsWrong(_ soql: String, _ code: String) async {
    let answer = await send(
      .get, "/salesforce/services/data/v66.0/query?q=\(soql.percentEncoded())", headers: salesforce)
    #expect(answer.status == 400)
    #expect(answer.text.contains(code))
  }

  @Test func anUpsertHasAnOutcomeForEachRecord() async {
    let body =
      #"{"allOrNone":false,"records":[{"attributes":{"type":"Health_Score__c"},"Health_Score_Key__c":"k","Account__c":"001SBx000000001YAA"},{"attributes":{"type":"Health_Score__c"},"Health_Score_Key__c":"k2","Account__c":"001SBx999999999AAA"}]}"#
    let path = "/salesforce/services/data/v66.0/composite/sobjects/Health_Score__c/Health_Score_Key__c"
    let answer = await send(.patch, path, body, headers: salesforce)
    #expect(answer.status == 200)
    #expect(answer.text.contains(#""created":true"#))
    #expect(answer.text.contains("INVALID_CROSS_REFERENCE_KEY"))
  }

  @Test func anInvocationReachesThePollAndItsAnswerTheCaller() async {
    async let outcome = services.invoke(Array("{}".utf8))
    let poll = await services.respond(
      to: HTTPRequest(.get, "/2018-06-01/runtime/invocation/next"), base: "http://sandbox.example")
    let id = poll.headers["Lambda-Runtime-Aws-Request-Id"] ?? ""
    #expect(poll.headers["Lambda-Runtime-Deadline-Ms"] != nil)
    #expect(await send(.post, "/2018-06-01/runtime/invocation/\(id)/response", "done").status == 202)
    #expect(await outcome.body == Array("done".utf8))
    #expect(await send(.post, "/2018-06-01/runtime/invocation/\(id)/response", "again").status == 400)
  }
}
