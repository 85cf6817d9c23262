/// What a customer is held to: thresholds differ between the two.
public enum Segment: String, CaseIterable, Sendable, Codable {
  case paid, standard
}

/// An 18-character Salesforce record id.
public struct SalesforceID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  public let description: String

  /// Takes the 15-character form (case-sensitive) and the 18-character one; nil for anything else, a wrong check suffix included.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 15 || bytes.count == 18, bytes.allSatisfy({ SalesforceID.isAlphanumeric($0) }) else {
      return nil
    }
    let full = String(decoding: bytes.prefix(15), as: UTF8.self) + SalesforceID.suffix(of: bytes.prefix(15))
    // Some tools change the case of ids; the first 15 characters then no longer match the suffix.
    guard bytes.count == 15 || full == text else { return nil }
    description = full
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// One character for each five, saying which of them are capitals.
  private static func suffix(of bytes: ArraySlice<UInt8>) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".utf8)
    var suffix: [UInt8] = []
    for group in 0..<3 {
      var index = 0
      for position in 0..<5 where (65...90).contains(bytes[bytes.startIndex + group * 5 + position]) {
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

/// One row of `account_mapping.csv`: an account and what each system calls it.
public struct MappedAccount: Sendable, Equatable, Codable {
  /// Line of the file, counted from 1, for messages.
  public var line: Int
  /// Nil where the row names none: the account can then be scored, but not loaded.
  public var salesforceID: SalesforceID?
  /// The workspace's own company id; Intercom's internal one is accepted too.
  public var intercomCompanyID: String?
  public var intercomInternalID: String?
  public var lookerCustomerID: String?
  public var name: String
  /// Nil: the account's ARR decides.
  public var segment: Segment?
  public var jiraProject: String?
  public var jiraComponent: String?

  public init(
    line: Int, salesforceID: SalesforceID?, name: String, segment: Segment? = nil, intercomCompanyID: String? = nil,
    intercomInternalID: String? = nil, lookerCustomerID: String? = nil, jiraProject: String? = nil,
    jiraComponent: String? = nil
  ) {
    self.line = line
    self.salesforceID = salesforceID
    self.intercomCompanyID = intercomCompanyID
    self.intercomInternalID = intercomInternalID
    self.lookerCustomerID = lookerCustomerID
    self.name = name
    self.segment = segment
    self.jiraProject = jiraProject
    self.jiraComponent = jiraComponent
  }

  /// The 18-character Salesforce id; `line:N` of the mapping where there is none.
  public var id: String { salesforceID?.description ?? "line:\(line)" }
}
