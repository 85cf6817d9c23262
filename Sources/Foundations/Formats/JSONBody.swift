import FoundationEssentials

/// A body is not the expected JSON. The message names the place in the body, never its content.
public struct JSONBodyError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Decodes and encodes JSON with Foundation. Bulk data uses ``JSONScanner`` and ``JSONWriter`` instead.
public enum JSONBody {
  /// - Throws: ``JSONBodyError``.
  ///
  /// - Parameter userInfo: Reaches the types that are decoded.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from body: [UInt8], userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> Value {
    do {
      let decoder = JSONDecoder()
      if !userInfo.isEmpty { decoder.userInfo = userInfo }
      return try decoder.decode(type, from: Data(body))
    } catch let error as DecodingError {
      throw JSONBodyError(description: describe(error))
    }
  }

  /// Keys sorted, so that equal values give equal bytes.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  /// Names the place and what was expected there.
  public static func describe(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(let type, let context):
      return "\(path(context.codingPath)): expected \(name(of: type))"
    case .valueNotFound(let type, let context):
      return "\(path(context.codingPath)): expected \(name(of: type)), found null"
    case .keyNotFound(let key, let context):
      return "\(path(context.codingPath + [key])): is missing"
    case .dataCorrupted(let context):
      // With a path the message is ours and quotes nothing. Without one it is the decoder's and may quote the body.
      return context.codingPath.isEmpty ? "not valid JSON" : "\(path(context.codingPath)): \(context.debugDescription)"
    @unknown default:
      return "not the expected JSON"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    var path = ""
    for key in keys {
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return path.isEmpty ? "top level" : path
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is any Collection.Type where "\(type)".hasPrefix("Dictionary"): "an object"
    case is any Collection.Type: "a list"
    default: "another type"
    }
  }
}
