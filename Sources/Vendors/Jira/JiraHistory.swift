import Formats
import Time

/// One change of an issue, of one or several fields at once.
public struct JiraHistory: Decodable, Sendable {
  public struct Item: Decodable, Sendable {
    public let field: String?
    public let fieldId: String?
    /// Id of the new value. It stays the same when the value is renamed.
    public let newID: String?
    /// Name of the new value at that time, in the language of the user who made the change.
    public let newName: String?

    private enum CodingKeys: String, CodingKey {
      case field, fieldId
      case newID = "to"
      case newName = "toString"
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      field = container.lenient(String.self, .field)
      fieldId = container.lenient(String.self, .fieldId)
      newID = container.text(.newID)
      newName = container.lenient(String.self, .newName)
    }

    public var isStatus: Bool { (fieldId ?? field) == "status" }
  }

  public let createdAt: Timestamp?
  public let items: [Item]

  private enum CodingKeys: String, CodingKey { case created, items }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    items = try container.decode([Item].self, forKey: .items)
    // A string in search results. The bulk call's documentation shows a number, which looks like seconds.
    if let text = try? container.decode(String.self, forKey: .created) {
      createdAt = Timestamp(iso8601: text)
    } else {
      createdAt = (try? container.decode(Int64.self, forKey: .created)).flatMap { number in
        number.magnitude < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(milliseconds: number)
      }
    }
  }
}
