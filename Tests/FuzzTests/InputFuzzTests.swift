import ConfigurationReading
import Formats
import Foundation
import HTTPClient
import HealthConfiguration
import Jobs
import TestSupport
import Testing

@testable import AWSClient
@testable import HealthJob
@testable import Jira
@testable import Runs
@testable import Salesforce
@testable import Sandbox

/// Fuzzes the input of people and schedulers, and the texts that go into queries and AWS signatures.
@Suite struct InputFuzzTests {
  @Test func noMangledEventBecomesAnotherOrder() throws {
    let events = [
      #"{"job":"health_score","period":"2026-10","dry_run":true,"accounts":["001SBx000000001YAA"],"backfill":false}"#,
      #"{"version":"0","id":"5f0c","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"2026-11-01T06:00:00Z","region":"eu-west-1","resources":["a"],"detail":{"period":"2026-10","dry_run":true}}"#,
      #"{"step":"extract","run_id":"r-1","slice":"intercom-0001"}"#, "{}",
    ].map(\.bytes)
    let known: Set<String> = [
      "job", "period", "dry_run", "accounts", "backfill", "step", "run_id", "slice", "as_of",
    ]
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("events", round: round)
      let json = fuzz.mutated(fuzz.pick(events))
      guard let event = try? Event<HealthScoreKeys>(json: json, jobs: .all) else { continue }
      // An accepted event has no unknown key, as another JSON parser sees it.
      guard let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] else { continue }
      let order = object["detail"] as? [String: Any] ?? object
      if object["detail"] == nil, object["detail-type"] == nil, object["source"] == nil, object["time"] == nil {
        #expect(known.isSuperset(of: order.keys), shown(json))
      }
      if order["dry_run"] as? Bool == true { #expect(event.isDryRun, shown(json)) }
      if let period = order["period"] as? String { #expect(event.keys.period?.description == period, shown(json)) }
    }
  }

  @Test func mangledConfigurationIsReadOrRefusedWithItsPlace() throws {
    let files = try Shipped.files()
    let mapping = try Shipped.bytes(ConfigurationFiles.mappingName)
    let environment = Environment(SandboxServices.environment(base: ScriptedTransport.sandboxBase))
    // The files are large, so fewer rounds are enough.
    for round in 0..<max(20, Fuzz.rounds / 10) {
      var fuzz = Fuzz("configuration", round: round)
      var changed = (files.weights, files.thresholds, files.sources, mapping)
      switch fuzz.number(below: 4) {
      case 0: changed.0 = fuzz.mutated(changed.0 ?? [])
      case 1: changed.1 = fuzz.mutated(changed.1 ?? [])
      case 2: changed.2 = fuzz.mutated(changed.2 ?? [])
      default: changed.3 = fuzz.mutated(changed.3)
      }
      do {
        _ = try HealthScoreSetup(
          ConfigurationFiles(weights: changed.0, thresholds: changed.1, sources: changed.2), mapping: changed.3,
          environment: environment)
      } catch let error as ConfigurationError {
        #expect(!error.problems.isEmpty)
        for problem in error.problems { #expect(problem.contains(":"), "\(problem)") }
      }
    }
  }

  @Test func csvComesBackAsItWent() throws {
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("csv", round: round)
      let fields = (0...fuzz.number(below: 5)).map { _ in fuzz.text() }
      // A single empty field is a blank line, which is not a record.
      guard fields != [""] else { continue }
      let line = CSV.line(fields, ending: fuzz.pick(["\n", "\r\n"]))
      #expect(try CSV.records(line.bytes).map(\.fields) == [fields], "\(fields)")
      _ = try? CSV.records(fuzz.mutated(line.bytes))
    }
  }

  private static let knownTricks = [
    "Acme", "O'Brien", #"say "hi""#, #"back\slash"#, #"\"#, #"\'"#, "a\nb\tc\rd", "x' OR Name LIKE '%",
    #"x" OR project = "Y"#, "naïve – ü 漢字", "\u{8}\u{c}", "", "%_", "{!injected}",
  ]

  /// The sandbox parses the queries with separate code, so it finds mistakes in our quoting.
  @Test func noTextGetsOutOfItsQuotes() throws {
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("quotes", round: round)
      let values = round == 0 ? Self.knownTricks : (0...fuzz.number(below: 3)).map { _ in fuzz.text() }
      var soql = try FakeQueryParser("Name IN \(SOQL.list(values)) AND Type = 'x'")
      guard case .all(let parts) = try soql.condition(), parts.count == 2,
        case .compare("Name", "IN", let read) = parts[0]
      else {
        Issue.record("\(values) changed the query")
        continue
      }
      #expect(read == values && soql.isAtEnd)
      var jql = try FakeQueryParser("project in \(JQL.list(values))")
      guard case .compare("project", "IN", let projects) = try jql.condition() else {
        Issue.record("\(values) changed the query")
        continue
      }
      #expect(projects == values && jql.isAtEnd)
    }
  }

  @Test func aSignatureDependsOnWhatIsMeantAndOnNothingElse() throws {
    let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: nil)
    for round in 0..<Fuzz.rounds {
      var fuzz = Fuzz("signatures", round: round)
      let signer = SigV4Signer(credentials: credentials, region: "eu-west-1", service: fuzz.pick(["s3", "dynamodb"]))
      let items = (0..<fuzz.number(below: 5)).map { number in
        "\(fuzz.text().percentEncoded())\(number)=\(fuzz.text().percentEncoded())"
      }
      let path = "/" + (0..<fuzz.number(below: 4)).map { _ in fuzz.text().percentEncoded() }.joined(separator: "/")
      func signature(_ items: [String], _ headers: [(String, String)], _ body: [UInt8]) -> String? {
        var request = HTTPRequest(
          .put, "https://host.example\(path)" + (items.isEmpty ? "" : "?" + items.joined(separator: "&")), body: body)
        for (name, value) in headers { request.headers.append(name, value) }
        return signer.sign(request, at: .seconds(1_790_000_000)).headers["Authorization"]
      }
      let headers = [("X-B", "two  words"), ("X-A", "one"), ("X-A-B", " padded ")]
      let body = fuzz.text().bytes
      let plain = signature(items, headers, body)
      // Order, case and spaces do not change the signature.
      let same = [("x-a-b", "padded"), ("x-a", "one"), ("x-b", "two words")]
      #expect(signature(items.reversed(), same, body) == plain, "\(items)")
      // Every other change does.
      #expect(signature(items, headers, body + [1]) != plain)
      #expect(signature(items + ["z=1"], headers, body) != plain)
      #expect(signature(items, [("X-B", "two words"), ("X-A", "two")], body) != plain)
      let mangled = String(decoding: fuzz.mutated("https://host.example\(path)?a=b".bytes), as: UTF8.self)
      _ = signer.sign(HTTPRequest(.get, mangled), at: .zero)
    }
  }
}
