import BILL
import BigQuery
import Concurrency
import ConfigurationReading
import Connectors
import CryptoExtras
import Foundation
import HTTPClient
import HubSpot
import SimpleFIN
import Smartlead
import TestSupport
import Testing
import Time
import Zendesk

/// What each client makes of its vendor's documented answers, and what it sends for them.
@Suite struct DocumentedAnswersTests {
  private static let limit = RateLimit(requests: 1000, window: .seconds(1), maximumConcurrency: 4)

  private func api(
    _ transport: ScriptedTransport, time: TimeSource = VirtualTime().source,
    verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) -> APIClient {
    APIClient(transport: transport, limiter: RateLimiter(Self.limit), time: time, verdict: verdict)
  }

  /// Answers the first route whose text is in the URL.
  private func routes(_ routes: KeyValuePairs<String, String>) -> ScriptedTransport {
    let routes = routes.map { ($0.key, $0.value) }
    return ScriptedTransport { request in
      guard let file = routes.first(where: { request.url.contains($0.0) })?.1 else { return .json("{}", status: 404) }
      return try .fixture(file)
    }
  }

  // MARK: SimpleFIN

  @Test(arguments: [
    "https://user:p%40ss@bridge.example/simplefin", "http://user:p%40ss@127.0.0.1:8080/simplefin/",
    "http://user:p%40ss@localhost/x",
  ])
  func anAccessURLIsTakenApart(_ text: String) throws {
    let credentials = try #require(SimpleFINCredentials(accessURL: text))
    #expect(credentials.user.text == "user" && credentials.password.text == "p@ss" && !credentials.root.contains("@"))
    #expect(!credentials.root.hasSuffix("/"))
  }

  @Test(arguments: [
    "http://user:pass@bridge.example/simplefin", "https://bridge.example/simplefin", "https://user@bridge.example/x",
    "https://:pass@bridge.example", "ftp://user:pass@bridge.example", "https://user:pass@", "https://user:pass@h/?q",
    "",
    "http://user:pass@127.0.0.1.evil.example/x", "https://user:pass@h/a b",
  ])
  func whatIsNoAccessURLIsRefused(_ text: String) {
    #expect(SimpleFINCredentials(accessURL: text) == nil)
    var reader = VariableReader(environment: Environment(["SIMPLEFIN_ACCESS_URL": text]))
    #expect(SimpleFINCredentials(&reader) == nil)
    #expect(
      text.isEmpty
        || reader.problems.contains { $0.hasPrefix("SIMPLEFIN_ACCESS_URL: expected https") && !$0.contains("pass@") })
  }

  @Test func balancesOfBothVersions() async throws {
    for (file, ids, problems) in [
      ("simplefin/accounts-v2.json", ["ACT-1", "ACT-2"], 2), ("simplefin/accounts-v1.json", ["2930002"], 1),
    ] {
      let transport = ScriptedTransport { _ in try .fixture(file) }
      let credentials = try #require(SimpleFINCredentials(accessURL: "https://u:p@bridge.example/simplefin"))
      let set = try await SimpleFINClient(api: api(transport), credentials: credentials).accounts {}
      #expect(set.accounts.map(\.id) == ids && set.problems.count == problems && set.unreadable == 0)
      let request = try #require(transport.requests.first)
      #expect(request.url == "https://bridge.example/simplefin/accounts?balances-only=1&version=2")
      #expect(request.headers["Authorization"] == "Basic dTpw")
    }
    let transport = ScriptedTransport { _ in try .fixture("simplefin/accounts-v2.json") }
    let set = try await SimpleFINClient(
      api: api(transport), credentials: try #require(SimpleFINCredentials(accessURL: "https://u:p@h/x"))
    ).accounts {}
    #expect(set.accounts[0].balance == "512340.55" && set.accounts[0].balanceDate == Timestamp(seconds: 1_767_139_200))
    #expect(set.problems.map(\.code) == ["con.auth", "act.failed"] && set.problems.map(\.accountID) == [nil, "ACT-2"])
  }

  // MARK: Smartlead

  @Test func campaignsWithTextsForNumbers() async throws {
    let transport = routes([
      "/analytics?": "smartlead/analytics.json", "/statistics?": "smartlead/statistics.json",
      "/email-accounts?": "smartlead/email-accounts.json", "/campaigns/?": "smartlead/campaigns.json",
    ])
    let client = SmartleadClient(
      api: api(transport),
      credentials: SmartleadCredentials(baseURL: "https://server.smartlead.example/api/v1", key: "k y"))
    #expect(try await client.campaigns().map { "\($0.id) \($0.status)" } == ["4101 ACTIVE", "4102 DRAFTED"])
    let stats = try #require(try await client.leadStats(ofCampaign: "4101"))
    #expect(stats.notStarted == 75 && stats.inProgress == 30)
    let day = try #require(Timestamp(iso8601: "2026-01-05T05:00:00Z"))
    let end = Timestamp(milliseconds: day.milliseconds + 86_399_999)
    #expect(try await client.firstEmails(ofCampaign: "4101", from: day, to: end) == 17)
    #expect(
      transport.requests.last?.url
        == "https://server.smartlead.example/api/v1/campaigns/4101/statistics?api_key=k%20y&offset=0&limit=1&email_sequence_number=1&sent_time_start_date=2026-01-05%2005%3A00%3A00.000Z&sent_time_end_date=2026-01-06%2004%3A59%3A59.999Z"
    )
    let boxes = try #require(try await client.mailboxes(ofCampaign: "4101"))
    #expect(boxes.map(\.messagesPerDay) == [50, 40] && boxes.map(\.isWorking) == [true, false])
    // What it does not know is an empty object, or nothing.
    for body in ["{}", "", " \n"] {
      let empty = SmartleadClient(
        api: api(ScriptedTransport { _ in .json(body) }),
        credentials: SmartleadCredentials(baseURL: "https://x.example", key: "k"))
      #expect(try await empty.leadStats(ofCampaign: "1") == nil)
    }
  }

  @Test func aSmartleadWaitStandsInTheBody() async throws {
    let time = VirtualTime()
    let left = Lock(1)
    let transport = ScriptedTransport { _ in
      left.withLock { left in
        left -= 1
        return left >= 0
      }
        ? .json(#"{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"x","retry_after":30}}"#, status: 429)
        : .json("[]")
    }
    let client = SmartleadClient(
      api: api(transport, time: time.source, verdict: SmartleadClient.verdict(time.source)),
      credentials: SmartleadCredentials(baseURL: "https://x.example", key: "k"))
    #expect(try await client.campaigns().isEmpty)
    #expect(time.waited.contains { $0 >= .seconds(30) && $0 < .seconds(31) })
  }

  // MARK: HubSpot

  @Test(arguments: [
    ("2026-09", "/crm/objects/2026-09/meetings/search", "/crm/associations/2026-09/"),
    ("v3", "/crm/v3/objects/meetings/search", "/crm/v4/associations/"),
  ])
  func meetingsAndTheirContacts(_ version: String, _ search: String, _ associations: String) async throws {
    let transport = routes(["/search": "hubspot/search-meetings.json", "/batch/read": "hubspot/associations-207.json"])
    let client = HubSpotClient(
      api: api(transport), searchAPI: api(transport),
      credentials: HubSpotCredentials(baseURL: "https://api.hubapi.example", token: "pat"),
      options: HubSpotOptions(version: version))
    let start = try #require(Timestamp(iso8601: "2026-01-06T00:00:00Z"))
    let meetings = try await client.objects(
      "meetings", HubSpotFilter.within("hs_meeting_start_time", from: start, to: start.advanced(byDays: 1)),
      properties: ["hs_meeting_outcome"])
    #expect(meetings.map { $0["hs_meeting_outcome"] } == ["COMPLETED", nil])
    #expect(meetings[1].instant("hs_meeting_start_time") == Timestamp(iso8601: "2026-01-06T11:00:00.250Z"))
    let body = try #require(transport.requests.first?.text)
    #expect(body.contains(#"{"operator":"GTE","propertyName":"hs_meeting_start_time","value":"1767657600000"}"#))
    #expect(
      body.contains(#""sorts":[{"direction":"ASCENDING","propertyName":"hs_object_id"}]"#)
        && body.contains(#""limit":200"#))
    #expect(try await client.contacts(ofMeetings: ["301", "302"]) == ["301": ["70001", "70002"], "302": []])
    #expect(transport.requests[0].url.hasSuffix(search) && transport.requests[1].url.contains(associations))
    #expect(transport.requests[0].headers["Authorization"] == "Bearer pat")
  }

  @Test func aHubSpotLimitSaysHowLongToWait() throws {
    let response = try HTTPResponse.fixture("hubspot/error-429.json", status: 429)
    #expect(HubSpotClient.verdict(response) == .throttled(retryAfter: .seconds(1)))
    #expect(HubSpotClient.verdict(.json(#"{"policyName":"DAILY"}"#, status: 429)) == .final)
    #expect(HubSpotClient.verdict(.json("<html>", status: 429)) == .throttled(retryAfter: .seconds(10)))
    #expect(HubSpotClient.verdict(.json("{}")) == nil)
  }

  // MARK: BILL

  @Test func billsAndVendors() async throws {
    let transport = ScriptedTransport { request in
      if request.url.hasSuffix("/login") { return try .fixture("bill/login.json") }
      if request.url.contains("page=b64-opaque%3D%3D") { return .json(#"{"results":[]}"#) }
      return try .fixture(request.url.contains("/bills") ? "bill/bills.json" : "bill/vendors.json")
    }
    let client = BILLClient(
      api: api(transport),
      credentials: BILLCredentials(
        baseURL: "https://gateway.bill.example/connect", developerKey: "dev", organizationID: "008", username: "sync",
        password: "value"), session: BILLSession())
    let bills = try await client.bills(where: "paymentStatus", isOneOf: ["UNPAID"])
    #expect(bills.map(\.amount) == ["1520.1", "0.3"] && bills.map(\.isArchived) == [false, true])
    #expect(bills[0].dueDate.map { "\($0)" } == "2026-02-01" && bills[0].approvalStatus == "ASSIGNED")
    let vendors = try await client.vendors()
    #expect(vendors.map(\.hasTaxID) == [false, true] && vendors.map(\.isTracked1099) == [true, true])
    #expect(vendors[0].country == "US" && vendors[0].virtualCardStatus == "UNENROLLED")
    let login = try #require(transport.requests.first)
    #expect(login.text == #"{"devKey":"dev","organizationId":"008","password":"value","username":"sync"}"#)
    let list = try #require(transport.requests.dropFirst().first)
    #expect(list.url == "https://gateway.bill.example/connect/v3/bills?max=100&filters=paymentStatus%3Aeq%3AUNPAID")
    #expect(list.headers["devKey"] == "dev" && list.headers["sessionId"] == "sample-session")
    #expect(transport.requests.filter { $0.url.hasSuffix("/login") }.count == 1)
    #expect(BILLClient.verdict(try .fixture("bill/error.json", status: 429)) == .throttled(retryAfter: .seconds(5)))
    #expect(BILLClient.verdict(.json(#"[{"code":"BDC_1144"}]"#, status: 429)) == .final)
  }

  // MARK: Zendesk

  @Test func ticketsAndTheirReplyTimes() async throws {
    let transport = routes([
      "/oauth/tokens": "zendesk/token.json", "/search/count": "zendesk/count.json",
      "/incremental": "zendesk/cursor.json",
      "/show_many": "zendesk/show_many.json",
    ])
    let client = ZendeskClient(
      api: api(transport), exportAPI: api(transport),
      credentials: ZendeskCredentials(baseURL: "https://sample.zendesk.example", login: .client(id: "c", secret: "s")),
      session: ZendeskSession(), time: VirtualTime().source)
    #expect(try await client.count("type:ticket status<solved") == 123)
    #expect(transport.requests[1].url.hasSuffix("/api/v2/search/count?query=type%3Aticket%20status%3Csolved"))
    #expect(
      transport.requests[0].text
        == #"{"client_id":"c","client_secret":"s","grant_type":"client_credentials","scope":"read"}"#)
    let start = try #require(Timestamp(seconds: 1_767_600_000))
    let changes = try await client.changes(since: start)
    let tickets = changes.tickets.sorted { $0.id < $1.id }
    #expect(tickets.map { $0.replyTime?.calendar } == [95, nil] && tickets[0].replyTime?.business == 40)
    #expect(tickets.map(\.isUnsolved) == [false, true] && changes.isComplete)
    #expect(
      transport.requests.last?.url.hasSuffix(
        "/api/v2/incremental/tickets/cursor.json?start_time=1767600000&include=metric_sets") == true)
    #expect(transport.requests.last?.headers["Authorization"] == "Bearer sample-token")
  }

  @Test func anAPITokenIsSentAsABasicLogin() async throws {
    let transport = routes(["/search/count": "zendesk/count.json"])
    var reader = VariableReader(
      environment: Environment([
        "ZENDESK_SUBDOMAIN": "sample", "ZENDESK_EMAIL": "a@b.example", "ZENDESK_API_KEY": "t",
      ]))
    let credentials = try #require(ZendeskCredentials(&reader))
    #expect(
      reader.warnings.contains { $0.contains("2027-04-30") } && credentials.baseURL == "https://sample.zendesk.com")
    let client = ZendeskClient(
      api: api(transport), exportAPI: api(transport), credentials: credentials, session: ZendeskSession(),
      time: VirtualTime().source)
    _ = try await client.count("x")
    let expected = Data("a@b.example/token:t".utf8).base64EncodedString()
    #expect(transport.requests.first?.headers["Authorization"] == "Basic \(expected)")
  }

  // MARK: BigQuery

  @Test func aQueryIsPolledAndItsPagesRead() async throws {
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let account = try JSONSerialization.data(withJSONObject: [
      "client_email": "robot@sample.example", "private_key": key.pemRepresentation, "private_key_id": "k1",
    ])
    var reader = VariableReader(
      environment: Environment([
        "BIGQUERY_PROJECT": "sample-project", "BIGQUERY_CREDENTIALS": String(decoding: account, as: UTF8.self),
      ]))
    let credentials = try #require(BigQueryCredentials(&reader) { _ in nil })
    let transport = ScriptedTransport { request in
      if request.url == "https://oauth2.googleapis.com/token" { return try .fixture("bigquery/token.json") }
      if request.method == .post { return try .fixture("bigquery/query-running.json") }
      return try .fixture(request.url.contains("pageToken=BF") ? "bigquery/results-2.json" : "bigquery/results.json")
    }
    let time = VirtualTime("2026-11-27T05:00:00Z").source
    let client = BigQueryClient(api: api(transport), credentials: credentials, session: BigQuerySession(), time: time)
    let table = try await client.rows(
      "SELECT 1 -- @today", days: ["today": CalendarDate(day: 20_000), "other": CalendarDate(day: 1)])
    #expect(table.columns == ["label", "value"])
    #expect(table.rows == [["wedding", "1.162E6"], [nil, "12.50"], ["total", "1162013"]])
    #expect(
      transport.requests[1].text.contains(#""useLegacySql":false"#) && transport.requests[1].text.contains("2024-10-04")
    )
    #expect(!transport.requests[1].text.contains("other"))
    #expect(transport.requests[2].url.contains("/bigquery/v2/projects/sample-project/queries/job_1?timeoutMs=10000"))
    #expect(transport.requests[2].url.contains("location=EU"))
    // Google checks the signature with the public key.
    let form = transport.requests[0].text.removingPercentEncoding ?? ""
    let parts = (form.split(separator: "=").last ?? "").split(separator: ".").map(String.init)
    func decoded(_ text: String) -> Data {
      let base = text.replacing("-", with: "+").replacing("_", with: "/")
      return Data(base64Encoded: base + String(repeating: "=", count: (4 - base.count % 4) % 4)) ?? Data()
    }
    try #require(parts.count == 3)
    #expect(
      key.publicKey.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: decoded(parts[2])), for: Data("\(parts[0]).\(parts[1])".utf8),
        padding: .insecurePKCS1v1_5))
    let claims = try #require(try JSONSerialization.jsonObject(with: decoded(parts[1])) as? [String: Any])
    #expect(
      claims["aud"] as? String == "https://oauth2.googleapis.com/token"
        && claims["iss"] as? String == "robot@sample.example")
    #expect((claims["exp"] as? Int ?? 0) - (claims["iat"] as? Int ?? 0) == 3600)
  }

  @Test(arguments: [
    ("bigquery/not-found.json", 404, BigQueryFailure.missing("sample-project:inventory.limited_listings")),
    ("bigquery/invalid.json", 400, .invalid(place: "3:12")),
  ])
  func aQueryThatCannotRun(_ file: String, _ status: Int, _ failure: BigQueryFailure) async throws {
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let account = try JSONSerialization.data(withJSONObject: [
      "client_email": "r@s.example", "private_key": key.pemRepresentation,
    ])
    var reader = VariableReader(
      environment: Environment(["BIGQUERY_PROJECT": "p", "BIGQUERY_CREDENTIALS": "/a/file"]))
    let credentials = try #require(
      BigQueryCredentials(&reader) { $0 == "/a/file" ? String(decoding: account, as: UTF8.self) : nil })
    let transport = ScriptedTransport { request in
      request.url.contains("/token") ? try .fixture("bigquery/token.json") : try .fixture(file, status: status)
    }
    let client = BigQueryClient(
      api: api(transport), credentials: credentials, session: BigQuerySession(), time: VirtualTime().source)
    await #expect(throws: failure) { _ = try await client.rows("SELECT 1", days: [:]) }
  }

  @Test(arguments: [
    ("{}", "expected the JSON of a service account's key"), ("/nowhere", "the file can't be read"),
    (#"{"client_email":"a@b.example","private_key":"planted-key"}"#, "private_key is no RSA key"),
  ])
  func wrongCredentialsOfTheWarehouseAreSaid(_ text: String, _ message: String) {
    var reader = VariableReader(environment: Environment(["BIGQUERY_PROJECT": "p", "BIGQUERY_CREDENTIALS": text]))
    #expect(BigQueryCredentials(&reader) { _ in nil } == nil)
    #expect(reader.problems.contains { $0.contains(message) && !$0.contains("planted") }, "\(reader.problems)")
  }
}
