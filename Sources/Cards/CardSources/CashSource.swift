import AWSClient
import CardModel
import Connectors
import Formats
import HTTPClient
import SimpleFIN
import Time

/// `cash_position`: balances of the bank feed.
public struct CashSource: CardSource {
  public let id = SourceID.simpleFIN
  public let cards = [CardID.cashPosition]

  private let context: CardContext
  private let api: APIClient
  private let client: SimpleFINClient
  private let permit: @Sendable () async throws -> Void

  /// - Parameter permit: Counts a request of the feed before it is sent, across runs; throws where no more is allowed.
  public init(
    _ credentials: SimpleFINCredentials, _ context: CardContext, permit: @escaping @Sendable () async throws -> Void
  ) {
    self.context = context
    self.permit = permit
    api = context.api(.simpleFIN, SimpleFINOptions.rateLimit, policy: SimpleFINClient.policy)
    client = SimpleFINClient(api: api, credentials: credentials)
  }

  /// Whether the feed accepts the credentials. Takes one of the day's requests.
  public static func check(
    _ credentials: SimpleFINCredentials, _ context: CardContext, permit: @escaping @Sendable () async throws -> Void
  ) async throws {
    _ = try await CashSource(credentials, context, permit: permit).client.accounts(permit: permit)
  }

  public var usage: RequestUsage { api.usage }

  public func read(_ card: CardID) async throws -> CardReading {
    let set = try await client.accounts(permit: permit)
    let last = context.archive.latestValue(.cashPosition, upTo: context.today)
    return try CashReading(context.settings, now: context.now).reading(set, lastKnown: last?.breakdown ?? [])
  }
}

/// Sums balances. Pure: what the feed sent and what was known before go in.
struct CashReading {
  private let settings: CardSettings
  private let now: Timestamp
  private let text: CardText

  init(_ settings: CardSettings, now: Timestamp) {
    self.settings = settings
    self.now = now
    text = CardText(.money, baseCurrency: settings.baseCurrency)
  }

  private struct Counted {
    var entry: CardRecord.Entry
    var balance: Rational
    var asOf: Timestamp
  }

  /// Accounts of the feed that are cash.
  private struct Present {
    /// Those in the base currency.
    var counted: [Counted] = []
    var others: [CardRecord.Entry] = []
    /// Keys of all whose balance can be read.
    var keys: Set<String> = []
    var unreadable = 0
  }

  /// - Parameter lastKnown: The breakdown of the last record; its counted accounts have a key.
  func reading(_ set: SimpleFINAccountSet, lastKnown: [CardRecord.Entry]) throws -> CardReading {
    var present = Present()
    for account in set.accounts where settings.cashAccounts.contains(account.id) { try add(account, to: &present) }
    let remembered = lastKnown.compactMap { entry -> Counted? in
      guard let key = entry.key, !present.keys.contains(key), isWanted(key: key),
        let balance = entry.value.flatMap({ Rational(amount: $0) })
      else { return nil }
      return Counted(entry: entry, balance: balance, asOf: entry.asOf ?? now)
    }
    let counted = present.counted + remembered
    let entries = counted.map(\.entry) + present.others
    var reading =
      counted.isEmpty
      ? CardReading.noData("the feed has no account in \(settings.baseCurrency) to count", breakdown: entries)
      : CardReading(try Rational.sum(counted.map(\.balance)), asOf: counted.map(\.asOf).min(), breakdown: entries)
    reading.warnings = Self.warnings(set)
    if case .only(let ids) = settings.cashAccounts {
      let known = present.keys.union(remembered.compactMap(\.entry.key))
      let unknown = ids.count { !known.contains(Self.key($0)) }
      if unknown > 0 {
        reading.warnings.append("\(unknown) of the accounts that cash_accounts allows are not in the feed")
      }
    }
    let named = Set(set.problems.compactMap(\.accountID).map(Self.key))
    let stale = remembered.count + present.counted.count { $0.entry.key.map(named.contains) ?? false }
    let unreadable = set.unreadable + present.unreadable
    if stale > 0 {
      reading.makePartial("\(stale) of \(counted.count) accounts could not be refreshed")
    } else if unreadable > 0 {
      reading.makePartial("\(unreadable) accounts of the feed can't be read")
    }
    return reading
  }

  private func add(_ account: SimpleFINAccount, to present: inout Present) throws {
    guard let balance = Rational(amount: account.balance) else {
      present.unreadable += 1
      return
    }
    let key = Self.key(account.id)
    guard present.keys.insert(key).inserted else { return }
    let label = Self.label(account.name)
    if account.currency.uppercased() == settings.baseCurrency {
      let asOf = account.balanceDate ?? now
      let entry = CardRecord.Entry(label, try text.value(balance), key: key, asOf: asOf)
      present.counted.append(Counted(entry: entry, balance: balance, asOf: asOf))
    } else {
      let unit = Self.isCode(account.currency) ? account.currency.uppercased() : "not a currency"
      present.others.append(.init("\(label) (\(unit))", try text.value(balance)))
    }
  }

  /// Whether an account that is known by its key only still counts.
  private func isWanted(key: String) -> Bool {
    switch settings.cashAccounts {
    case .all: true
    case .only(let ids): ids.contains { Self.key($0) == key }
    // Of an account that is gone nobody has the id any more.
    case .except(let ids): !ids.contains { Self.key($0) == key || $0 == key }
    }
  }

  /// Errors that name no account. The bank's own texts may name people, so they are not shown.
  private static func warnings(_ set: SimpleFINAccountSet) -> [String] {
    let general = set.problems.filter { $0.accountID == nil }
    guard !general.isEmpty else { return [] }
    let codes = Set(general.compactMap(\.code)).sorted()
    let needsLogin = codes.contains("con.auth") ? "; a bank wants a new sign-in at the feed" : ""
    return [
      "the bank feed reports \(general.count) problem\(general.count == 1 ? "" : "s")\(codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))")\(needsLogin)"
    ]
  }

  /// Finds an account again without storing its id, which may be its number.
  static func key(_ id: String) -> String { String(ContentHash.sha256(Array(id.utf8)).prefix(16)) }

  private static func isCode(_ currency: String) -> Bool {
    currency.utf8.count == 3 && currency.utf8.allSatisfy(\.isASCIILetter)
  }

  /// A name with its account numbers as `••` and their last two digits.
  static func label(_ name: String) -> String {
    var label = ""
    var run = ""
    func flush() {
      let digits = run.filter(\.isASCIIDigit)
      let tail = run.reversed().prefix { !$0.isASCIIDigit }.reversed()
      label += digits.count >= 3 ? "••\(digits.suffix(2))\(String(tail))" : run
      run = ""
    }
    for character in name.withoutControlCharacters {
      // Numbers are also written in groups, or with x or * for their first digits.
      if character.isASCIIDigit || (!run.isEmpty && "- .".contains(character)) {
        run.append(character)
      } else {
        flush()
        label.append(character)
      }
    }
    flush()
    let trimmed = label.trimmed
    return trimmed.isEmpty ? "Account" : String(trimmed.prefix(60))
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
