import Connectors
import Formats

/// `GET /sobjects/{name}/describe`: the parts that decide what can be queried and written.
public struct ObjectDescription: Decodable, Sendable {
  public struct PicklistValue: Decodable, Sendable {
    /// The API value. Labels are translated, so they are not used.
    public let value: String?
  }

  public struct Field: Decodable, Sendable {
    public let name: String
    /// Salesforce's type of the field, such as `currency`, `datetime` or `picklist`.
    public let type: String?
    public let createable: Bool?
    /// Whether this user may change the field; nil where the org does not say.
    public let updateable: Bool?
    /// By which a query reaches the fields of the record that this field names: `Owner` of `OwnerId`.
    public let relationshipName: String?
    /// With the inactive ones, which records may still have. Nil for fields of other types.
    public let picklistValues: [PicklistValue]?

    public var isPicklist: Bool { type == "picklist" || type == "multipicklist" }
  }

  public let fields: [Field]

  /// The field with this name, in any case; nil where the object has none, or the user may not see it.
  public func field(_ name: String) -> Field? {
    fields.first { $0.name.lowercased() == name.lowercased() }
  }

  /// Whether records have a currency of their own, as in orgs with several currencies.
  public var hasCurrencies: Bool { field("CurrencyIsoCode") != nil }

  /// A text for messages where a picklist has none of the configured values, because these would match nothing. Nil
  /// where it has one of them, or the field takes any text.
  public func mismatch(_ field: String, _ configured: [String]) -> String? {
    guard let field = self.field(field), field.isPicklist, let picklist = field.picklistValues else { return nil }
    let values = picklist.compactMap(\.value)
    let wanted = Set(configured.map(\.comparisonKey))
    guard wanted.isDisjoint(with: values.map(\.comparisonKey)) else { return nil }
    return "\(field.name) has no value \(configured.joined(separator: ", ")); there are: \(NameInventory.words(values))"
  }
}
