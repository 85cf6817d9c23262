import Concurrency
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A way for a vendor to fail, and the expected outcome of the run.
struct Fault: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable {
    /// A retry helps: the run reads the same data as without the fault.
    case recovers
    /// The source can't be read: all its metrics are missing, and none is invented.
    case sourceFails
    /// The source is read, and the fault changes no metric.
    case isHarmless
    /// Only a part may be read: the metrics with a value are correct, and the run is `partial`.
    case suffers
    /// The function accepts the answer, because it could be true.
    case isBelieved
  }

  let name: String
  /// How many attempts of each request it affects, from the first one.
  var attempts: Int
  var outcome: Outcome
  /// The outcome for vendors where it differs from `outcome`.
  var exceptions: [Vendor: Outcome] = [:]
  /// The most attempts that a request may take.
  var maximumAttempts = 5
  let apply: @Sendable (HTTPRequest, () async throws -> HTTPResponse) async throws -> HTTPResponse

  var testDescription: String { name }

  func outcome(at vendor: Vendor) -> Outcome { exceptions[vendor] ?? outcome }

  // MARK: Kinds

  static func status(
    _ status: Int, _ headers: HTTPFields = [:], body: String = "{}", attempts: Int, outcome: Outcome,
    exceptions: [Vendor: Outcome] = [:], maximumAttempts: Int = 5
  ) -> Fault {
    let header = headers.fields.map { " with \($0.name): \($0.value.isEmpty ? "nothing" : $0.value)" }.joined()
    return Fault(
      name: "HTTP \(status)\(header), \(attempts == .max ? "always" : "\(attempts) times")", attempts: attempts,
      outcome: outcome, exceptions: exceptions, maximumAttempts: maximumAttempts
    ) { _, _ in .json(body, status: status, headers: headers) }
  }

  static func transport(
    _ kind: TransportError.Kind, afterwards: Bool = false, attempts: Int, outcome: Outcome,
    exceptions: [Vendor: Outcome] = [:], maximumAttempts: Int = 5
  ) -> Fault {
    Fault(
      name:
        "\(kind)\(afterwards ? " after the server has done it" : ""), \(attempts == .max ? "always" : "\(attempts) times")",
      attempts: attempts, outcome: outcome, exceptions: exceptions, maximumAttempts: maximumAttempts
    ) { _, send in
      if afterwards { _ = try await send() }
      throw TransportError(kind, "as the test wants it")
    }
  }

  /// Changes the body of the vendor's answer and keeps its status.
  static func body(
    _ name: String, attempts: Int = .max, outcome: Outcome = .sourceFails, exceptions: [Vendor: Outcome] = [:],
    _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) -> Fault {
    Fault(
      name: "\(name), \(attempts == .max ? "always" : "once")", attempts: attempts, outcome: outcome,
      exceptions: exceptions
    ) { _, send in
      var response = try await send()
      response.body = change(response.body)
      return response
    }
  }

  /// Replaces texts in the body of the vendor's answer.
  static func text(
    _ name: String, _ changes: KeyValuePairs<String, String>, attempts: Int = .max, outcome: Outcome,
    exceptions: [Vendor: Outcome] = [:]
  ) -> Fault {
    let pairs = changes.map { ($0.key, $0.value) }
    return body(name, attempts: attempts, outcome: outcome, exceptions: exceptions) { body in
      var text = String(decoding: body, as: UTF8.self)
      for (old, new) in pairs { text = text.replacing(old, with: new) }
      return Array(text.utf8)
    }
  }
}

private let html = "<!DOCTYPE html><html><body>Scheduled maintenance, mail guest@sandbox.example</body></html>"

extension Fault {
  /// Every fault at every place. A debug build is ten times as slow: it tries a third of them, each fault somewhere.
  static func everywhere<Place>(at places: [Place]) -> [(Place, Fault)] {
    let step = Shipped.isDebugBuild ? 3 : 1
    return places.enumerated().flatMap { number, place in
      everywhere.enumerated().filter { ($0.offset + number) % step == 0 }.map { (place, $0.element) }
    }
  }

  /// Every one of these is tried at every vendor.
  static let everywhere: [Fault] =
    // Too many requests, with every form of the headers that say how long to wait, valid or not.
    [
      [:], ["Retry-After": "2"], ["Retry-After": "Sun, 01 Nov 2026 06:00:05 GMT"], ["Retry-After": "99999999999999"],
      ["Retry-After": "-5"], ["Retry-After": "soon"], ["Retry-After": ""], ["Retry-After": "1e308"],
      ["Retry-After": "Sun, 06 Nov 9994 08:49:37 GMT"], ["Retry-After": "nan"],
      ["X-RateLimit-Reset": "9999999999999999999"],
      ["X-RateLimit-Reset": "2026-11-01T06:01Z"],
    ].map { .status(429, $0, attempts: 2, outcome: .recovers) }
    + [429, 500, 502, 503, 504, 408].map { .status($0, attempts: .max, outcome: .sourceFails) }
    + [500, 502, 503, 504, 408, 425].map { .status($0, attempts: 2, outcome: .recovers) }
    + [
      .status(503, ["Retry-After": "3"], attempts: 2, outcome: .recovers),
      // A retry does not help, except after 401, because the session may have expired.
      .status(403, attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .status(404, attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .status(410, attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .status(
        302, ["Location": "https://elsewhere.example/"], attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .status(401, attempts: .max, outcome: .sourceFails, maximumAttempts: 2),
      .status(
        401, attempts: 1, outcome: .recovers, exceptions: [.intercom: .sourceFails, .jira: .sourceFails],
        maximumAttempts: 2),
      .transport(.connect, attempts: 2, outcome: .recovers),
      .transport(.interrupted, attempts: 2, outcome: .recovers),
      .transport(.interrupted, afterwards: true, attempts: 2, outcome: .recovers),
      // A Look that took minutes would take them again, so its timeout is not retried.
      .transport(.timedOut, attempts: 2, outcome: .recovers, exceptions: [.looker: .sourceFails]),
      .transport(.connect, attempts: .max, outcome: .sourceFails),
      .transport(.interrupted, attempts: .max, outcome: .sourceFails),
      .transport(.timedOut, attempts: .max, outcome: .sourceFails),
      .transport(.untrusted, attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .transport(.tooLarge, attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      // Bodies that are not what was asked for.
      .body("HTML under 200") { _ in Array(html.utf8) },
      .body("HTML under 200", attempts: 1, outcome: .recovers) { _ in Array(html.utf8) },
      .body("an empty body") { _ in [] },
      .body("an empty body", attempts: 1, outcome: .recovers) { _ in [] },
      .body("a body cut off") { Array($0.prefix($0.count / 2)) },
      .body("a body cut off", attempts: 1, outcome: .recovers) { Array($0.prefix($0.count / 2)) },
      .body("null") { _ in Array("null".utf8) },
      .body("a text") { _ in Array("\"ok\"".utf8) },
      .body("an object of something else") { _ in Array(#"{"message":"guest@sandbox.example","x":[1,2]}"#.utf8) },
      .body("a list of lists") { _ in Array("[[1],[2]]".utf8) },
      .body("600 levels of nesting") { _ in
        Array((String(repeating: "[", count: 600) + String(repeating: "]", count: 600)).utf8)
      },
      .body("100,000 levels of nesting") { _ in Array(String(repeating: "{\"a\":", count: 100_000).utf8) },
      .body("bytes that are no text") { _ in (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 151) } },
      .body("more behind the end") { $0 + Array("{}".utf8) },
      .body("white space around", outcome: .isHarmless) { Array("\r\n\t ".utf8) + $0 + Array("\r\n \n".utf8) },
      .body("a byte-order mark", outcome: .isHarmless) { [0xEF, 0xBB, 0xBF] + $0 },
    ]
}

extension Fault {
  /// Faults that only one vendor can have.
  static let particular: [Vendor: [Fault]] = [
    .intercom: [
      .text("renamed list", ["\"conversations\":[": "\"items\":["], outcome: .sourceFails),
      .text("times as texts in quotes", [:], outcome: .isHarmless).quoting("created_at").quoting("last_close_at"),
      .text("reopens in quotes", [:], outcome: .isHarmless).quoting("count_reopens"),
      .text(
        "ids as numbers", ["\"type\":\"conversation\",\"id\":\"": "\"type\":\"conversation\",\"old\":\""],
        outcome: .suffers),
      .text("times in ISO 8601", [:], outcome: .suffers).replacing("created_at", with: "\"2026-10-01T00:00:00Z\""),
      .text("times that are null", [:], outcome: .suffers).replacing("created_at", with: "null"),
      .text("times far away", [:], outcome: .suffers).replacing("created_at", with: "9223372036854775807"),
      .text("times before the beginning", [:], outcome: .suffers).replacing(
        "created_at", with: "-9223372036854775808"),
      .text("closes far away", [:], outcome: .suffers).replacing("last_close_at", with: "1e300"),
      .text("priorities of another kind", [:], outcome: .suffers).replacing("priority", with: "{}"),
      .text("counts of another kind", [:], outcome: .suffers).replacing("count_reopens", with: "[1]"),
      .text("ratings of another kind", [:], outcome: .suffers).replacing("rating", with: "\"5\""),
      .text("statistics of another kind", ["\"statistics\":{": "\"statistics\":7,\"old\":{"], outcome: .suffers),
      .text("tags of another kind", ["\"tags\":{": "\"tags\":[],\"old\":{"], outcome: .suffers),
      .text("companies of another kind", ["\"company\":{": "\"company\":\"c\",\"old\":{"], outcome: .sourceFails),
      .text("no source", ["\"source\":{": "\"sources\":{"], outcome: .suffers),
      .text("invalid UTF-8 in bodies", [:], outcome: .isHarmless).inserting([0xFF, 0xC0], behind: "<p>Sample"),
      .text("a list with null", ["\"conversations\":[": "\"conversations\":[null,17,\"x\","], outcome: .suffers),
      .text("every conversation twice", [:], outcome: .isHarmless).doubling(behind: "\"conversations\":["),
      .text("a cursor that stays", [:], outcome: .sourceFails).replacing("starting_after", with: "\"c150\""),
      // The search that plans the slices announces more rows than the slices return.
      .text("more announced at first", [:], attempts: 1, outcome: .suffers).replacing("total_count", with: "400"),
      .text(
        "cursors that never end", ["\"pages\":{": "\"pages\":{\"next\":{\"starting_after\":\"x\"},"],
        outcome: .sourceFails
      ).endless("starting_after", "c9000"),
      .text("pages that move, once", [:], attempts: 1, outcome: .recovers).replacing("id", with: "\"moved\""),
      .text("no rows", [:], outcome: .isBelieved).emptying("conversations").replacing("total_count", with: "0"),
      .text("a cursor that can't be read", [:], outcome: .sourceFails).replacing("starting_after", with: "{}"),
      // Planning accepts the number and makes as many slices as it may, so there are many requests.
      .text("more announced than given", [:], outcome: .sourceFails).replacing("total_count", with: "99999")
        .taking(attempts: 40),
      .text("an impossible number announced", [:], outcome: .sourceFails).replacing(
        "total_count", with: "-9223372036854775808"),
    ],
    .jira: [
      .text("renamed list", ["\"issues\":[": "\"values\":["], outcome: .sourceFails),
      .text("issues without fields", ["\"fields\":{": "\"renamed\":{"], outcome: .sourceFails),
      .text("issues of no project", ["\"project\":{": "\"renamed\":{"], outcome: .sourceFails),
      .text(
        "issues of a renamed project",
        [
          "\"key\":\"STAY\"": "\"key\":\"GONE\"", "\"key\":\"DESK\"": "\"key\":\"GONE\"",
          "\"key\":\"KEYS\"": "\"key\":\"GONE\"", "\"key\":\"DATA\"": "\"key\":\"GONE\"",
        ], outcome: .isHarmless),
      .text("tokens that never end", ["\"isLast\":true": "\"isLast\":false,\"nextPageToken\":\"p\""], outcome: .suffers)
        .endless("nextPageToken"),
      .text("a token that stays", [:], outcome: .suffers).replacing("isLast", with: "false,\"nextPageToken\":\"p0\""),
      .text("no next page of an unfinished search", ["\"isLast\":true": "\"isLast\":false"], outcome: .sourceFails),
      .text("ids as numbers", [:], outcome: .isHarmless).unquoting("id"),
      .text("priorities of another kind", ["\"priority\":{": "\"priority\":3,\"old\":{"], outcome: .suffers),
      .text("no status", ["\"status\":{": "\"old\":{"], outcome: .suffers),
      .text("times that are null", [:], outcome: .suffers).replacing("created", with: "null"),
      .text("absurd times", [:], outcome: .suffers).replacing("created", with: "\"0000-01-01T00:00:00.000+0000\""),
      .text("a list with null", ["\"issues\":[": "\"issues\":[null,17,"], outcome: .suffers),
      .text("every issue twice", [:], outcome: .isHarmless).doubling(behind: "\"issues\":["),
      .text("no rows", [:], outcome: .isBelieved).emptying("issues"),
    ],
    .looker: [
      .body("an error as a row") { _ in Array(#"[{"looker_error":"SELECT guest@sandbox.example FROM x"}]"#.utf8) },
      .body("an error as a row", attempts: 1, outcome: .recovers) { _ in Array(#"[{"looker_error":"x"}]"#.utf8) },
      .text("renamed brand fields", ["brand_id\"": "customer\""], outcome: .sourceFails),
      .text("renamed fields", ["m_perc_of_bookings_with_checkin": "gone"], outcome: .suffers),
      .text("a null among rows", ["[{": "[null,{"], outcome: .sourceFails),
      .text("every row twice", [:], outcome: .isHarmless).doubling(behind: "["),
      .body("no rows", outcome: .isBelieved) { _ in Array("[]".utf8) },
      .text("absurd numbers", [:], outcome: .suffers).replacing("platform_score.score", with: "1e999"),
    ],
    .salesforce: [
      .text("renamed list", ["\"records\":[": "\"rows\":["], outcome: .sourceFails),
      .text("more announced than given", [:], outcome: .sourceFails).replacing("totalSize", with: "99999"),
      .text("an impossible number announced", [:], outcome: .sourceFails).replacing(
        "totalSize", with: "-9223372036854775808"),
      .text("unfinished without a next page", ["\"done\":true": "\"done\":false"], outcome: .sourceFails),
      .text(
        "a next page elsewhere",
        ["\"done\":true": "\"done\":false,\"nextRecordsUrl\":\".evil.example/services/data/\""], outcome: .sourceFails),
      .text(
        "a next page behind an @", ["\"done\":true": "\"done\":false,\"nextRecordsUrl\":\"@evil.example/\""],
        outcome: .sourceFails),
      .text(
        "a next page that stays",
        ["\"done\":true": "\"done\":false,\"nextRecordsUrl\":\"/services/data/v66.0/query/01gSB1-2000\""],
        outcome: .sourceFails),
      .text(
        "next pages that never end",
        ["\"done\":true": "\"done\":false,\"nextRecordsUrl\":\"x\""], outcome: .sourceFails
      ).endless("nextRecordsUrl", "/services/data/v66.0/query/01gSB1-"),
      // An object without any row looks the same as an object that sharing hides.
      .text("no rows", [:], outcome: .suffers).emptying("records").replacing("totalSize", with: "0"),
      .text("renamed fields", ["\"CloseDate\":": "\"Closing\":"], outcome: .suffers),
      .text("dates that are none", [:], outcome: .suffers).replacing("CloseDate", with: "\"soon\""),
      .text("a severity that nobody knows", ["\"Critical\"": "\"Grave\""], outcome: .suffers),
      .text("flags that are none", [:], outcome: .suffers).replacing("Attended__c", with: "3"),
      .text("flags in quotes", [:], outcome: .isHarmless).quoting("IsClosed").quoting("IsWon").quoting("IsActive"),
      .text("a list with null", ["\"records\":[": "\"records\":[null,"], outcome: .sourceFails),
      .text("every row twice", [:], outcome: .isHarmless).doubling(behind: "\"records\":["),
      .status(
        400, body: #"[{"message":"guest@sandbox.example","errorCode":"QUERY_TIMEOUT"}]"#, attempts: 2,
        outcome: .recovers),
      .status(
        400, body: #"[{"message":"x","errorCode":"UNABLE_TO_LOCK_ROW"}]"#, attempts: 2, outcome: .recovers),
      .status(
        403, body: #"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
        attempts: .max, outcome: .sourceFails, maximumAttempts: 1),
      .status(
        400, body: #"[{"message":"x","errorCode":"guest@sandbox.example"}]"#, attempts: .max, outcome: .sourceFails,
        maximumAttempts: 1),
    ],
  ]

  /// Replaces the value of every member with this name, at any depth, even if it is a list or an object.
  static func member(_ name: String, _ value: String) -> Fault {
    .body("\(name) as \(value)", outcome: .isBelieved) { body in
      func changed(_ json: Any, _ other: Any) -> Any {
        switch json {
        case let list as [Any]: list.map { changed($0, other) }
        case let object as [String: Any]:
          Dictionary(uniqueKeysWithValues: object.map { ($0.key, $0.key == name ? other : changed($0.value, other)) })
        default: json
        }
      }
      guard let json = try? JSONSerialization.jsonObject(with: Data(body)),
        let other = try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed),
        let data = try? JSONSerialization.data(withJSONObject: changed(json, other))
      else { return body }
      return Array(data)
    }
  }

  private func then(_ change: @escaping @Sendable (String) -> String) -> Fault {
    var row = Fault(name: name, attempts: attempts, outcome: outcome, exceptions: exceptions) { request, send in
      var response = try await apply(request, send)
      response.body = Array(change(String(decoding: response.body, as: UTF8.self)).utf8)
      return response
    }
    row.maximumAttempts = maximumAttempts
    return row
  }

  /// Replaces the value of every member with this name.
  private func replacing(_ member: String, with value: String) -> Fault {
    then { $0.replacingMembers(member) { _ in value } }
  }

  /// Puts a new cursor into every answer, so that the pages never end.
  private func endless(_ member: String, _ prefix: String = "c") -> Fault {
    let count = Lock(0)
    return then { text in
      text.replacingMembers(member) { _ in "\"\(prefix)\(count.withLock { $0 += 1; return $0 })\"" }
    }
  }

  private func taking(attempts: Int) -> Fault {
    var row = self
    row.maximumAttempts = attempts
    return row
  }

  private func quoting(_ member: String) -> Fault {
    then { $0.replacingMembers(member) { $0 == "null" || $0.hasPrefix("\"") ? $0 : "\"\($0)\"" } }
  }

  private func unquoting(_ member: String) -> Fault {
    then { $0.replacingMembers(member) { $0.hasPrefix("\"") ? $0.replacing("\"", with: "") : $0 } }
  }

  /// Repeats all elements of a flat list of objects at its end.
  private func doubling(behind start: String) -> Fault {
    then { text in
      guard let range = text.firstRange(of: start), let end = text.lastIndex(of: "]") else { return text }
      let elements = text[range.upperBound..<end]
      return elements.isEmpty ? text : String(text[..<end]) + "," + elements + text[end...]
    }
  }

  private func emptying(_ member: String) -> Fault {
    then { text in
      guard let range = text.firstRange(of: "\"\(member)\":["), let end = text.lastIndex(of: "]") else { return text }
      return text[..<range.upperBound] + "]" + text[text.index(after: end)...]
    }
  }

  private func inserting(_ bytes: [UInt8], behind mark: String) -> Fault {
    var row = Fault(name: name, attempts: attempts, outcome: outcome) { request, send in
      var response = try await apply(request, send)
      if let range = Data(response.body).firstRange(of: Data(mark.utf8)) {
        response.body.insert(contentsOf: bytes, at: range.upperBound)
      }
      return response
    }
    row.maximumAttempts = maximumAttempts
    return row
  }
}

extension String {
  /// Replaces every value of a member. A value must be a scalar: it ends at its quote, or before a comma or bracket.
  fileprivate func replacingMembers(_ name: String, _ value: (String) -> String) -> String {
    let parts = components(separatedBy: "\"\(name)\":")
    return parts[0]
      + parts.dropFirst().map { part in
        let end =
          part.hasPrefix("\"")
          ? part.dropFirst().firstIndex(of: "\"").map { part.index(after: $0) } ?? part.endIndex
          : part.firstIndex { ",}]".contains($0) } ?? part.endIndex
        return "\"\(name)\":\(value(String(part[..<end])))\(part[end...])"
      }.joined()
  }
}
