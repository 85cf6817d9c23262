import HTTPClient

/// Reads a slice, and once more where announced rows did not come: pages move while people work, and a second look mostly
/// sees them all.
///
/// - Returns: What lost least.
public func readLosingLeast<Partial: PartialResult>(_ read: () async throws -> Partial) async throws -> Partial {
  var best: Partial?
  return try await repeating(atMost: 2, until: { $0.received.lost == 0 }) { _ in
    let partial = try await read()
    if let best, best.received.lost <= partial.received.lost { return best }
    best = partial
    return partial
  }
}
