/// An element and the result of its work.
private struct ConcurrentOutcome<Element: Sendable, Value: Sendable>: Sendable {
  let element: Element
  let result: Result<Value, any Error>
}

/// Starts `work` for all elements at the same time and calls `use` with each element and its result, as they finish.
///
/// Use this instead of a task group. A child task that returns a tuple such as `(position, .success(try await work()))`
/// loses the position in optimised builds (Swift 6.3.1: every position becomes the first one's), so that one account
/// gets another's numbers. A struct that is made after the work is done keeps both.
///
/// - Parameter limit: The most elements that are worked on at the same time; the next ones wait without any work done.
public func concurrently<Element: Sendable, Value: Sendable>(
  _ elements: some Sequence<Element>, atMost limit: Int = .max,
  _ work: @escaping @Sendable (Element) async throws -> Value, each use: (Element, Result<Value, any Error>) -> Void
) async {
  await withTaskGroup(of: ConcurrentOutcome<Element, Value>.self) { group in
    for (position, element) in elements.enumerated() {
      if position >= limit, let outcome = await group.next() { use(outcome.element, outcome.result) }
      group.addTask {
        let result: Result<Value, any Error>
        do {
          result = .success(try await work(element))
        } catch {
          result = .failure(error)
        }
        return ConcurrentOutcome(element: element, result: result)
      }
    }
    for await outcome in group { use(outcome.element, outcome.result) }
  }
}
