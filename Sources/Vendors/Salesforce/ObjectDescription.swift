import Connectors
import Formats

/// `GET /sobjects/{name}/describe`, the parts that decide what can be asked and written.
public struct ObjectDescription: Decodable, Sendable {
  public struct PicklistValue: Decodable, Sendable {
    /// What the API takes and gives; labels are for people, and translated.
    public let value: String?
  }

  public struct Field: Decodable, Sendable {
    public let name: String
    public let type: String?
    public let createable: Bool?
    public let updateable: Bool?
    /// Inactive ones too: records may still have them. Nil for other fields.
    public let picklistValues: [PicklistValue]?

    public var isPicklist: Bool { type == "picklist" || type == "multipicklist" }
  }

  public let fields: [Field]

  /// The field as the org spells it; nil where there is none, or none that this user may see.
  public func field(_ name: String) -> Field? {
    fields.first { $0.name.lowercased() == name.lowercased() }
  }

  /// Whether records have a currency of their own, as they do in orgs with several.
  public var hasCurrencies: Bool { field("CurrencyIsoCode") != nil }

  /// What a picklist has, where none of the configured values is there: they would match nothing. Nil where all is well, or
  /// the field takes any text.
  public func mismatch(_ field: String, _ configured: [String]) -> String? {
    guard let field = self.field(field), field.isPicklist, let picklist = field.picklistValues else { return nil }
    let values = picklist.compactMap(\.value)
    let wanted = Set(configured.map(\.comparisonKey))
    guard wanted.isDisjoint(with: values.map(\.comparisonKey)) else { return nil }
    return "\(field.name) has no value \(configured.joined(separator: ", ")); there are: \(NameInventory.words(values))"
  }
}
