import Formats

/// Runs `ask`, and once more if it throws ``JSONBodyError``.
///
/// Vendors have sent truncated bodies, and proxies have sent HTML pages, with status 200.
public func askingTwice<Value>(_ ask: () async throws -> Value) async throws -> Value {
  try await repeating(atMost: 2, ifFailed: { $0 is JSONBodyError }) { _ in try await ask() }
}

extension HTTPResponse {
  /// - Throws: ``JSONBodyError``.
  public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONBody.decode(type, from: body) }
}
