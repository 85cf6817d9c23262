import Concurrency
import Time

/// What a vendor was asked in a run.
public struct RequestUsage: Sendable, Equatable, Codable {
  /// Every attempt, retries included.
  public var requests = 0
  public var retries = 0
  /// Answers that said "too many".
  public var throttled = 0
  public var bytesReceived = 0
  /// From the first request's start to the last answer.
  public var elapsed = Duration.zero

  public init() {}
}

/// The retries are used up, or there is no time for another.
public struct RequestFailure: Error, Sendable, CustomStringConvertible {
  public enum Cause: Sendable, Equatable {
    case status(Int)
    case transport(TransportError)
    /// The run's deadline came first.
    case deadline
  }

  public var cause: Cause
  public var request: String
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

/// One vendor's door: rate and concurrency limits, retries and counters, and nothing that knows the vendor.
///
/// Owns 408, 429 and 5xx. Every other status is returned to the caller, 401 included, whose owner is the vendor's token.
public final class APIClient: Sendable {
  private let transport: any HTTPTransport
  private let policy: RetryPolicy
  private let time: TimeSource
  private let deadline: Duration?
  private let limiter: RateLimiter
  private let isThrottled: @Sendable (HTTPResponse) -> Bool
  private let state = Lock((usage: RequestUsage(), started: nil as Duration?))

  /// - Parameters:
  ///   - deadline: On the monotonic clock; no request outlives it.
  ///   - isThrottled: Tells an answer that means "too many" although its status is another's business.
  public init(
    transport: any HTTPTransport, limiter: RateLimiter, policy: RetryPolicy = RetryPolicy(), time: TimeSource = .system,
    deadline: Duration? = nil, isThrottled: @escaping @Sendable (HTTPResponse) -> Bool = { _ in false }
  ) {
    self.transport = transport
    self.policy = policy
    self.time = time
    self.deadline = deadline
    self.limiter = limiter
    self.isThrottled = isThrottled
  }

  public var usage: RequestUsage { state.withLock { $0.usage } }

  /// Waits between two looks at something that takes its time, never past the deadline.
  ///
  /// - Throws: ``RequestFailure`` with cause `deadline`.
  public func wait(_ duration: Duration, for request: String) async throws {
    if let left = timeLeft(until: deadline), duration >= left {
      throw RequestFailure(cause: .deadline, request: request, attempts: 1)
    }
    try await time.sleep(duration)
  }

  /// Returns the first answer that is not worth repeating.
  ///
  /// - Parameters:
  ///   - isIdempotent: Whether the server may receive it twice.
  ///   - final: Statuses that the caller owns for this request although they are mostly worth repeating.
  ///   - grace: How far behind the deadline it may end: for taking back what must not go on.
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
          let status = isThrottled(response) ? 429 : response.status
          guard policy.retryableStatuses.contains(status), !final.contains(status) else { return response }
          let wait = RetryAfter.delay(in: response.headers, status: status, now: time.wall())
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
            jitter: .random(in: 0..<1)
          )
        else {
          let isLate =
            attempt < policy.maximumAttempts && (timeLeft(until: deadline).map { $0 < policy.baseDelay } ?? false)
          throw RequestFailure(cause: isLate ? .deadline : cause, request: request.description, attempts: attempt)
        }
        if case .status(429, _) = outcome {
          limiter.schedule.withLock { $0.pause(until: time.monotonic() + delay) }
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
    guard let start = limiter.schedule.withLock({ $0.reserve(now: now, before: deadline) }) else {
      throw RequestFailure(cause: .deadline, request: request.description, attempts: attempts)
    }
    if start > now { try await time.sleep(start - now) }
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
    state.withLock { state in
      state.usage.bytesReceived += response.body.count
      if response.status == 429 || isThrottled(response) { state.usage.throttled += 1 }
    }
    return response
  }
}
