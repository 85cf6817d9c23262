/// An 18-character Salesforce record id.
public struct SalesforceID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  public let description: String

  /// Accepts the 15-character form (case-sensitive) and the 18-character form. Nil for anything else, also for a wrong
  /// check suffix.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 15 || bytes.count == 18, bytes.allSatisfy(\.isASCIIAlphanumeric) else {
      return nil
    }
    let full = String(decoding: bytes.prefix(15), as: UTF8.self) + SalesforceID.suffix(of: bytes.prefix(15))
    // Some tools change the case of ids; the first 15 characters then no longer match the suffix.
    guard bytes.count == 15 || full == text else { return nil }
    description = full
  }

  /// One character for each group of five, which encodes which of the five are capitals.
  private static func suffix(of bytes: ArraySlice<UInt8>) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".utf8)
    var suffix: [UInt8] = []
    for group in 0..<3 {
      var index = 0
      for position in 0..<5 where bytes[bytes.startIndex + group * 5 + position].isASCIIUppercase {
        index |= 1 << position
      }
      suffix.append(alphabet[index])
    }
    return String(decoding: suffix, as: UTF8.self)
  }

  public static func < (left: SalesforceID, right: SalesforceID) -> Bool { left.description < right.description }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = SalesforceID(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a Salesforce id of 15 or 18 characters"))
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
