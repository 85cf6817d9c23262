/// One row of a file or of a vendor's list: what is known of one organisation. An empty text is not known.
public struct Organisation: Sendable, Equatable {
  /// Unique within its list.
  public var id: String
  public var name: String
  /// A domain or a URL.
  public var domain: String
  /// A domain or a URL.
  public var website: String
  public var email: String
  /// With or without country code.
  public var phone: String
  /// Street with its number.
  public var street: String
  public var postcode: String
  public var city: String
  public var state: String
  /// An ISO 3166 code of two letters, or an English name.
  public var country: String
  /// Identifiers by name, as in columns `key:…`. Where both sides have an equal one, they are the same organisation.
  public var keys: [String: String]

  public init(
    id: String, name: String = "", domain: String = "", website: String = "", email: String = "", phone: String = "",
    street: String = "", postcode: String = "", city: String = "", state: String = "", country: String = "",
    keys: [String: String] = [:]
  ) {
    self.id = id
    self.name = name
    self.domain = domain
    self.website = website
    self.email = email
    self.phone = phone
    self.street = street
    self.postcode = postcode
    self.city = city
    self.state = state
    self.country = country
    self.keys = keys
  }
}
