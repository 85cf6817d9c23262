import Concurrency
import Connectors
import HTTPClient
import Salesforce
import TestSupport
import Testing

private func client(
  _ transport: ScriptedTransport,
  _ credentials: SalesforceCredentials = .clientCredentials(
    loginURL: "https://login.example", clientID: "i", clientSecret: "planted-secret")
) -> SalesforceClient {
  let limit = RateLimit(requests: 10_000, window: .seconds(1), maximumConcurrency: 8)
  return SalesforceClient(
    api: APIClient(transport: transport, limiter: RateLimiter(limit), time: VirtualTime().source),
    credentials: credentials, session: SalesforceSession(),
    options: SalesforceOptions(apiVersion: "66.0", soapVersion: "64.0", rateLimit: limit))
}

/// An org that logs everyone in.
private func org(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) -> ScriptedTransport {
  ScriptedTransport { request in
    try request.url.hasSuffix("/oauth2/token") ? .fixture("salesforce/token.json") : answer(request)
  }
}

/// The client against answers as Salesforce documents them.
@Suite struct SalesforceClientTests {
  private let payments = SalesforceQuery(
    ["Id", "Account__c", "Payment_Date__c", "Status__c"], from: "Payment_Record__c", where: [])

  private func rows(_ transport: ScriptedTransport) async throws -> ([SalesforceRow], Received) {
    var (rows, received) = ([SalesforceRow](), Received())
    try await client(transport).rows(payments, received: &received) { row, _ in rows.append(row) }
    return (rows, received)
  }

  @Test func aQueryIsFollowedToItsEnd() async throws {
    let transport = org { request in
      try .fixture("salesforce/query-\(request.url.contains("0r8SBx000000001YAA-3") ? 2 : 1).json")
    }
    let (rows, received) = try await rows(transport)
    #expect(rows.count == 6 && received.announced == 6 && received.pages == 2 && received.lost == 0)
    #expect(rows[0].value("id")?.text == "a01SBx000000001YAA")
    #expect(transport.requests[1].headers["Authorization"] == "Bearer 00DSBx000000001!AQsampleToken.0001_x")
    #expect(transport.requests[2].url.hasPrefix("https://org.example/services/data/v66.0/query/"))
  }

  @Test func aDroppedCursorIsContinuedByKey() async throws {
    let transport = org { request in
      if request.url.contains("0r8SBx000000001YAA-3") {
        return try .fixture("salesforce/error-400-query-locator.json", status: 400)
      }
      return try .fixture(
        request.url.contains("ORDER%20BY") ? "salesforce/query-empty.json" : "salesforce/query-1.json")
    }
    // The first page has three of six; what is asked for behind them is not there any more.
    let (rows, _) = try await rows(transport)
    #expect(rows.count == 3)
  }

  @Test(arguments: [
    ("error-400-malformed-query", 400, "MALFORMED_QUERY", 1), ("error-403-daily", 403, "REQUEST_LIMIT_EXCEEDED", 1),
    ("error-400-too-long", 400, "REQUEST_RUNNING_TOO_LONG", 5),
    ("error-403-concurrent", 403, "REQUEST_LIMIT_EXCEEDED", 5),
  ])
  func aRefusalIsRepeatedWhereItPasses(_ file: String, _ status: Int, _ code: String, _ tries: Int) async throws {
    let transport = org { _ in try .fixture("salesforce/\(file).json", status: status) }
    let error = await #expect(throws: SalesforceRefusal.self) { _ = try await rows(transport) }
    #expect(error?.code == code)
    #expect(transport.requests.count { $0.url.contains("/query") } == tries)
  }

  @Test func aSessionIsRenewedOnce() async throws {
    let transport = org { _ in try .fixture("salesforce/error-401.json", status: 401) }
    await #expect(throws: SalesforceRefusal.self) { _ = try await rows(transport) }
    #expect(transport.requests.count { $0.url.hasSuffix("/token") } == 2)
  }

  @Test func anObjectIsDescribed() async throws {
    let transport = org { request in
      if request.url.contains("Nothing__c") { return try .fixture("salesforce/error-404.json", status: 404) }
      return try .fixture(
        "salesforce/describe-\(request.url.contains("History") ? "account-history" : "opportunity").json")
    }
    let history = try #require(await client(transport).describe("Account_History__c"))
    #expect(history.field("ARR__c")?.name == "Arr__c" && !history.hasCurrencies)
    let opportunity = try #require(await client(transport).describe("Opportunity"))
    #expect(opportunity.mismatch("Type", ["Amendment"]) == nil)
    #expect(opportunity.mismatch("Type", ["Elsewhere"])?.contains("Renewal") == true)
    #expect(try await client(transport).describe("Nothing__c") == nil)
  }

  @Test func theUsersCurrencyIsAskedFor() async throws {
    let transport = org { _ in try .fixture("salesforce/query-user-currency.json") }
    #expect(try await client(transport).currency() == "EUR")
  }

  @Test(arguments: [
    ("token-error", "SF_LOGIN_URL"), ("token-error-ip", "IP"), ("token-error-user", "run-as user"),
    ("token-error-client", "SF_CLIENT_SECRET"), ("token-error-bare", "Client Credentials Flow"),
  ])
  func aRefusedLoginSaysWhatToDo(_ file: String, _ advice: String) async throws {
    let transport = ScriptedTransport { _ in try .fixture("salesforce/\(file).json", status: 400) }
    let error = await #expect(throws: SourceError.self) { try await client(transport).checkLogin() }
    #expect(error?.kind == .refused && error?.message.contains(advice) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("planted") == false && transport.requests.count == 1)
  }
}

/// The older login, by SOAP.
@Suite struct SOAPLoginTests {
  private let password = SalesforceCredentials.password(
    loginURL: "https://login.example", username: "sample@org.example", password: "p&<w", securityToken: "tok")

  @Test func aSessionIsReadOutOfTheEnvelope() async throws {
    let transport = ScriptedTransport { request in
      try request.url.contains("/Soap/")
        ? .fixture("salesforce/soap-login.xml") : .fixture("salesforce/query-limit-1.json")
    }
    #expect(try await client(transport, password).hasRows("Account"))
    #expect(transport.requests[0].text.contains("<n1:password>p&amp;&lt;wtok</n1:password>"))
    // Its entity is resolved, and the API's own host taken for the org's.
    #expect(transport.requests[1].headers["Authorization"] == "Bearer 00DSBx000000001!AQsampleSession.0001_x&y")
    #expect(transport.requests[1].url.hasPrefix("https://org.example/services/data/v66.0/"))
  }

  @Test(arguments: [
    ("soap-fault", SourceError.Kind.refused, "INVALID_LOGIN"),
    ("soap-fault-unavailable", .unavailable, "SERVER_UNAVAILABLE"),
    ("soap-fault-disabled", .refused, "INVALID_OPERATION"),
  ])
  func aFaultIsNeverRepeated(_ file: String, _ kind: SourceError.Kind, _ code: String) async throws {
    let transport = ScriptedTransport { _ in try .fixture("salesforce/\(file).xml", status: 500) }
    let error = await #expect(throws: SourceError.self) { try await client(transport, password).checkLogin() }
    #expect(error?.kind == kind && error?.message.contains(code) == true, "\(error?.message ?? "")")
    #expect(transport.requests.count == 1)
  }
}

/// Writing by external id, in small numbers and in bulk.
@Suite struct SalesforceUpsertTests {
  private func records(_ count: Int) -> [SalesforceRecord] {
    (1...count).map { number in
      let key = "001SBx00000000\(number)YAA:2026-10"
      return SalesforceRecord(
        key: key,
        values: [
          ("Health_Score_Key__c", .text(key)), ("Account__c", .text("a")), ("Tier__c", .null),
          ("Health_Score__c", .number(71.5)),
        ])
    }
  }

  private func upsert(_ transport: ScriptedTransport, bulkAbove: Int) -> SalesforceUpsert {
    SalesforceUpsert(
      client: client(transport), object: "Health_Score__c", keyField: "Health_Score_Key__c", parent: "Account",
      bulkThreshold: bulkAbove)
  }

  @Test func eachRecordHasItsOutcome() async throws {
    let transport = org { request in
      // What may be repeated is sent again without the first record.
      let isFirst = request.text.contains("001SBx000000001YAA")
      return try .fixture("salesforce/collections-upsert\(isFirst ? "" : "-retry").json")
    }
    let results = await upsert(transport, bulkAbove: 100).run(records(9))
    let inOrder = records(9).map { results[$0.key] }
    #expect(inOrder[0] == .created && inOrder[1] == .updated && inOrder[2] == .created)
    #expect(inOrder[3] == .failed("FIELD_CUSTOM_VALIDATION_EXCEPTION (Tier__c)"))
    #expect(inOrder[4] == .updated && inOrder[5] == .updated)
    #expect(inOrder[7] == .failed("INVALID_CROSS_REFERENCE_KEY (Account__c)"))
    #expect(transport.requests.count { $0.method == .patch } == 2)
    #expect(transport.requests.last?.text.contains("\"Tier__c\":null") == true)
  }

  @Test func aBulkJobIsReadByItsResults() async throws {
    let jobs = Lock(0)
    let transport = org { request in
      let path = request.url.split(separator: "/").last.map { String($0) } ?? ""
      switch request.method {
      case .post:
        jobs.withLock { $0 += 1 }
        return try .fixture("salesforce/bulk-job.json")
      case .put: return HTTPResponse(status: 201)
      case .patch: return try .fixture("salesforce/bulk-job-upload-complete.json")
      default: break
      }
      let isSecond = jobs.withLock { $0 } > 1
      switch path {
      case "successfulResults": return try .fixture("salesforce/bulk-successful\(isSecond ? "-retry" : "").csv")
      case "failedResults": return try .fixture("salesforce/bulk-failed\(isSecond ? "-empty" : "").csv")
      case "unprocessedrecords": return try .fixture("salesforce/bulk-unprocessed-empty.csv")
      default: return try .fixture("salesforce/bulk-job-complete.json")
      }
    }
    let results = await upsert(transport, bulkAbove: 8).run(records(9))
    let inOrder = records(9).map { results[$0.key] }
    #expect(inOrder[0] == .created && inOrder[1] == .updated && inOrder[4] == .created && inOrder[7] == .updated)
    #expect(inOrder[5] == .failed("FIELD_CUSTOM_VALIDATION_EXCEPTION (Tier__c)"))
    #expect(inOrder[8] == .failed("INVALID_CROSS_REFERENCE_KEY (Account__c)"))
    let upload = try #require(transport.requests.first { $0.method == .put })
    #expect(upload.url.hasSuffix("/services/data/v66.0/jobs/ingest/750SBx000000001YAA/batches"))
    #expect(upload.text.contains(",#N/A,"))
  }

  @Test func aJobThatFailsAsAWholeSaysWhy() async throws {
    let transport = org { request in
      if request.method == .put { return HTTPResponse(status: 201) }
      if request.method == .post { return try .fixture("salesforce/bulk-job.json") }
      if request.method == .patch { return try .fixture("salesforce/bulk-job-upload-complete.json") }
      if request.url.contains("successfulResults") { return try .fixture("salesforce/bulk-successful-empty.csv") }
      if request.url.contains("failedResults") { return try .fixture("salesforce/bulk-failed-empty.csv") }
      if request.url.contains("unprocessed") { return try .fixture("salesforce/bulk-unprocessed.csv") }
      return try .fixture("salesforce/bulk-job-failed.json")
    }
    let results = await upsert(transport, bulkAbove: 8).run(records(9))
    #expect(results[records(9)[0].key] == .failed("not processed: InvalidBatch"))
    #expect(results[records(9)[8].key] == .failed("the bulk job failed as a whole: InvalidBatch"))
    #expect(transport.requests.count { $0.method == .post && $0.url.contains("/jobs/") } == 1)
  }
}
