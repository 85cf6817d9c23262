import Formats
import Time

/// An account of the feed, without anything that was paid or received.
public struct SimpleFINAccount: Sendable, Equatable, Decodable {
  public var id: String
  /// As the bank or the user named it; may hold an account number.
  public var name: String
  /// Three letters, or the URL of a unit that is no currency.
  public var currency: String
  /// The ledger balance, a decimal in major units.
  public var balance: String
  /// When the balance was so; nil where the feed does not say.
  public var balanceDate: Timestamp?

  private enum CodingKeys: String, CodingKey {
    case id, name, currency, balance
    case balanceDate = "balance-date"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id), !id.isEmpty, let balance = container.digits(.balance) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected an account with id and balance"))
    }
    self.id = id
    self.balance = balance
    name = container.lenient(String.self, .name) ?? "Account"
    currency = container.lenient(String.self, .currency) ?? ""
    balanceDate = container.wholeNumber(.balanceDate).flatMap { Timestamp(seconds: Int64($0)) }
  }
}

/// What the feed answers: balances, and what went wrong, which is a normal part of an answer.
public struct SimpleFINAccountSet: Sendable, Decodable {
  /// Something that went wrong. Its text is the bank's own and is not kept.
  public struct Problem: Sendable, Decodable {
    /// Such as `con.auth`; nil in version 1.
    public var code: String?
    /// The account that it is about; nil where it is about a connection or all.
    public var accountID: String?

    private enum CodingKeys: String, CodingKey {
      case code
      case accountID = "account_id"
    }

    public init(from decoder: any Decoder) throws {
      guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
      code = VendorCode(container.lenient(String.self, .code))?.description
      accountID = container.text(.accountID)
    }
  }

  public var accounts: [SimpleFINAccount]
  /// How many accounts can't be read.
  public var unreadable: Int
  public var problems: [Problem]

  private enum CodingKeys: String, CodingKey { case accounts, errlist, errors }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let all = try container.decode([Lenient<SimpleFINAccount>].self, forKey: .accounts)
    accounts = all.compactMap(\.value)
    unreadable = all.count - accounts.count
    // Version 2 repeats its list as the texts of version 1.
    problems =
      container.lenient([Problem].self, .errlist) ?? container.lenient([Problem].self, .errors) ?? []
  }
}
