import Concurrency
import Time

/// Counts the requests that a run sent to one vendor.
public struct RequestUsage: Sendable, Equatable, Codable {
  /// Every attempt, retries included.
  public var requests = 0
  /// Attempts after the first one of each request.
  public var retries = 0
  /// Answers that said "too many requests": status 429, or what the client's ``AnswerVerdict`` says.
  public var throttled = 0
  /// Bytes of the answers' bodies, after decompression and without headers.
  public var bytesReceived = 0
  /// From the first request's start to the last answer.
  public var elapsed = Duration.zero

  public init() {}
}

/// A request failed: its retries are used up, or the deadline leaves no time for another attempt.
public struct RequestFailure: Error, Sendable, CustomStringConvertible {
  /// How the last attempt ended.
  public enum Cause: Sendable, Equatable {
    case status(Int)
    case transport(TransportError)
    /// The run's deadline leaves no time for an attempt.
    case deadline
  }

  public var cause: Cause
  /// Method and path, or a label. No query and no secret.
  public var request: String
  /// Attempts, the first one included; at least 1.
  public var attempts: Int

  public var description: String {
    let tries = attempts == 1 ? "" : " after \(attempts) attempts"
    switch cause {
    case .status(let status): return "\(request) answered HTTP \(status)\(tries)"
    case .transport(let error): return "\(request) got no answer\(tries): \(error)"
    case .deadline: return "\(request) was given up\(tries): the run's time is nearly over"
    }
  }
}

/// What an answer means where its status alone does not tell.
public enum AnswerVerdict: Sendable, Equatable {
  /// "Too many requests", whatever the status.
  ///
  /// - Parameter retryAfter: How long the server asks to wait; nil where only the headers can tell.
  case throttled(retryAfter: Duration?)
  /// No retry helps, whatever the status.
  case final
  /// The answer is good, and nearly the last that the vendor gives for now. Others may use the same key.
  ///
  /// - Parameter refillsIn: Until when no further request is sent; a minute at most.
  case exhausted(refillsIn: Duration)
}

/// Sends requests to one vendor, with rate and concurrency limits, retries and counters. Knows no vendor's API.
///
/// Retries the statuses that the ``RetryPolicy`` names (mainly 408, 429 and 5xx). Returns every other status to the
/// caller, 401 included, because the vendor's own client renews its token.
public final class APIClient: Sendable {
  private let transport: any HTTPTransport
  private let policy: RetryPolicy
  private let time: TimeSource
  private let deadline: Duration?
  private let limiter: RateLimiter
  private let jitter: @Sendable () -> Double
  private let verdict: @Sendable (HTTPResponse) -> AnswerVerdict?
  private let state = Lock((usage: RequestUsage(), started: nil as Duration?))

  /// - Parameters:
  ///   - deadline: On the monotonic clock; no request outlives it.
  ///   - jitter: 0..<1, drawn anew for each wait; tests pass their own.
  ///   - verdict: What an answer means that its status does not tell; nil where the status tells.
  public init(
    transport: any HTTPTransport, limiter: RateLimiter, policy: RetryPolicy = RetryPolicy(), time: TimeSource = .system,
    deadline: Duration? = nil, jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
    verdict: @escaping @Sendable (HTTPResponse) -> AnswerVerdict? = { _ in nil }
  ) {
    self.transport = transport
    self.policy = policy
    self.time = time
    self.deadline = deadline
    self.limiter = limiter
    self.jitter = jitter
    self.verdict = verdict
  }

  /// The counters so far. Safe to read while requests run.
  public var usage: RequestUsage { state.withLock { $0.usage } }

  /// Waits between two polls of a long operation.
  ///
  /// - Throws: ``RequestFailure`` with cause `deadline` where the wait would reach the deadline; `CancellationError`.
  public func wait(_ duration: Duration, for request: String) async throws {
    if let left = timeLeft(until: deadline), duration >= left {
      throw RequestFailure(cause: .deadline, request: request, attempts: 1)
    }
    try await time.sleep(duration)
  }

  /// Sends a request, retries it as the policy says, and returns the first answer that needs no retry.
  ///
  /// - Parameters:
  ///   - isIdempotent: Whether the server may safely receive the request twice.
  ///   - final: Statuses that are returned without a retry, even if the policy names them.
  ///   - grace: How long after the deadline the request may end. For clean-up, such as stopping a job at the vendor.
  /// - Throws: ``RequestFailure`` or `CancellationError`.
  public func send(
    _ request: HTTPRequest, isIdempotent: Bool = true, returning final: Set<Int> = [], grace: Duration = .zero
  ) async throws -> HTTPResponse {
    let deadline = deadline.map { $0 + grace }
    return try await limiter.concurrency.run {
      var attempt = 1
      while true {
        let outcome: AttemptOutcome
        let cause: RequestFailure.Cause
        do {
          let response = try await attemptOnce(
            request, isRetry: attempt > 1, attempts: attempt, deadline: deadline)
          var status = response.status
          var asked: Duration?
          switch verdict(response) {
          case .final: return response
          case .throttled(let retryAfter): (status, asked) = (429, retryAfter)
          case .exhausted, nil: break
          }
          guard policy.retryableStatuses.contains(status), !final.contains(status) else { return response }
          let wait = RetryAfter.delay(in: response.headers, status: status, now: time.wall()) ?? asked
          outcome = .status(status, retryAfter: wait)
          cause = .status(response.status)
        } catch let error as TransportError {
          if error.kind == .cancelled || Task.isCancelled { throw CancellationError() }
          outcome = .transport(error.kind)
          cause = .transport(error)
        }
        guard
          let delay = policy.delay(
            after: outcome, attempt: attempt, isIdempotent: isIdempotent, timeLeft: timeLeft(until: deadline),
            jitter: jitter()
          )
        else {
          let isLate =
            attempt < policy.maximumAttempts && (timeLeft(until: deadline).map { $0 < policy.baseDelay } ?? false)
          throw RequestFailure(cause: isLate ? .deadline : cause, request: request.description, attempts: attempt)
        }
        if case .status(429, _) = outcome {
          limiter.pause(until: time.monotonic() + delay)
        }
        try await time.sleep(delay)
        attempt += 1
      }
    }
  }

  private func timeLeft(until deadline: Duration?) -> Duration? { deadline.map { $0 - time.monotonic() } }

  private func attemptOnce(
    _ request: HTTPRequest, isRetry: Bool, attempts: Int, deadline: Duration?
  ) async throws -> HTTPResponse {
    let now = time.monotonic()
    guard let start = limiter.reserve(now: now, before: deadline) else {
      throw RequestFailure(cause: .deadline, request: request.description, attempts: attempts)
    }
    if start > now { try await time.sleep(start - now) }
    while let next = limiter.begin(now: time.monotonic()) {
      if let deadline, next >= deadline {
        throw RequestFailure(cause: .deadline, request: request.description, attempts: attempts)
      }
      try await time.sleep(next - time.monotonic())
    }
    var request = request
    if let left = timeLeft(until: deadline) { request.timeout = min(request.timeout ?? left, left) }
    state.withLock { state in
      state.usage.requests += 1
      if isRetry { state.usage.retries += 1 }
      if state.started == nil { state.started = start }
    }
    defer {
      let end = time.monotonic()
      state.withLock { state in
        if let started = state.started { state.usage.elapsed = max(state.usage.elapsed, end - started) }
      }
    }
    let response = try await transport.send(request)
    var isThrottled = response.status == 429
    switch verdict(response) {
    case .throttled: isThrottled = true
    case .exhausted(let refillsIn): limiter.pause(until: time.monotonic() + min(max(refillsIn, .zero), .seconds(60)))
    case .final, nil: break
    }
    state.withLock { state in
      state.usage.bytesReceived += response.body.count
      if isThrottled { state.usage.throttled += 1 }
    }
    return response
  }
}
