import Formats
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing

@testable import HealthJob
@testable import Runs

/// The tests plant secrets and personal data in every input, and search every output for them.
@Suite struct SecrecyTests {
  private static let secrets = [
    "SLACK_WEBHOOK_URL": "\(ScriptedTransport.sandboxBase)/slack/services/T0/B0/planted-webhook",
    "ROLLBAR_ACCESS_TOKEN": "planted-rollbar", "ROLLBAR_BASE_URL": "\(ScriptedTransport.sandboxBase)/rollbar",
    "AWS_SECRET_ACCESS_KEY": "planted-aws-secret", "AWS_SESSION_TOKEN": "planted-session", "REPORTS_BUCKET": "reports",
  ]

  /// Texts that no output may contain: our credentials, session tokens, and the sandbox's personal data.
  private static let markers =
    ["planted-", "guest@sandbox", "Sample Guest", "Sample text of an invented", "planted@person.example"]
    + SandboxServices.environment(base: "").filter { name, _ in
      ["TOKEN", "SECRET", "EMAIL"].contains { name.contains($0) } && !name.hasPrefix("AWS")
    }.values.filter { !$0.isEmpty } + ["00Dsandbox!token", "sandbox-looker-token"]

  /// A server that repeats the request in its answer, as debugging pages and careless gateways do.
  private static func echo(_ status: Int) -> LoadFault.Answer {
    { request, _ in
      let said = request.headers.fields.map(\.value).joined(separator: " ") + " " + request.text
      let text = (said + " planted@person.example").filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
      return .json(
        #"{"message":"\#(text)","error":"\#(text)","errors":[{"code":"\#(text)","message":"\#(text)"}],"errorMessages":["\#(text)"],"looker_error":"\#(text)","__type":"\#(text)"}"#,
        status: status, headers: ["x-amzn-RequestId": text, "Location": "https://x.example/\(text)"])
    }
  }

  private static func echoList(_ status: Int) -> LoadFault.Answer {
    { request, _ in
      let text = (request.headers.fields.map(\.value).joined(separator: " ") + " planted@person.example").filter {
        $0 != "\""
      }
      return .json(#"[{"errorCode":"\#(text)","message":"\#(text)","statusCode":"\#(text)"}]"#, status: status)
    }
  }

  struct Place: Sendable, CustomTestStringConvertible {
    let path: String
    let status: Int
    var isList = false

    var testDescription: String { "\(path) says it all back under \(status)\(isList ? " in a list" : "")" }
  }

  static let places: [Place] = {
    let paths = [
      "/intercom/", "/conversations/search", "/companies", "/jira/", "/search/jql", "/components", "/bulkfetch",
      "/looker/", "/api/4.0/login", "/looks/", "/queries/", "/salesforce/", "/oauth2/token", "/describe", "/query",
      "/composite/", "/dynamodb", "/s3/", "/slack/", "/rollbar/",
    ]
    var places = paths.flatMap { path in [400, 500, 200].map { Place(path: path, status: $0) } }
    for path in ["/salesforce/", "/query", "/composite/", "/describe"] {
      places += [400, 200].map { Place(path: path, status: $0, isList: true) }
    }
    return places
  }()

  @Test(arguments: places) func nothingSecretComesOut(_ place: Place) async throws {
    let world = try FaultWorld(environment: Self.secrets) { services in
      let sandbox = ScriptedTransport.sandbox(services)
      return ScriptedTransport { request in
        guard request.url.contains(place.path) || (place.path == "/dynamodb" && request.headers["X-Amz-Target"] != nil)
        else { return try await sandbox.send(request) }
        return try await (place.isList ? Self.echoList : Self.echo)(place.status)(request) {
          try await sandbox.send(request)
        }
      }
    }
    defer { world.remove() }
    var told: [String] = []
    for event in [#"{"dry_run":true}"#, "{}"] {
      do {
        told.append(String(decoding: try JSONBody.encode(try await world.run(event)), as: UTF8.self))
      } catch let error as JobError {
        told.append("\(error.kind.rawValue) \(error.message)")
      }
    }
    let stored = world.services.storedObjects.compactMap { world.services.storedObject($0) }
      .map { String(decoding: $0, as: UTF8.self) }
    let all = (told + stored + [try world.everythingWritten()]).joined(separator: "\n")
    #expect(all.utf8.count > 1000)
    for marker in Self.markers {
      if let range = all.firstRange(of: marker) {
        let from = all.index(range.lowerBound, offsetBy: -120, limitedBy: all.startIndex) ?? all.startIndex
        Issue.record("\(marker): …\(all[from..<range.upperBound])")
      }
    }
  }

  /// The same for the customer sync, whose table alone may hold names and addresses.
  @Test(
    arguments: [
      "/contacts?", "/contacts/search", "/contacts/66", "/conversations/search", "/conversations/3", "/dynamodb",
      "/slack",
    ].flatMap { path in [400, 500, 200].map { Place(path: path, status: $0) } })
  func nothingOfACustomerComesOut(_ place: Place) async throws {
    let history = CustomerHistory(seed: "secrecy", contacts: 30)
    let logged = LogLines()
    _ = try await history.run("{}", through: history.transport, slack: true, logged: logged)
    history.live(hours: 30, changes: 60)
    let careless = ScriptedTransport { request in
      guard request.url.contains(place.path) || (place.path == "/dynamodb" && request.headers["X-Amz-Target"] != nil)
      else { return try await history.transport.send(request) }
      let answer = try await history.transport.send(request)
      return try await Self.echo(place.status)(request) {
        HTTPResponse(status: place.status, body: answer.body)
      }
    }
    var told: [String] = []
    for event in ["{}", #"{"full":true}"#] {
      history.time.advance(by: .seconds(4000))
      do {
        let answer = try await history.run(event, through: careless, slack: true, logged: logged)
        told.append(String(decoding: try JSONBody.encode(answer), as: UTF8.self))
      } catch let error as JobError {
        told.append("\(error.kind.rawValue) \(error.message)")
      }
    }
    let state = history.services.items(in: "metrics").map { "\($0)" }
    let slack = history.services.received(by: "slack").map { String(decoding: $0, as: UTF8.self) }
    let all = (told + state + slack + logged.lines).joined(separator: "\n")
    #expect(all.utf8.count > 1000)
    let bodies = ["question about the sample", "cel my sample", "renew", "cancelled-sample"]
    for marker in Self.markers + ["@sandbox", "Sampleton", "cus_sample", "Sample Plan"] + bodies {
      if let range = all.firstRange(of: marker) {
        let from = all.index(range.lowerBound, offsetBy: -120, limitedBy: all.startIndex) ?? all.startIndex
        Issue.record("\(marker): …\(all[from..<range.upperBound])")
      }
    }
  }

  /// Names that a spreadsheet would run as a formula, also behind each character that may separate cells.
  @Test(arguments: [
    "=1+1", "+1", "-1", "@x", "|x", "%x", "\u{FF1D}1", "\u{FEFF}=1", "\u{200B}=1", " =1", "a;=1", "a;  =1", "a\n=1",
    "a\t+1",
  ])
  func noCellRuns(_ name: String) throws {
    let text = CSV.defused(name)
    for cell in text.split(whereSeparator: { ";\t\n".contains($0) }) {
      let first = cell.unicodeScalars.first {
        !$0.properties.isWhitespace && $0.properties.generalCategory != .format && $0 != "\u{FEFF}"
      }
      #expect(!"=+-@|%\u{FF1D}".unicodeScalars.contains(try #require(first)), "\(text)")
    }
  }
}
