import Concurrency
import Connectors
import Formats
import Foundation
import HTTPClient
import HealthModel
import TestSupport
import Testing

@testable import HealthSources
@testable import Salesforce

private let first = "001SBx000000001YAA"
private let second = "001SBx000000002YAA"

/// A fake org. It answers each query with the rows of the queried object, and describes its objects.
private struct Org: Sendable {
  var rows: [String: String] = ["Account": #"{"Id":"001SBx000000001YAA","ARR__c":300000,"Success_Tier__c":"Standard"}"#]
  var absentObjects: Set<String> = []
  var absentFields: Set<String> = []
  var queryErrors: [String: HTTPResponse] = [:]
  var dateTimes: Set<String> = []
  /// Object → picklist field → its values.
  var picklists: [String: [String: [String]]] = [:]
  /// Objects whose rows sharing hides from the user.
  var hidden: Set<String> = []
  /// Objects for which the org does not say whether sharing hides their rows.
  var unclear: Set<String> = []

  static let objects: [String: [String]] = [
    "Account": ["Id", "ARR__c", "Success_Tier__c"],
    "Opportunity": ["Id", "AccountId", "Type", "CloseDate", "IsClosed", "IsWon"],
    "Payment_Record__c": ["Id", "Account__c", "Payment_Date__c", "Status__c"],
    "Account_History__c": ["Id", "Account__c", "Snapshot_Date__c", "ARR__c"],
    "Event": ["Id", "AccountId", "Type", "ActivityDate", "Attended__c", "IsDeleted", "IsChild", "IsRecurrence"],
    "AccountContactRelation": ["Id", "AccountId", "Roles", "IsActive", "StartDate", "CreatedDate"],
    "CSQL__c": ["Id", "Account__c", "Status__c"],
    "Churn_Signal__c": ["Id", "Account__c", "Severity__c", "Confidence__c", "Status__c", "Date_Observed__c"],
    "Health_Score__c": ["Id", "Account__c", "Scoring_Period__c", "Health_Score__c", "Tier__c", "Health_Score_Key__c"],
  ]

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    let url = request.url.removingPercentEncoding ?? ""
    if url.hasSuffix("/oauth2/token") {
      return .json(#"{"access_token":"t","instance_url":"https://org.example","token_type":"Bearer"}"#)
    }
    for (object, fields) in Org.objects where url.hasSuffix("/sobjects/\(object)/describe") {
      guard !absentObjects.contains(object) else {
        return .json(#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#, status: 404)
      }
      let list = fields.filter { !absentFields.contains("\(object).\($0)") }.map { field in
        guard let values = picklists[object]?[field] else {
          return
            #"{"name":"\#(field)","type":"\#(dateTimes.contains(field) ? "datetime" : "string")","updateable":true}"#
        }
        let list = values.map { #"{"value":"\#($0)","label":"x","active":true}"# }.joined(separator: ",")
        return #"{"name":"\#(field)","type":"picklist","updateable":true,"picklistValues":[\#(list)]}"#
      }
      return .json(#"{"fields":[\#(list.joined(separator: ","))]}"#)
    }
    for object in Org.objects.keys where url.contains(" FROM \(object) ") {
      if let error = queryErrors[object] { return error }
      if url.hasSuffix(" LIMIT 1") {
        if unclear.contains(object) { return .json(#"[{"message":"x","errorCode":"MALFORMED_QUERY"}]"#, status: 400) }
        return .json(#"{"totalSize":\#(hidden.contains(object) ? 0 : 1),"done":true,"records":[]}"#)
      }
      let rows = self.rows[object]?.split(separator: "\n") ?? []
      return .json(#"{"totalSize":\#(rows.count),"done":true,"records":[\#(rows.joined(separator: ","))]}"#)
    }
    return .json(#"[{"message":"x","errorCode":"NOT_FOUND"}]"#, status: 404)
  }

  func source(_ extraction: Extraction = october) throws -> (SalesforceSource, ScriptedTransport) {
    let transport = ScriptedTransport { answer($0) }
    return (try SalesforceSource(transport, extraction), transport)
  }

  func observe() async throws -> [AccountFacts] { try await source().0.observeAll().accounts }
}

@Suite struct SalesforceTests {
  @Test func readsContractsAndPeople() async throws {
    var org = Org()
    org.rows["Opportunity"] = """
      {"Id":"1","AccountId":"\(first)","Type":"Renewal","CloseDate":"2026-10-22","IsClosed":false,"IsWon":false}
      {"Id":"2","AccountId":"\(first)","Type":"Renewal","CloseDate":"2027-01-01","IsClosed":false,"IsWon":false}
      {"Id":"3","AccountId":"\(first)","Type":"Downgrade","CloseDate":"2025-11-01","IsClosed":true,"IsWon":true}
      {"Id":"4","AccountId":"\(first)","Type":"Amendment","CloseDate":"2025-10-31","IsClosed":true,"IsWon":true}
      {"Id":"5","AccountId":"\(first)","Type":"Amendment","CloseDate":"2026-11-01","IsClosed":true,"IsWon":true}
      """
    org.rows["Payment_Record__c"] = """
      {"Id":"1","Account__c":"\(first)","Payment_Date__c":"2026-01-05","Status__c":"failed"}
      {"Id":"2","Account__c":"\(first)","Payment_Date__c":"2026-02-05","Status__c":"Paid"}
      """
    org.rows["Event"] = """
      {"Id":"1","AccountId":"\(first)","Type":"QBR","ActivityDate":"2026-10-01","Attended__c":true,"IsDeleted":false,"IsChild":false,"IsRecurrence":false}
      {"Id":"2","AccountId":"\(first)","Type":"QBR","ActivityDate":"2026-07-01","Attended__c":false,"IsDeleted":false,"IsChild":false,"IsRecurrence":false}
      {"Id":"3","AccountId":"\(first)","Type":"QBR","ActivityDate":"2026-07-01","Attended__c":false,"IsDeleted":true,"IsChild":false,"IsRecurrence":false}
      {"Id":"4","AccountId":"\(first)","Type":"QBR","ActivityDate":"2026-07-01","Attended__c":false,"IsDeleted":false,"IsChild":true,"IsRecurrence":false}
      {"Id":"5","AccountId":"\(first)","Type":"QBR","ActivityDate":"2026-07-01","Attended__c":false,"IsDeleted":false,"IsChild":false,"IsRecurrence":true}
      """
    org.rows["AccountContactRelation"] = """
      {"Id":"1","AccountId":"\(first)","Roles":"Decision Maker;Champion","IsActive":true,"StartDate":"2026-10-12","CreatedDate":"2020-01-01T00:00:00.000+0000"}
      {"Id":"2","AccountId":"\(first)","Roles":"Champion","IsActive":true,"StartDate":null,"CreatedDate":"2026-10-22T23:00:00.000+0000"}
      {"Id":"3","AccountId":"\(first)","Roles":"Champion","IsActive":true,"StartDate":"2026-12-01","CreatedDate":"2026-01-01T00:00:00.000+0000"}
      {"Id":"4","AccountId":"\(first)","Roles":"Former Champion","IsActive":true,"StartDate":"2026-10-30","CreatedDate":"2026-01-01T00:00:00.000+0000"}
      """
    org.rows["CSQL__c"] = """
      {"Id":"1","Account__c":"\(first)","Status__c":"Open"}
      {"Id":"2","Account__c":"\(first)","Status__c":"closed won"}
      """
    let facts = try await org.observe()
    let observations = facts[0].observations
    // The renewal is ten days overdue on the as-of date, 1 November.
    #expect(observations[.daysToRenewal] == .value(-10))
    #expect(observations[.contractChanges] == .value(1))
    #expect(observations[.paymentHealth] == .value(1))
    #expect(observations[.qbrAttendance] == .value(50))
    #expect(observations[.championStability] == .value(10))
    #expect(observations[.expansionSignals] == .value(1))
    #expect(observations[.tierAlignment] == .value(1))
    #expect(observations[.arrTrajectory] == .missing(.noData))
    #expect(observations[.responsiveness] == .missing(.notConfigured))
    // The org does not return the second account, and the third has no id.
    #expect(facts[1].observations[.contractChanges] == .missing(.notFound))
    #expect(facts[1].signals == .known([]))
    #expect(facts[2].observations[.contractChanges] == .missing(.notMapped))
    #expect(facts[2].observations[.responsiveness] == .missing(.notConfigured))
  }

  @Test(arguments: [
    // Two snapshots are one day from 1 November 2025: of these, the older one is used.
    (
      #"{"Id":"1","Account__c":"A","Snapshot_Date__c":"2025-11-02","ARR__c":100000}|{"Id":"2","Account__c":"A","Snapshot_Date__c":"2025-10-31","ARR__c":200000}"#,
      Observation.value(50)
    ),
    (
      #"{"Id":"1","Account__c":"A","Snapshot_Date__c":"2026-02-05","ARR__c":100000}|{"Id":"2","Account__c":"A","Snapshot_Date__c":"2026-02-04","ARR__c":150000}"#,
      .value(100)
    ),
    // The nearest snapshot has no value, and no other one is used instead.
    (
      #"{"Id":"1","Account__c":"A","Snapshot_Date__c":"2025-11-01","ARR__c":null}|{"Id":"2","Account__c":"A","Snapshot_Date__c":"2025-10-01","ARR__c":1}"#,
      .missing(.noData)
    ),
    (#"{"Id":"1","Account__c":"A","Snapshot_Date__c":"2025-11-01","ARR__c":0}"#, .missing(.noData)),
  ])
  func comparesARRWithAYearAgo(_ rows: String, _ expected: Observation) async throws {
    var org = Org()
    org.rows["Account_History__c"] = rows.replacing("\"A\"", with: "\"\(first)\"").replacing("|", with: "\n")
    #expect(try await org.observe()[0].observations[.arrTrajectory] == expected)
  }

  @Test func whatTheOrgLacksIsNotConfigured() async throws {
    let org = Org(absentObjects: ["CSQL__c"], absentFields: ["Event.Attended__c", "Account.ARR__c"])
    let observed = try await org.source().0.observeAll()
    for metric in [Metric.expansionSignals, .qbrAttendance, .arrTrajectory, .tierAlignment] {
      #expect(observed.accounts[0].observations[metric] == .missing(.notConfigured), "\(metric)")
    }
    #expect(observed.warnings.count == 3)
  }

  /// If a picklist lacks the configured values, the metrics are not configured. A warning lists the values that exist.
  @Test(arguments: [
    ("Opportunity", "Type", ["Verlängerung", "Kürzung"], [Metric.daysToRenewal, .contractChanges]),
    ("Payment_Record__c", "Status__c", ["Bezahlt"], [.paymentHealth]),
    ("CSQL__c", "Status__c", ["Offen", "Erledigt"], [.expansionSignals]),
    ("Event", "Type", ["Besprechung"], [.qbrAttendance]),
    ("AccountContactRelation", "Roles", ["Fürsprecher"], [.championStability]),
    ("Account", "Success_Tier__c", ["Gold", "Silber"], [.tierAlignment]),
  ])
  func aPicklistWithOtherValuesIsNotConfigured(
    _ object: String, _ field: String, _ values: [String], _ metrics: [Metric]
  ) async throws {
    let observed = try await Org(picklists: [object: [field: values]]).source().0.observeAll()
    for metric in metrics {
      #expect(observed.accounts[0].observations[metric] == .missing(.notConfigured), "\(metric)")
    }
    #expect(observed.warnings.count { $0.contains("\(object).\(field) has no value") && $0.contains(values[0]) } >= 1)
    // The configured values are found in upper or lower case and among other values.
    let known = ["renewal", "downgrade", "failed", "closed", "qbr", "CHAMPION", "standard"]
    let fine = try await Org(picklists: [object: [field: values + known]]).source().0.observeAll()
    for metric in metrics { #expect(fine.accounts[0].observations[metric] != .missing(.notConfigured), "\(metric)") }
  }

  @Test func signalsOfOtherStatesAreNotNone() async throws {
    let observed = try await Org(picklists: ["Churn_Signal__c": ["Status__c": ["Offen", "Zu"]]]).source().0.observeAll()
    #expect(observed.accounts[0].signals == .missing(.notConfigured))
    #expect(
      observed.warnings.contains { $0.contains("Churn_Signal__c.Status__c has no value Active; there are: Offen, Zu") })
  }

  @Test func whatSharingHidesIsNotZero() async throws {
    let observed = try await Org(hidden: ["Opportunity", "Churn_Signal__c"]).source().0.observeAll()
    for metric in [Metric.daysToRenewal, .contractChanges] {
      #expect(observed.accounts[0].observations[metric] == .missing(.unavailable))
    }
    #expect(observed.accounts[0].signals == .missing(.unavailable))
    #expect(observed.problem?.contains("sees no Opportunity at all") == true)
    // If the org does not say whether sharing hides the rows, the metrics are unavailable too.
    let unclear = try await Org(unclear: ["Opportunity", "Churn_Signal__c"]).source().0.observeAll()
    #expect(unclear.accounts[0].observations[.contractChanges] == .missing(.unavailable))
    #expect(unclear.accounts[0].signals == .missing(.unavailable))
    #expect(unclear.problem?.contains("sees any Opportunity is unclear") == true)
    // It is not a problem if no churn signal exists yet.
    let fresh = try await Org(hidden: ["Churn_Signal__c"]).source().0.observeAll()
    #expect(fresh.accounts[0].signals == .known([]) && fresh.problem == nil)
    #expect(fresh.warnings.contains { $0.contains("sees no Churn_Signal__c") })
  }

  @Test(arguments: [#""€ 250,000.00""#, "{\"amount\":1}", "true"]) func anAmountThatIsNoNumberIsUnavailable(
    _ arr: String
  ) async throws {
    var org = Org()
    org.rows["Account"] = #"{"Id":"001SBx000000001YAA","ARR__c":\#(arr),"Success_Tier__c":"Standard"}"#
    org.rows["Account_History__c"] =
      #"{"Id":"1","Account__c":"001SBx000000001YAA","Snapshot_Date__c":"2025-11-01","ARR__c":1}"#
    let observed = try await org.source().0.observeAll()
    for metric in [Metric.arrTrajectory, .tierAlignment] {
      #expect(observed.accounts[0].observations[metric] == .missing(.unavailable), "\(metric)")
    }
    #expect(observed.accounts[0].arr == nil && observed.problem?.contains("ARR__c") == true)
  }

  /// If the org no longer has the API version, it answers 404 to everything. This is not a sign of absent objects.
  @Test func notFoundForAccountsIsNoAbsence() async throws {
    let (source, _) = try Org(absentObjects: Set(Org.objects.keys)).source()
    let error = await #expect(throws: SourceError.self) { try await source.plan() }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.contains("66.0") == true)
  }

  /// The org describes an encrypted field but can't filter by it. The field is unavailable, not missing.
  @Test func aFieldThatCannotBeFilteredIsUnavailable() async throws {
    let error = HTTPResponse.json(
      #"[{"message":"field 'Status__c' can not be filtered in a query call","errorCode":"INVALID_FIELD"}]"#, status: 400
    )
    let (source, _) = try Org(queryErrors: ["Payment_Record__c": error]).source()
    let plan = try await source.plan()
    let slice = try #require(plan.slices.first { $0.dataset == .payments })
    let thrown = await #expect(throws: SalesforceRefusal.self) { try await source.read(slice) }
    #expect(thrown?.description.contains("Status__c") == true)
    #expect(try await source.observeAll().accounts[0].observations[.paymentHealth] == .missing(.unavailable))
  }

  /// A retry helps after too many requests at once, but not after the day's limit.
  @Test(arguments: [
    ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403, true),
    ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Rate Limit exceeded.", 403, true),
    ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403, false),
    ("REQUEST_RUNNING_TOO_LONG", "Your request was running for too long", 400, true),
  ])
  func passingRefusalsAreRepeated(_ code: String, _ message: String, _ status: Int, _ isPassing: Bool) async throws {
    let refusals = Lock(2)
    let org = Org()
    let transport = ScriptedTransport { request in
      let isRefused =
        request.url.contains("FROM%20Payment")
        && refusals.withLock { left in
          left -= 1
          return left >= 0
        }
      return isRefused
        ? .json(#"[{"message":"\#(message)","errorCode":"\#(code)"}]"#, status: status) : org.answer(request)
    }
    let facts = try await SalesforceSource(transport).observeAll().accounts
    #expect(facts[0].observations[.paymentHealth] == .missing(isPassing ? .noData : .unavailable))
  }

  @Test func anAmountIsAskedForInOneCurrency() async throws {
    let transport = ScriptedTransport { request in
      let url = request.url.removingPercentEncoding ?? ""
      if url.hasSuffix("/sobjects/Account/describe") || url.hasSuffix("/sobjects/Account_History__c/describe") {
        let fields = ["Id", "Account__c", "Snapshot_Date__c", "Success_Tier__c", "CurrencyIsoCode"].map {
          #"{"name":"\#($0)"}"#
        }
        return .json(#"{"fields":[{"name":"ARR__c","type":"currency"},\#(fields.joined(separator: ","))]}"#)
      }
      if url.contains(" FROM Account_History__c ") {
        let amount = url.contains("convertCurrency(ARR__c)") ? 100_000 : 15_000_000
        return .json(
          #"{"totalSize":1,"done":true,"records":[{"Id":"1","Account__c":"001SBx000000001YAA","Snapshot_Date__c":"2025-11-01","ARR__c":\#(amount)}]}"#
        )
      }
      return Org(rows: ["Account": #"{"Id":"001SBx000000001YAA","ARR__c":110000,"Success_Tier__c":"Standard"}"#])
        .answer(request)
    }
    let observed = try await SalesforceSource(transport).observeAll()
    #expect(observed.accounts[0].observations[.arrTrajectory] == .value(10))
    #expect(observed.warnings.contains { $0.contains("several currencies") })
    #expect(
      transport.requests.contains {
        $0.url.removingPercentEncoding?.contains("SELECT Id, convertCurrency(ARR__c)") == true
          || $0.url.contains("convertCurrency")
      })
  }

  @Test(arguments: [
    ("invalid_grant", "request not supported on this domain", "SF_LOGIN_URL"),
    ("invalid_grant", "ip restricted", "IP"), ("invalid_grant", "no client credentials user enabled", "run-as user"),
    ("invalid_client", "invalid client credentials", "SF_CLIENT_SECRET"),
  ])
  func aRefusedLoginSaysWhatToDo(_ code: String, _ description: String, _ advice: String) async throws {
    let transport = ScriptedTransport { _ in
      .json(#"{"error":"\#(code)","error_description":"\#(description)"}"#, status: 400)
    }
    let client = try SalesforceClient(transport)
    let error = await #expect(throws: SourceError.self) { try await client.checkLogin() }
    #expect(error?.message.contains(advice) == true, "\(error?.message ?? "")")
  }

  @Test func signalsThatCanBeSeenInPartOnlyAreUnavailable() async throws {
    let facts = try await Org(absentFields: ["Churn_Signal__c.Confidence__c"]).observe()
    #expect(facts[0].signals == .missing(.unavailable))
    #expect(facts[0].observations[.contractChanges] == .value(0))
  }

  @Test func aFailedDatasetCostsItsMetricsOnly() async throws {
    let error = HTTPResponse.json(#"[{"message":"x","errorCode":"MALFORMED_QUERY"}]"#, status: 400)
    let facts = try await Org(queryErrors: ["Event": error]).observe()
    #expect(facts[0].observations[.qbrAttendance] == .missing(.unavailable))
    #expect(facts[0].observations[.contractChanges] == .value(0))
    let all = try await Org(queryErrors: ["Account": error]).observe()
    // It is unclear whether the account exists, so none of its metrics may be zero.
    #expect(all[0].observations[.contractChanges] == .missing(.unavailable))
    #expect(all[0].observations[.responsiveness] == .missing(.notConfigured))
  }

  @Test func asksWithinBoundsAndWithinTheURLsLength() async throws {
    var org = Org()
    org.dateTimes = ["Payment_Date__c"]
    let many = Extraction(
      period: october.period, asOf: october.asOf, isCurrent: true,
      accounts: (1...500).compactMap { number in
        let serial = String(repeating: "0", count: 9 - "\(number)".count) + "\(number)"
        return SalesforceID("001SBx\(serial)").map { MappedAccount(line: number, salesforceID: $0, name: "x") }
      })
    let (source, transport) = try org.source(many)
    _ = try await source.observeAll()
    let queries = transport.requests.filter { $0.url.contains("?q=") && !$0.url.contains("LIMIT") }
    #expect(queries.count == 20)
    #expect(queries.allSatisfy { $0.url.utf8.count < 16_000 })
    let payments = try #require(queries.first { $0.url.contains("Payment_Record__c") }?.url.removingPercentEncoding)
    #expect(payments.contains("Payment_Date__c >= 2025-11-01T00:00:00Z AND Payment_Date__c < 2026-11-02T00:00:00Z"))
    let events = try #require(queries.first { $0.url.contains("FROM%20Event") }?.url)
    #expect(events.contains("/queryAll?q="))
    #expect(events.removingPercentEncoding?.contains("ActivityDate >= 2025-11-01 AND") == true)
  }
}

private func loadable(_ count: Int, signals: SignalReading = .known([])) throws -> [LoadableScore] {
  (1...count).compactMap { number in
    let serial = String(repeating: "0", count: 9 - "\(number)".count) + "\(number)"
    guard let id = SalesforceID("001SBx\(serial)") else { return nil }
    let score = HealthScore(
      health: 61.5, quantitative: 61.5, churnRisk: nil, platformValue: 61.5, tier: .atRisk,
      dimensions: [nil, nil, nil, nil, 61.5],
      metrics: Metric.allCases.map { _ in MetricScore(observation: .missing(.noData)) }, coveragePercent: 40,
      coverage: .low, interval: Interval(low: 20, high: 80, isTierCertain: false),
      qualitative: signals == .known([])
        ? Qualitative(rule: "none", counts: .init()) : Qualitative(rule: "unavailable"),
      unscoredReason: nil, drivers: [])
    return LoadableScore(accountID: id, segment: .paid, score: score, drivers: ["one", "two"])
  }
}

private let context = LoadContext(
  period: october.period, scoredAt: october.asOf, runID: "run")

/// Loads the scores into a fake org that answers each upsert with the result of `upsert`.
private func load(
  _ scores: [LoadableScore], parentIsUpdateable: Bool = true, existing: [String] = [],
  upsert: @escaping @Sendable (_ round: Int, _ records: [[String: Any]]) -> [String]
) async throws -> (outcomes: [LoadOutcome], requests: [HTTPRequest]) {
  let rounds = Lock(0)
  let transport = ScriptedTransport { request in
    if request.url.hasSuffix("/oauth2/token") {
      return .json(#"{"access_token":"t","instance_url":"https://org.example"}"#)
    }
    if request.url.hasSuffix("/describe") {
      let context = LoadContext(period: october.period, scoredAt: october.asOf, runID: "run")
      let options = try Shipped.rules(SalesforceSource.self).healthScores
      let fields = HealthScoreRecord.record(try loadable(1)[0], context: context, options: options).values.map(\.field)
      let list = fields.map { #"{"name":"\#($0)","updateable":\#($0 == "Account__c" ? parentIsUpdateable : true)}"# }
      return .json(#"{"fields":[\#(list.joined(separator: ","))]}"#)
    }
    if request.url.contains("/query?q=") {
      let rows = existing.map { #"{"Id":"\#($0)","Health_Score_Key__c":"\#($0)"}"# }
      return .json(#"{"totalSize":\#(rows.count),"done":true,"records":[\#(rows.joined(separator: ","))]}"#)
    }
    let body = try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any]
    let round = rounds.withLock { rounds in
      rounds += 1
      return rounds
    }
    return .json("[\(upsert(round, body?["records"] as? [[String: Any]] ?? []).joined(separator: ","))]")
  }
  let loader = try await HealthScoreLoader(
    client: SalesforceClient(transport), options: Shipped.rules(SalesforceSource.self).healthScores)
  let (outcomes, _) = await loader.load(scores, context: context)
  return (outcomes, transport.requests)
}

private let created = #"{"id":"a0B","success":true,"errors":[],"created":true}"#

private func refused(_ code: String, _ message: String = "") -> String {
  #"{"success":false,"errors":[{"statusCode":"\#(code)","message":"\#(message)","fields":[]}]}"#
}

@Suite struct HealthScoreLoaderTests {
  @Test func sendsEveryFieldEveryTimeInBatchesOf200() async throws {
    let (outcomes, requests) = try await load(try loadable(450)) { _, records in
      #expect(records.count <= 200)
      #expect(
        records.allSatisfy { $0["Churn_Risk_Score__c"] is NSNull && $0["Qual_Cap__c"] is NSNull && $0["id"] == nil })
      #expect(records.allSatisfy { $0["Health_Score_Key__c"] as? String == "\($0["Account__c"] ?? ""):2026-10" })
      #expect(records.allSatisfy { $0["Top_Drivers__c"] as? String == "one\ntwo" })
      return records.map { _ in created }
    }
    #expect(outcomes.count == 450)
    #expect(outcomes.allSatisfy { $0.result == .created })
    let upserts = requests.filter { $0.method == .patch }
    #expect(upserts.count == 3)
    #expect(upserts[0].url.hasSuffix("/composite/sobjects/Health_Score__c/Health_Score_Key__c"))
    #expect(upserts[0].text.contains(#""allOrNone":false"#))
  }

  @Test func retriesOnlyTheRecordsThatASecondTryMayHelp() async throws {
    let (outcomes, requests) = try await load(try loadable(4)) { round, records in
      guard round == 1 else { return records.map { _ in created } }
      return [
        created, refused("UNABLE_TO_LOCK_ROW"), refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "secret"),
        refused("DUPLICATE_VALUE", "duplicate value found: Health_Score_Key__c duplicates value on record"),
      ]
    }
    #expect(
      outcomes.map(\.result) == [
        .created, .created,
        .failed(
          "FIELD_CUSTOM_VALIDATION_EXCEPTION (a validation rule, trigger or flow of Health_Score__c or Account refuses the change)"
        ), .created,
      ])
    let upserts = requests.filter { $0.method == .patch }
    #expect(upserts.count == 2)
    #expect(upserts[1].text.components(separatedBy: "attributes").count == 3)
  }

  /// A lock error may be wrapped in the error of a roll-up. Another object's validation rule may refuse a record.
  @Test func aRecordsRefusalSaysWhoseItIs() async throws {
    @Sendable func problem(_ code: String, _ message: String, _ fields: [String]) -> String {
      let list = fields.map { "\"\($0)\"" }.joined(separator: ",")
      return #"{"success":false,"errors":[{"statusCode":"\#(code)","message":"\#(message)","fields":[\#(list)]}]}"#
    }
    let (outcomes, _) = try await load(try loadable(3)) { round, records in
      guard round == 1 else { return records.map { _ in created } }
      return [
        problem(
          "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "rollup: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access", []),
        problem("FIELD_CUSTOM_VALIDATION_EXCEPTION", "guest@sandbox.example", ["Billing_Contact__c"]),
        problem("FIELD_CUSTOM_VALIDATION_EXCEPTION", "x", ["Tier__c"]),
      ]
    }
    #expect(outcomes[0].result == .created)
    #expect(
      outcomes[1].result
        == .failed(
          "FIELD_CUSTOM_VALIDATION_EXCEPTION (Billing_Contact__c, a field of another object: most likely a rule of Account refuses the change)"
        ))
    #expect(outcomes[2].result == .failed("FIELD_CUSTOM_VALIDATION_EXCEPTION (Tier__c)"))
  }

  @Test func ofUnknownSignalsOnlyThatIsWritten() async throws {
    _ = try await load(try loadable(1, signals: .missing(.unavailable))) { _, records in
      #expect(records[0]["Qual_Rule__c"] as? String == "unavailable")
      for (field, value) in records[0] where field.hasPrefix("Qual_") && field != "Qual_Rule__c" {
        #expect(value is NSNull, "\(field)")
      }
      #expect(records[0].keys.contains("Qual_Monitoring_Reduction__c"))
      #expect(records[0]["Health_Score__c"] as? Double == 61.5)
      return [created]
    }
  }

  @Test func aParentThatCannotChangeIsSentWithNewRecordsOnly() async throws {
    let (outcomes, _) = try await load(
      try loadable(2), parentIsUpdateable: false, existing: ["001SBx000000001YAA:2026-10"]
    ) { _, records in
      #expect(records.count == 1)
      #expect(
        (records[0]["Account__c"] == nil)
          == (records[0]["Health_Score_Key__c"] as? String == "001SBx000000001YAA:2026-10"))
      return [created]
    }
    #expect(outcomes.count == 2)
  }

  @Test func aBatchThatGetsNoAnswerFailsItsRecords() async throws {
    let (outcomes, _) = try await load(try loadable(2)) { _, _ in ["{}"] }
    for outcome in outcomes {
      guard case .failed = outcome.result else {
        Issue.record("an answer that names no outcomes is no success")
        return
      }
    }
  }
}
