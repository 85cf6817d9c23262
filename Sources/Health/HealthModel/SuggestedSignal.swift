import Formats

/// A churn signal that a conversation suggests. It costs nothing until a person has accepted it.
public struct SuggestedSignal: Sendable, Equatable, Codable {
  /// The kinds of the field `Category__c` of a churn signal.
  public enum Category: String, CaseIterable, Sendable, Codable {
    case championChange = "Champion Change"
    case competitor = "Competitor"
    case budget = "Budget"
    case productGap = "Product Gap"
    case service = "Service"
    case contract = "Contract"
    case engagement = "Engagement"
  }

  public var category: Category
  public var severity: ChurnSignal.Severity
  /// The vendor's id; the text itself is kept nowhere.
  public var conversationID: String

  public init(category: Category, severity: ChurnSignal.Severity, conversationID: String) {
    self.category = category
    self.severity = severity
    self.conversationID = conversationID
  }

  private enum CodingKeys: String, CodingKey {
    case category, severity
    case conversationID = "conversation_id"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    category = try container.decode(Category.self, forKey: .category)
    conversationID = try container.decode(String.self, forKey: .conversationID)
    guard let severity = ChurnSignal.Severity(named: try container.decode(String.self, forKey: .severity)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .severity, in: container, debugDescription: "expected Critical, Moderate or Watch")
    }
    self.severity = severity
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(category, forKey: .category)
    try container.encode(severity.name, forKey: .severity)
    try container.encode(conversationID, forKey: .conversationID)
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.field(CodingKeys.category.rawValue, category.rawValue)
      json.field(CodingKeys.severity.rawValue, severity.name)
      json.field(CodingKeys.conversationID.rawValue, conversationID)
    }
  }
}
