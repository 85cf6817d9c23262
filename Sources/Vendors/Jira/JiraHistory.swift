import Formats
import Time

/// One change of an issue, of one or several fields at once.
public struct JiraHistory: Decodable, Sendable {
  public struct Item: Decodable, Sendable {
    public let field: String?
    public let fieldId: String?
    /// The new value's id, which stays whatever it is called.
    public let newID: String?
    /// The new value's name at that time and in that person's language.
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
    // A string in search results; the bulk call's documentation shows a number, in seconds by its size.
    if let text = try? container.decode(String.self, forKey: .created) {
      createdAt = Timestamp(iso8601: text)
    } else {
      createdAt = (try? container.decode(Int64.self, forKey: .created)).flatMap { number in
        number.magnitude < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(milliseconds: number)
      }
    }
  }
}
