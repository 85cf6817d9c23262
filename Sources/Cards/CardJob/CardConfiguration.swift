import CardModel
import ConfigurationReading
import Connectors
import Formats
import HTTPClient
import HubSpot
import Intercom
import Time

/// `config/cards.yaml`, checked. Every key may be left out.
public struct CardConfiguration: Sendable {
  public static let fileName = "cards.yaml"

  /// Without ``CardSettings/supportSource``, which hangs on the credentials too.
  let settings: CardSettings
  /// `support_source`; nil: whichever has credentials.
  let supportSource: CardSettings.SupportSource?
  /// `hubspot_version`.
  let hubSpot: HubSpotOptions
  /// `rate_limits`, in place of the documented ones.
  let limits: [SourceID: RateLimit]

  /// Version and limit of Intercom: a tenth of what it documents, since other jobs use it too.
  static let intercom = IntercomOptions(
    apiVersion: "2.16", rateLimit: RateLimit(requests: 165, window: .seconds(10), maximumConcurrency: 8))

  private static let limited: [SourceID] = [.smartlead, .hubSpot, .bill, .zendesk, .intercom, .bigQuery]

  /// - Parameters:
  ///   - bytes: The file's; nil where it can't be read.
  ///   - zone: A time zone by its name; nil where there is none of that name.
  /// - Throws: ``ConfigurationError`` with every problem of the file.
  init(_ bytes: [UInt8]?, zone: (String) -> CivilTimeZone?) throws {
    let reader = ConfigurationReader(file: Self.fileName)
    guard let document = reader.document(bytes) else {
      throw ConfigurationError(problems: reader.sortedProblems.map(\.description))
    }
    var settings = CardSettings()
    if let field = document.optional("time_zone") {
      let name = field.text()
      if let known = zone(name) {
        settings.zone = known
      } else if !name.isEmpty {
        field.note("expected a time zone of the IANA database, such as Europe/Berlin")
      }
    }
    if let field = document.optional("base_currency") {
      settings.baseCurrency = field.text()
      let isCode =
        settings.baseCurrency.utf8.count == 3 && settings.baseCurrency.utf8.allSatisfy { (65...90).contains($0) }
      if !isCode { field.note("expected the three letters of a currency, such as USD") }
    }
    if let field = document.optional("cash_accounts") { settings.cashAccounts = Self.cashAccounts(field) }
    if let field = document.optional("staged") { settings.staged = field.choice(CardSettings.Staged.self) }
    if let field = document.optional("clock") { settings.clock = field.choice(CardSettings.Clock.self) }
    if let field = document.optional("mql_source") { settings.mqlSource = field.choice(CardSettings.MQLSource.self) }
    if let field = document.optional("near_pct") {
      settings.nearPercent = Rational(decimal: "\(field.number(in: 0...100))") ?? settings.nearPercent
    }
    if let field = document.optional("benchmarks") { settings.benchmarks = Self.benchmarks(field) }
    supportSource = document.optional("support_source")?.choice(CardSettings.SupportSource.self)
    hubSpot = HubSpotOptions(version: document.optional("hubspot_version")?.identifier() ?? "2026-09")
    limits = document.optional("rate_limits").map(Self.limits) ?? [:]
    document.close()
    guard reader.problems.isEmpty else {
      throw ConfigurationError(problems: reader.sortedProblems.map(\.description))
    }
    self.settings = settings
  }

  private static func cashAccounts(_ field: ConfigurationField) -> CardSettings.CashAccounts {
    field.section { section in
      let allow = section.optional("allow").map { Set($0.textsOrNone()) } ?? []
      let deny = section.optional("deny").map { Set($0.textsOrNone()) } ?? []
      if !allow.isEmpty, !deny.isEmpty { field.note("expected allow or deny, not both") }
      return !allow.isEmpty ? .only(allow) : !deny.isEmpty ? .except(deny) : .all
    }
  }

  private static func benchmarks(_ field: ConfigurationField) -> [CardID: CardSettings.Benchmark] {
    field.section { section in
      var benchmarks: [CardID: CardSettings.Benchmark] = [:]
      for card in CardID.allCases {
        guard let entry = section.optional(card.rawValue) else { continue }
        benchmarks[card] = entry.section { entry in
          .init(value: entry.required("value").text(), source: entry.required("source").text())
        }
      }
      return benchmarks
    }
  }

  private static func limits(_ field: ConfigurationField) -> [SourceID: RateLimit] {
    field.section { section in
      var limits: [SourceID: RateLimit] = [:]
      for source in limited {
        limits[source] = section.optional(source.name)?.section(RateLimit.init(section:))
      }
      return limits
    }
  }
}
