import Concurrency
import Formats
import HTTPClient
import TestSupport
import Testing
import Time

private let limit = RateLimit(requests: 1000, window: .seconds(10), maximumConcurrency: 4)
private let request = HTTPRequest(.get, "https://vendor.example/things?secret=hunter2")

/// Answers with these responses in order, and repeats the last one.
private func answers(_ responses: [HTTPResponse]) -> ScriptedTransport {
  let left = Lock(responses)
  return ScriptedTransport { _ in
    left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
  }
}

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy()

  @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
  func repeatsWhatPasses(_ status: Int) {
    #expect(delay(.status(status, retryAfter: nil)) != nil)
  }

  @Test(arguments: [400, 401, 402, 403, 404, 410, 422])
  func neverRepeatsARefusal(_ status: Int) {
    #expect(delay(.status(status, retryAfter: nil)) == nil)
  }

  @Test func obeysRetryAfterUpToItsCap() {
    #expect(delay(.status(429, retryAfter: .seconds(7)), jitter: 0) == .seconds(7))
    #expect(delay(.status(429, retryAfter: .seconds(86_400)), jitter: 0) == .seconds(60))
  }

  @Test func neverWaitsPastTheDeadline() {
    #expect(
      policy.delay(
        after: .status(429, retryAfter: .seconds(7)), attempt: 1, isIdempotent: true, timeLeft: .seconds(5), jitter: 0)
        == nil)
  }

  @Test func repeatsAWriteOnlyIfItSurelyHadNoEffect() {
    func delay(_ outcome: AttemptOutcome) -> Duration? {
      policy.delay(after: outcome, attempt: 1, isIdempotent: false, timeLeft: nil, jitter: 0)
    }
    #expect(delay(.status(500, retryAfter: nil)) == nil)
    #expect(delay(.transport(.timedOut)) == nil)
    #expect(delay(.transport(.interrupted)) == nil)
    #expect(delay(.status(429, retryAfter: nil)) != nil)
    #expect(delay(.transport(.connect)) != nil)
  }

  @Test func givesUpAfterTheLastAttempt() {
    #expect(
      policy.delay(after: .status(500, retryAfter: nil), attempt: 5, isIdempotent: true, timeLeft: nil, jitter: 0)
        == nil)
  }

  private func delay(_ outcome: AttemptOutcome, jitter: Double = 0.5) -> Duration? {
    policy.delay(after: outcome, attempt: 1, isIdempotent: true, timeLeft: nil, jitter: jitter)
  }
}

@Suite struct APIClientTests {
  @Test func retriesAndCounts() async throws {
    let time = VirtualTime()
    let transport = answers([
      .json("", status: 503), .json("", status: 429, headers: ["Retry-After": "3"]), .json("{}"),
    ])
    let client = APIClient(transport: transport, limiter: RateLimiter(limit), time: time.source)
    let response = try await client.send(request)
    #expect(response.status == 200)
    #expect(client.usage.requests == 3)
    #expect(client.usage.retries == 2)
    #expect(client.usage.throttled == 1)
    #expect(client.usage.bytesReceived == 2)
    #expect(time.waited.contains { $0 >= .seconds(3) && $0 < .seconds(4) })
  }

  @Test(arguments: [
    ("Sun, 01 Nov 2026 06:00:20 GMT", 20.0), ("11", 11), ("-5", 0), ("99999999999", 60),
  ])
  func readsRetryAfter(_ header: String, _ seconds: Double) async throws {
    let time = VirtualTime()
    let transport = answers([.json("", status: 429, headers: ["retry-after": header]), .json("{}")])
    _ = try await APIClient(transport: transport, limiter: RateLimiter(limit), time: time.source).send(request)
    let waited = try #require(time.waited.max()?.inSeconds)
    #expect(waited >= seconds && waited < seconds + 0.5)
  }

  @Test(arguments: ["1793512812", "2026-11-01T06:00Z", "2026-11-01T06:00:12Z"])
  func readsTheRateLimitReset(_ header: String) async throws {
    let time = VirtualTime()
    let transport = answers([.json("", status: 429, headers: ["X-RateLimit-Reset": header]), .json("{}")])
    _ = try await APIClient(transport: transport, limiter: RateLimiter(limit), time: time.source).send(request)
    let waited = try #require(time.waited.max()?.inSeconds)
    #expect(waited < 13)
    #expect(!header.hasSuffix("12Z") || waited >= 12)
  }

  @Test func givesUpWithAMessageThatHidesTheQuery() async throws {
    let client = APIClient(
      transport: answers([.json("", status: 500)]), limiter: RateLimiter(limit), time: VirtualTime().source)
    let failure = await #expect(throws: RequestFailure.self) { try await client.send(request) }
    #expect(failure?.attempts == 5)
    #expect(failure?.description == "GET /things answered HTTP 500 after 5 attempts")
  }

  @Test func returnsWhatOthersOwn() async throws {
    let client = APIClient(
      transport: answers([.json("", status: 401)]), limiter: RateLimiter(limit), time: VirtualTime().source)
    #expect(try await client.send(request).status == 401)
    #expect(client.usage.requests == 1)
  }

  @Test func stopsAtTheDeadline() async throws {
    let time = VirtualTime()
    let transport = ScriptedTransport { request in
      time.advance(by: request.timeout ?? .seconds(1000))
      throw TransportError(.timedOut, "Timeout was reached")
    }
    let client = APIClient(transport: transport, limiter: RateLimiter(limit), time: time.source, deadline: .seconds(20))
    let failure = await #expect(throws: RequestFailure.self) { try await client.send(request) }
    #expect(failure?.cause == .deadline)
    #expect(time.source.monotonic() <= .seconds(21))
  }

  /// No ten seconds contain more requests than the limit, and the client is hardly slower than the limit requires.
  @Test func keepsTheRateLimitInEveryWindow() async throws {
    let time = VirtualTime()
    let starts = Lock<[Duration]>([])
    let transport = ScriptedTransport { _ in
      starts.withLock { $0.append(time.source.monotonic()) }
      time.advance(by: .milliseconds(70))
      return .json("{}")
    }
    let tight = RateLimit(requests: 20, window: .seconds(10), maximumConcurrency: 1)
    let client = APIClient(transport: transport, limiter: RateLimiter(tight), time: time.source)
    for _ in 0..<100 { _ = try await client.send(request) }
    let all = starts.withLock { $0 }
    for (index, start) in all.enumerated() {
      #expect(all[index...].prefix { $0 < start + .seconds(10) }.count <= 20)
    }
    #expect(time.source.monotonic() < .seconds(42))
  }

  /// A request of a narrower limit counts in the whole vendor's too, and waits for both.
  @Test func severalWindowsAreKeptTogether() async throws {
    let time = VirtualTime()
    let starts = Lock<[(isSearch: Bool, at: Duration)]>([])
    let transport = ScriptedTransport { request in
      starts.withLock { $0.append((request.url.hasSuffix("search"), time.source.monotonic())) }
      return .json("{}")
    }
    let whole = RateLimiter(
      RateLimit(
        [.init(requests: 10, length: .seconds(10)), .init(requests: 3, length: .seconds(1))], maximumConcurrency: 1))
    let searches = whole.narrowed(to: [RateLimit.Window(requests: 4, length: .seconds(2)).evenly])
    let client = APIClient(transport: transport, limiter: whole, time: time.source)
    let searchClient = APIClient(transport: transport, limiter: searches, time: time.source)
    for round in 0..<60 {
      let isSearch = round % 3 != 0
      _ = try await (isSearch ? searchClient : client).send(
        HTTPRequest(.get, "https://vendor.example/\(isSearch ? "search" : "things")"))
    }
    let all = starts.withLock { $0 }
    for (index, start) in all.enumerated() {
      #expect(all[index...].prefix { $0.at < start.at + .seconds(10) }.count <= 10)
      #expect(all[index...].prefix { $0.at < start.at + .seconds(1) }.count <= 3)
      guard start.isSearch else { continue }
      #expect(all[(index + 1)...].first { $0.isSearch }.map { $0.at >= start.at + .milliseconds(500) } ?? true)
    }
    #expect(time.source.monotonic() < .seconds(62))
  }

  /// Another program uses the same key: the headers say that little is left.
  @Test func whatIsNearlyUsedUpIsLeftAlone() async throws {
    let time = VirtualTime()
    let client = APIClient(
      transport: answers([.json("{}")]), limiter: RateLimiter(limit), time: time.source,
      verdict: { _ in .exhausted(refillsIn: .seconds(42)) })
    for _ in 0..<3 { #expect(try await client.send(request).status == 200) }
    #expect(time.source.monotonic() == .seconds(84) && client.usage.throttled == 0)
  }

  @Test func aVerdictCountsMoreThanTheStatus() async throws {
    let time = VirtualTime()
    let transport = answers([.json("busy", status: 400), .json("over", status: 429), .json("{}")])
    let client = APIClient(
      transport: transport, limiter: RateLimiter(limit), time: time.source,
      verdict: { response in
        switch String(decoding: response.body, as: UTF8.self) {
        case "busy": .throttled(retryAfter: .seconds(7))
        case "over": .final
        default: nil
        }
      })
    #expect(try await client.send(request).status == 429)
    #expect(client.usage.requests == 2 && client.usage.throttled == 2)
    #expect(time.waited.contains { $0 >= .seconds(7) && $0 < .seconds(8) })
  }

  @Test func neverHasMoreAtOnceThanAllowed() async throws {
    let running = Lock((now: 0, most: 0))
    let transport = ScriptedTransport { _ in
      running.withLock { counts in
        counts.now += 1
        counts.most = max(counts.most, counts.now)
      }
      await Task.yield()
      running.withLock { $0.now -= 1 }
      return .json("{}")
    }
    let client = APIClient(transport: transport, limiter: RateLimiter(limit), time: VirtualTime().source)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 { group.addTask { _ = try await client.send(request) } }
      try await group.waitForAll()
    }
    #expect(running.withLock { $0.most } <= 4)
    #expect(client.usage.requests == 200)
  }
}

@Suite struct Encoding {
  @Test func percentEncodesAsTheStandardSays() {
    #expect("a b/ü&=+~".percentEncoded() == "a%20b%2F%C3%BC%26%3D%2B~")
    #expect("'x',('y')".percentEncoded(keeping: ",'()") == "'x',('y')")
  }

  /// The message names the place of the error in the JSON, never the value there.
  @Test(arguments: [
    (#"{"count":"top-secret"}"#, "count: expected a whole number"),
    (#"{}"#, "count: is missing"),
    (#"{"count":top-secret}"#, "not valid JSON"),
    (#"["top-secret"]"#, "top level: expected an object"),
  ])
  func jsonErrorsQuoteNothing(_ text: String, _ message: String) {
    struct Answer: Decodable {
      let count: Int
    }
    let error = #expect(throws: JSONBodyError.self) { try JSONBody.decode(Answer.self, from: Array(text.utf8)) }
    #expect(error?.description.contains("top-secret") == false)
    #expect(error?.description == message)
  }
}
