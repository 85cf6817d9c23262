/// Does something again, a bounded number of times, that takes more than one request or is judged by more than its status:
/// a query, a batch of records, a page. What one request is repeated for, ``RetryPolicy`` decides.
///
/// - Parameters:
///   - maximum: Attempts in all, the first included.
///   - pause: Waits before another attempt; gets the number of the one that just ended, from 1. It throws where there is no
///     time left.
///   - isPassing: Whether another attempt may help after an error.
///   - isGood: Whether a value is final; the last attempt's value is returned in any case.
///   - work: Gets the number of the attempt, from 1.
public func repeating<Value>(
  atMost maximum: Int, pause: (_ attempt: Int) async throws -> Void = { _ in },
  ifFailed isPassing: (any Error) -> Bool = { _ in false }, until isGood: (Value) -> Bool = { _ in true },
  _ work: (_ attempt: Int) async throws -> Value
) async throws -> Value {
  var attempt = 1
  while attempt < maximum {
    do {
      let value = try await work(attempt)
      if isGood(value) { return value }
    } catch let error where isPassing(error) {
      // Another attempt may help.
    }
    try await pause(attempt)
    attempt += 1
  }
  return try await work(attempt)
}
