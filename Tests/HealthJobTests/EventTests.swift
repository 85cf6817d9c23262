import Jobs
import Testing
import Time

@testable import HealthJob
@testable import Runs

@Suite struct EventTests {
  private func event(_ json: String) throws -> Event<HealthScoreKeys> {
    try Event(json: Array(json.utf8), jobs: .all)
  }

  @Test func takesBothForms() throws {
    let direct = try event(
      #"{"job":"health_score","period":"2026-10","dry_run":true,"accounts":["001SBx000000001"],"backfill":null}"#)
    #expect(direct.keys.period == Period(year: 2026, month: 10))
    #expect(direct.isDryRun)
    #expect(direct.keys.accounts?.map(\.description) == ["001SBx000000001YAA"])
    let scheduled = try event(
      #"{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"2026-11-01T06:00:00Z","region":"eu-west-1","resources":[],"detail":{"dry_run":true}}"#
    )
    #expect(scheduled.isDryRun)
    #expect(scheduled.time?.description == "2026-11-01T06:00:00Z")
    let bare = try event("{}")
    #expect(bare.keys.period == nil && !bare.isDryRun && bare.time == nil)
  }

  /// EventBridge Scheduler sends `detail` as a JSON text. The event bus sends it as an object.
  @Test func takesTheSchedulersEnvelope() throws {
    func envelope(_ detail: String) -> String {
      #"{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.scheduler","account":"1","time":"2026-11-01T06:00:00Z","region":"eu-west-1","resources":[],"detail":"\#(detail)"}"#
    }
    let empty = try event(envelope("{}"))
    #expect(empty.keys.period == nil && !empty.isDryRun && empty.time?.description == "2026-11-01T06:00:00Z")
    #expect(try event(envelope(#"{\"dry_run\":true}"#)).isDryRun)
    for (detail, expected) in [
      (#"{\"dryrun\":true}"#, "dryrun: unknown key"), ("", "detail"), ("nonsense", "detail"),
      ("[]", "expected an object"),
      (#"{\"dry_run\":true,\"dry_run\":false}"#, "dry_run: is given twice"),
    ] {
      let error = #expect(throws: JobError.self) { try event(envelope(detail)) }
      #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
  }

  @Test(arguments: [
    (
      #"{"dryrun": true}"#,
      "dryrun: unknown key, allowed are accounts, as_of, backfill, dry_run, job, period, run_id, slice, step"
    ),
    (
      #"{"detail-type":"Scheduled Event","time":"2026-11-01T06:00:00Z","detail":{"dryrun":true}}"#,
      "detail.dryrun: unknown key"
    ),
    (#"{"detail":{},"dry_run":true}"#, "dry_run: unknown key"),
    (#"{"period": "2026-13"}"#, #"period: expected a month as text, such as "2026-10""#),
    (#"{"period": 202610}"#, #"period: expected a month as text, such as "2026-10""#),
    (#"{"dry_run": "true"}"#, "dry_run: expected true or false"),
    (#"{"dry_run": 1}"#, "dry_run: expected true or false"),
    (#"{"accounts": []}"#, "accounts: is empty"), (#"{"accounts": ["x"]}"#, "accounts[0]: expected a Salesforce id"),
    (#"{"accounts": "001SBx000000001"}"#, "accounts: expected a list"),
    (#"{"job": "health"}"#, "job: unknown job, expected one of health_score, customer_sync, business_metrics"),
    (#"{"dry_run": true, "dry_run": false}"#, "dry_run: is given twice"),
    (#"{"dry_run": true, "dry\u005frun": false}"#, "dry_run: is given twice"),
    ("[]", "top level: expected an object"), ("", "it is empty"), (" \n", "it is empty"), ("null", "top level"),
    ("{", "not valid JSON"), ("42", "top level: expected an object"), ("\u{1}\u{2}nonsense", "not valid JSON"),
  ])
  func refusesEverythingElse(_ json: String, _ expected: String) {
    let error = #expect(throws: JobError.self) { try event(json) }
    #expect(error?.kind == .invalidEvent)
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("expected") == true || error?.message.contains("given twice") == true)
  }

  @Test(arguments: [
    (#"{"run_id":"a"}"#, "pass step too"), (#"{"slice":"a"}"#, "pass step too"),
    (#"{"as_of":"2026-11-01T00:00:00Z"}"#, "as_of: belongs to a step"),
    (#"{"step":"extract","run_id":"a"}"#, "slice: is missing"),
    (#"{"step":"extract","slice":"jira-0000"}"#, "run_id: is missing"), (#"{"step":"finish"}"#, "run_id: is missing"),
    (#"{"step":"finish","run_id":"a","slice":"b"}"#, "belongs to the step extract"),
    (#"{"step":"finish","run_id":"a","dry_run":true}"#, "belong to the step plan"),
    (#"{"step":"extract","run_id":"a","slice":"b","period":"2026-10"}"#, "belong to the step plan"),
    (#"{"step":"plan","run_id":"../x"}"#, "run_id: expected 1 to 80 letters"),
    (#"{"step":"load"}"#, "step:"),
  ])
  func refusesStepsThatDontFit(_ json: String, _ expected: String) {
    let error = #expect(throws: JobError.self) { try event(json) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test func refusesAMegabyteOfNoise() {
    var state: UInt64 = 1
    let noise = (0..<1_000_000).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    let error = #expect(throws: JobError.self) { try Event<HealthScoreKeys>(json: noise, jobs: .all) }
    #expect((error?.message.utf8.count ?? 0) < 1000)
  }
}

@Suite struct MonthRequestTests {
  private let now = Timestamp(iso8601: "2026-11-21T10:00:00Z")

  private func request(_ json: String) throws -> MonthRequest {
    try MonthRequest(Event(json: Array(json.utf8), jobs: .all), now: try #require(now))
  }

  @Test func defaultsToTheMonthBefore() throws {
    #expect(try request("{}").period.description == "2026-10")
    #expect(try request("{}").asOf.description == "2026-11-01T00:00:00Z")
    let scheduled = try request(#"{"detail-type":"Scheduled Event","time":"2026-03-01T06:00:00Z","detail":{}}"#)
    #expect(scheduled.period.description == "2026-02")
    #expect(scheduled.isCurrent)
  }

  @Test func theRunningMonthIsProvisionalAndDryOnly() throws {
    let running = try request(#"{"period":"2026-11","dry_run":true}"#)
    #expect(running.isProvisional)
    #expect(running.asOf.description == "2026-11-21T10:00:00Z")
    #expect(throws: JobError.self) { try request(#"{"period":"2026-11"}"#) }
  }

  @Test func theFutureIsRefused() {
    #expect(throws: JobError.self) { try request(#"{"period":"2026-12","dry_run":true}"#) }
  }

  /// An event's time may be a little ahead of our clock. With more than a day, a month could be scored too early.
  @Test func anEventFromTomorrowIsRefused() throws {
    func scheduled(_ time: String) -> String { #"{"detail-type":"x","time":"\#(time)","detail":{}}"# }
    #expect(try request(scheduled("2026-11-22T09:00:00Z")).period.description == "2026-10")
    let error = #expect(throws: JobError.self) { try request(scheduled("2026-12-01T06:00:00Z")) }
    #expect(error?.message.contains("more than a day ahead") == true)
  }

  @Test func historyNeedsBackfill() throws {
    #expect(throws: JobError.self) { try request(#"{"period":"2026-09"}"#) }
    #expect(try request(#"{"period":"2026-09","backfill":true}"#).isCurrent == false)
    #expect(try request(#"{"period":"2026-09","dry_run":true}"#).isCurrent == false)
  }
}

@Suite struct RunDeadlinesTests {
  @Test(arguments: [
    // Seconds left, margin, end of the run. If little time is left, the margin shrinks, but not below 5 s.
    (900.0, 10.0, 890.0), (60, 30, 30), (8, 10, 3), (20, 10, 10), (4, 10, 0),
  ])
  func keepsAMargin(_ left: Double, _ margin: Double, _ end: Double) {
    let deadlines = RunDeadlines.sharing(.seconds(left), margin: .seconds(margin), now: .zero)
    #expect(deadlines.load == .seconds(end))
    #expect((deadlines.extraction ?? .zero) <= (deadlines.load ?? .zero))
  }

  @Test func absurdTimesAreRefused() throws {
    let event = try Event<HealthScoreKeys>(
      json: Array(#"{"detail-type":"x","time":"0000-01-01T00:00:00Z","detail":{"dry_run":true}}"#.utf8), jobs: .all)
    #expect(throws: JobError.self) { try MonthRequest(event, now: Timestamp(milliseconds: 0)) }
  }
}
