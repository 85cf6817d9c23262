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

  /// - Parameter lastKnown: The breakdown of the last record; its counted accounts have a key.
  func reading(_ set: SimpleFINAccountSet, lastKnown: [CardRecord.Entry]) throws -> CardReading {
    var counted: [Counted] = []
    var others: [CardRecord.Entry] = []
    var seen: Set<String> = []
    var warnings = Self.warnings(set)
    for account in set.accounts
    where settings.cashAccounts.contains(account.id) && seen.insert(Self.key(account.id)).inserted {
      let label = Self.label(account.name)
      guard let balance = Rational(amount: account.balance) else {
        // Its last known balance counts.
        seen.remove(Self.key(account.id))
        continue
      }
      if account.currency.uppercased() == settings.baseCurrency {
        let asOf = account.balanceDate ?? now
        counted.append(
          Counted(
            entry: .init(label, try text.value(balance), key: Self.key(account.id), asOf: asOf), balance: balance,
            asOf: asOf))
      } else {
        let unit = Self.isCode(account.currency) ? account.currency.uppercased() : "not a currency"
        others.append(.init("\(label) (\(unit))", try text.value(balance)))
      }
    }
    let fresh = counted.count
    let missing = lastKnown.filter { entry in
      entry.key.map { !seen.contains($0) && isWanted(key: $0) } ?? false
    }
    for entry in missing {
      guard let value = entry.value, let balance = Rational(amount: value) else { continue }
      counted.append(Counted(entry: entry, balance: balance, asOf: entry.asOf ?? now))
    }
    if case .only(let ids) = settings.cashAccounts {
      let known = seen.union(missing.compactMap(\.key))
      let unknown = ids.count { !known.contains(Self.key($0)) }
      if unknown > 0 { warnings.append("\(unknown) of the accounts that cash_accounts allows are not in the feed") }
    }
    let entries = counted.map(\.entry) + others
    guard !counted.isEmpty else {
      var reading = CardReading.noData(
        "the feed has no account in \(settings.baseCurrency) to count", breakdown: entries)
      reading.warnings = warnings
      return reading
    }
    var reading = CardReading(
      try Rational.sum(counted.map(\.balance)), asOf: counted.map(\.asOf).min(), breakdown: entries)
    reading.warnings = warnings
    let named = Set(set.problems.compactMap(\.accountID).map(Self.key))
    let troubled = counted.count { $0.entry.key.map(named.contains) ?? false }
    let stale =
      max(counted.count - fresh, 0) + counted.prefix(fresh).count { $0.entry.key.map(named.contains) ?? false }
    if stale > 0 || troubled > 0 {
      reading.makePartial("\(stale) of \(counted.count) accounts could not be refreshed")
    } else if set.unreadable > 0 {
      reading.makePartial("\(set.unreadable) accounts of the feed can't be read")
    }
    return reading
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
