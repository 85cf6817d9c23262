import Formats
import FoundationEssentials
import Time

/// An object of the CRM with the properties that were asked for.
public struct HubSpotObject: Sendable, Equatable, Decodable {
  public var id: String
  private let properties: [String: Property]

  /// HubSpot sends texts for everything; a number or a flag counts as its text too.
  private struct Property: Equatable, Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      text =
        (try? container.decode(String.self)) ?? (try? container.decode(Decimal.self)).map { "\($0)" }
        ?? (try? container.decode(Bool.self)).map { "\($0)" }
    }
  }

  private enum CodingKeys: String, CodingKey { case id, properties }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected an object with an id"))
    }
    self.id = id
    properties = try container.decode([String: Property].self, forKey: .properties)
  }

  /// The text of a property; nil where it is null, empty or absent.
  public subscript(name: String) -> String? {
    guard let text = properties[name]?.text, !text.isEmpty else { return nil }
    return text
  }

  /// Nil too where the property is no instant.
  public func instant(_ name: String) -> Timestamp? {
    self[name].flatMap { text in
      Timestamp(iso8601: text) ?? Int64(text).map { Timestamp(milliseconds: $0) }
    }
  }

  /// Nil too where the property is no whole number.
  public func count(_ name: String) -> Int? { self[name].flatMap { Rational(decimal: $0)?.wholeNumber } }
}

extension Rational {
  /// Nil where it is not whole.
  fileprivate var wholeNumber: Int? { decimalText.flatMap { Int($0) } }
}

struct HubSpotPage: Decodable {
  struct Paging: Decodable {
    struct Next: Decodable { let after: String }

    let next: Next?
  }

  let total: Int
  let results: [Lenient<HubSpotObject>]
  let paging: Paging?
}

struct AssociationBatch: Decodable {
  struct Result: Decodable {
    struct From: Decodable {
      let id: String

      private enum CodingKeys: String, CodingKey { case id }

      init(from decoder: any Decoder) throws {
        id = try decoder.container(keyedBy: CodingKeys.self).text(.id) ?? ""
      }
    }

    struct To: Decodable {
      let id: String?

      private enum CodingKeys: String, CodingKey { case toObjectId, id }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = container.text(.toObjectId) ?? container.text(.id)
      }
    }

    let from: From
    let to: [To]
    let paging: HubSpotPage.Paging?
  }

  struct Failure: Decodable {
    let category: String?
    let subCategory: String?

    private enum CodingKeys: String, CodingKey { case category, subCategory }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      category = container.lenient(String.self, .category)
      subCategory = container.lenient(String.self, .subCategory)
    }

    /// An object without any association comes as an error.
    var isNone: Bool { subCategory?.uppercased().contains("NO_ASSOCIATIONS_FOUND") ?? false }
  }

  let results: [Result]
  let errors: [Failure]?
  let numErrors: Int?
}

struct HubSpotFailure: Decodable {
  let category: String?
  let policyName: String?
}
