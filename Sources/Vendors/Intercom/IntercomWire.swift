import Formats

/// `pages` of a list. `next` is missing on the last page; else it is an object or a URL.
struct Pages: Decodable {
  struct Next: Decodable {
    /// Nil where `next` is a URL.
    let startingAfter: String?

    private enum CodingKeys: String, CodingKey { case startingAfter = "starting_after" }

    init(from decoder: any Decoder) throws {
      startingAfter = (try? decoder.container(keyedBy: CodingKeys.self))?.lenient(String.self, .startingAfter)
    }
  }

  let next: Next?
  let totalPages: Int?

  private enum CodingKeys: String, CodingKey {
    case next
    case totalPages = "total_pages"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    next = try container.decodeIfPresent(Next.self, forKey: .next)
    totalPages = container.lenient(Int.self, .totalPages)
  }
}

/// A person who writes, or is written to.
public struct Contact: Decodable, Sendable {
  public struct Companies: Decodable, Sendable {
    public let data: [CompanyReference]
  }

  public let id: String?
  /// Nil where it is missing or can't be read.
  public let companies: Companies?

  private enum CodingKeys: String, CodingKey { case id, companies }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    companies = container.lenient(Companies.self, .companies)
  }
}

/// The two ids of a company.
public struct CompanyReference: Decodable, Equatable, Sendable {
  /// Intercom's own id.
  public let id: String?
  /// The id that the workspace gave the company, `company_id`.
  public let companyID: String?

  public init(id: String?, companyID: String?) {
    self.id = id
    self.companyID = companyID
  }

  private enum CodingKeys: String, CodingKey {
    case id
    case companyID = "company_id"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    companyID = container.text(.companyID)
  }
}

/// A company as a list shows it.
public struct CompanyProfile: Decodable, Sendable {
  /// Intercom's own id.
  public let id: String?
  /// The id that the workspace gave the company, `company_id`.
  public let companyID: String?
  public let name: String?
  public let website: String?
  /// `custom_attributes` that are a text or a number, as text.
  public let attributes: [String: String]

  private enum CodingKeys: String, CodingKey {
    case id, name, website
    case companyID = "company_id"
    case attributes = "custom_attributes"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = container.text(.id)
    companyID = container.text(.companyID)
    name = container.text(.name)
    website = container.text(.website)
    let nested = try? container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: .attributes)
    var attributes: [String: String] = [:]
    for key in nested?.allKeys ?? [] { attributes[key.stringValue] = nested?.text(key) }
    self.attributes = attributes
  }
}

/// `GET /companies/scroll`. The last part is empty.
struct CompanyScroll: Decodable {
  let data: [CompanyProfile]
  let parameter: String?

  private enum CodingKeys: String, CodingKey {
    case data
    case parameter = "scroll_param"
  }
}

/// `GET /companies?company_id=`. The specification shows a list, the text of the documentation a single company. Both
/// are read.
struct CompanyLookup: Decodable {
  let companies: [CompanyReference]

  private enum CodingKeys: String, CodingKey { case data }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    companies =
      container.contains(.data)
      ? try container.decode([CompanyReference].self, forKey: .data) : [try CompanyReference(from: decoder)]
  }
}

/// `GET /companies/{id}/contacts`, `GET /contacts/{id}/companies` and `POST /companies/list`.
struct ListPage<Item: Decodable>: Decodable {
  let data: [Item]
  let pages: Pages?
  /// Entries on all pages; nil where Intercom does not say.
  let totalCount: Int?

  private enum CodingKeys: String, CodingKey {
    case data, companies, pages
    case totalCount = "total_count"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // The schema of a contact's companies names the list `companies`, its example `data`.
    let name = container.contains(.companies) && !container.contains(.data) ? CodingKeys.companies : .data
    data = try container.decode([Item].self, forKey: name)
    pages = try container.decodeIfPresent(Pages.self, forKey: .pages)
    totalCount = try container.decodeIfPresent(Int.self, forKey: .totalCount)
  }
}

/// `GET /tags`.
struct TagList: Decodable {
  struct Tag: Decodable {
    let name: String?

    private enum CodingKeys: String, CodingKey { case name }

    init(from decoder: any Decoder) throws {
      name = (try? decoder.container(keyedBy: CodingKeys.self))?.lenient(String.self, .name)
    }
  }

  let data: [Tag]
}

struct ErrorList: Decodable {
  struct Item: Decodable {
    let code: String
  }

  let errors: [Item]
}
