import Formats

/// Asks once more where the answer was not the JSON that was expected: bodies cut off in the middle, and a proxy's page, have
/// been seen under a status of 200.
public func askingTwice<Value>(_ ask: () async throws -> Value) async throws -> Value {
  try await repeating(atMost: 2, ifFailed: { $0 is JSONBodyError }) { _ in try await ask() }
}

extension HTTPResponse {
  /// - Throws: ``JSONBodyError``.
  public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONBody.decode(type, from: body) }
}
