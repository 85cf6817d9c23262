import Formats
import Time

/// A bill that a vendor sent us.
public struct Bill: Sendable, Equatable, Decodable {
  public var id: String
  public var vendorID: String?
  /// A decimal in major units of the bill's currency; nil where it can't be read.
  public var amount: String?
  /// Three letters; nil where the bill does not say.
  public var currency: String?
  public var dueDate: CalendarDate?
  /// `UNPAID`, `PARTIALLY_PAID`, `SCHEDULED`, `IN_PROCESS`, `PAID` or `UNDEFINED`.
  public var paymentStatus: String?
  /// `UNASSIGNED`, `ASSIGNED`, `APPROVING`, `APPROVED` or `DENIED`.
  public var approvalStatus: String?
  public var isArchived: Bool

  private enum CodingKeys: String, CodingKey {
    case id, amount, dueDate, paymentStatus, approvalStatus
    case vendorID = "vendorId"
    case currency = "billCurrency"
    case isArchived = "archived"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a bill with an id"))
    }
    self.id = id
    vendorID = container.text(.vendorID)
    amount = container.digits(.amount)
    currency = container.lenient(String.self, .currency)
    dueDate = container.lenient(CalendarDate.self, .dueDate)
    paymentStatus = container.lenient(String.self, .paymentStatus)
    approvalStatus = container.lenient(String.self, .approvalStatus)
    isArchived = container.lenient(Bool.self, .isArchived) ?? false
  }
}

/// Somebody who sends us bills. The tax id itself is not kept, only whether there is one.
public struct BILLVendor: Sendable, Equatable, Decodable {
  public var id: String
  public var name: String
  public var isArchived: Bool
  /// `NOT_CONNECTED`, `PENDING`, `CONNECTED` or `CONNECTED_RPPS`.
  public var networkStatus: String?
  /// `NET_LINKED_ACCOUNT`, `NO_NET_LINKED_ACCOUNT` or `NO_ACCOUNT`.
  public var bankAccountStatus: String?
  public var virtualCardStatus: String?
  public var country: String?
  /// Three letters.
  public var billCurrency: String?
  /// Whether the vendor gets a form 1099.
  public var isTracked1099: Bool
  public var hasTaxID: Bool

  private enum CodingKeys: String, CodingKey {
    case id, name, networkStatus, bankAccountStatus, address, paymentInformation, additionalInfo, billCurrency
    case isArchived = "archived"
  }

  private struct Address: Decodable { let country: String? }

  private struct Payment: Decodable {
    struct Card: Decodable { let status: String? }

    let card: Card?

    private enum CodingKeys: String, CodingKey { case card = "virtualCard" }

    init(from decoder: any Decoder) throws {
      card = try decoder.container(keyedBy: CodingKeys.self).lenient(Card.self, .card)
    }
  }

  private struct Additional: Decodable {
    let isTracked1099: Bool
    let hasTaxID: Bool

    private enum CodingKeys: String, CodingKey {
      case isTracked1099 = "track1099"
      case taxID = "taxId"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      isTracked1099 = container.lenient(Bool.self, .isTracked1099) ?? false
      hasTaxID = container.isPresent(.taxID) && container.text(.taxID)?.trimmed.isEmpty != true
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a vendor with an id"))
    }
    self.id = id
    name = container.lenient(String.self, .name) ?? ""
    isArchived = container.lenient(Bool.self, .isArchived) ?? false
    networkStatus = container.lenient(String.self, .networkStatus)
    bankAccountStatus = container.lenient(String.self, .bankAccountStatus)
    virtualCardStatus = container.lenient(Payment.self, .paymentInformation)?.card?.status
    country = container.lenient(Address.self, .address)?.country
    billCurrency = container.lenient(String.self, .billCurrency)
    let additional = container.lenient(Additional.self, .additionalInfo)
    isTracked1099 = additional?.isTracked1099 ?? false
    hasTaxID = additional?.hasTaxID ?? false
  }
}

struct BILLPage<Row: Decodable>: Decodable {
  let results: [Lenient<Row>]
  let nextPage: String?
}

struct BILLLogin: Decodable {
  let sessionId: String
}

/// Errors come as a list, and of a login sometimes as an object.
struct BILLFailure: Decodable {
  private struct Entry: Decodable { let code: String? }

  let code: String?

  init(from decoder: any Decoder) throws {
    if let list = try? decoder.singleValueContainer().decode([Entry].self) {
      code = list.lazy.compactMap(\.code).first
    } else {
      code = try decoder.singleValueContainer().decode(Entry.self).code
    }
  }

  /// Such as `BDC_1322`; nil for anything else.
  static func code(of body: [UInt8]) -> String? {
    guard let code = (try? JSONBody.decode(BILLFailure.self, from: body))?.code, code.hasPrefix("BDC_"),
      code.utf8.count <= 12, code.dropFirst(4).utf8.allSatisfy(\.isASCIIDigit)
    else { return nil }
    return code
  }
}
