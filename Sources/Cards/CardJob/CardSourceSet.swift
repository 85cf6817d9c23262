import BILL
import BigQuery
import CardModel
import CardSources
import Connectors
import Formats
import FoundationEssentials
import HTTPClient
import HubSpot
import Intercom
import Runs
import SimpleFIN
import Smartlead
import Time
import Zendesk

/// Which source answers which card in a run, and why none does.
struct CardSourceSet: Sendable {
  private var sources: [CardID: any CardSource] = [:]
  /// Why a card has no source.
  private var blocked: [CardID: String] = [:]
  /// The system of every card, connected or not.
  private var systems: [CardID: SourceID] = [:]
  /// Every source that is connected, once.
  private(set) var all: [any CardSource] = []

  /// The source of a card; nil where it is not connected.
  func source(of card: CardID) -> (any CardSource)? { sources[card] }

  func reason(of card: CardID) -> String { blocked[card] ?? "its source is not connected" }

  func system(of card: CardID) -> SourceID? { systems[card] }

  init(_ context: RunContext<CardSetup>, _ cards: CardContext, ledger: RequestLedger) {
    let setup = context.setup
    connect(
      .simpleFIN, [.cashPosition], "SIMPLEFIN_ACCESS_URL",
      setup.simpleFIN.map { CashSource($0, cards) { try await ledger.permit() } })
    connect(
      .smartlead, [.leadQueueRunway, .newContactsSequenced], "SMARTLEAD_API_KEY",
      setup.smartlead.map { LeadsSource($0, cards) })
    let sales = setup.hubSpot.map { SalesSource($0, setup.configuration.hubSpot, cards) }
    connect(.hubSpot, [.meetingsHeld, .salesActivities, .emailReplyRate], "HUBSPOT_ACCESS_TOKEN", sales)
    connect(
      .bill, [.billsPendingApproval, .vendorsNotOnboarded, .billsMissingW9],
      "BILLCOM_API_KEY, BILLCOM_ORG_ID, BILLCOM_USERNAME and BILLCOM_PASSWORD",
      setup.bill.map { credentials in
        PayablesSource(credentials, cards) { try await Self.approvedOffers(context) }
      })
    connectSupport(setup, cards)
    let folder = context.environment.configDirectory
    let warehouse = setup.bigQuery.map { credentials in
      WarehouseSource(credentials, cards) { name in
        CardSetup.bytes("\(folder)/queries/\(name)").map { String(decoding: $0, as: UTF8.self) }
      }
    }
    connect(
      .bigQuery, [.totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .totalLimitedCapacity],
      "BIGQUERY_PROJECT and BIGQUERY_CREDENTIALS", warehouse)
    connectSpend(context, cards, sales, warehouse)
  }

  private mutating func connect(
    _ system: SourceID, _ cards: [CardID], _ variables: String, _ source: (any CardSource)?
  ) {
    for card in cards {
      systems[card] = system
      if let source {
        sources[card] = source
      } else {
        blocked[card] = "\(system.title) is not connected; set \(variables)"
      }
    }
    if let source { all.append(source) }
  }

  private mutating func connectSupport(_ setup: CardSetup, _ cards: CardContext) {
    let support: [CardID] = [.ticketResponseTime, .openTickets]
    switch setup.settings.supportSource {
    case .intercom:
      connect(
        .intercom, support, "INTERCOM_API_TOKEN",
        setup.intercom.map { IntercomSupportSource($0, CardConfiguration.intercom, cards) })
    case .zendesk, nil:
      connect(
        .zendesk, support,
        "ZENDESK_BASE_URL, ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET, or connect Intercom by INTERCOM_API_TOKEN",
        setup.zendesk.map { ZendeskSource($0, cards) })
    }
  }

  private mutating func connectSpend(
    _ context: RunContext<CardSetup>, _ cards: CardContext, _ sales: SalesSource?, _ warehouse: WarehouseSource?
  ) {
    let card = CardID.costPerMQL
    systems[card] = .adSpend
    var leads: (@Sendable (DayWindow) async throws -> Int)?
    let system: SourceID
    switch cards.settings.mqlSource {
    case .hubspot:
      if let sales { leads = { window in try await sales.qualifiedLeads(window) } }
      system = .hubSpot
      blocked[card] = "HubSpot is not connected, which counts the MQLs; set HUBSPOT_ACCESS_TOKEN"
    case .warehouse:
      if let warehouse { leads = { window in try await warehouse.qualifiedLeads(window) } }
      system = .bigQuery
      blocked[card] =
        "BigQuery is not connected, which counts the MQLs; set BIGQUERY_PROJECT and BIGQUERY_CREDENTIALS"
    }
    guard let leads else { return }
    let source = SpendSource(
      cards, files: { try await Self.adSpend(context) },
      leads: { window in
        do {
          return try await leads(window)
        } catch {
          throw FailedInput(source: system, error: error)
        }
      })
    sources[card] = source
    all.append(source)
  }

  /// Another source than the card's own failed.
  struct FailedInput: Error {
    let source: SourceID
    let error: any Error
  }

  // MARK: Files that people put there

  /// Files of ad spend in the configuration and in the bucket, by name.
  private static func adSpend(_ context: RunContext<CardSetup>) async throws -> [SpendSource.File] {
    var files: [SpendSource.File] = []
    let stores = [
      ResultStore.folder("\(context.environment.configDirectory)/ad_spend"), try context.bucket(prefix: "ad_spend/"),
    ].compactMap(\.self)
    for store in stores {
      for name in try await store.names() where name.lowercased().hasSuffix(".csv") {
        guard let bytes = try await store.read(name) else {
          throw SourceError(.unavailable, "\(store.location(of: name)) can't be read")
        }
        files.append(SpendSource.File(name: "ad_spend/\(name)", bytes: bytes))
      }
    }
    // Of equal names that of the bucket comes last.
    return files.enumerated().sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }.map(\.element)
  }

  /// The vendors of `approved_offers.csv` in the configuration, or else in the bucket; nil where it is in neither.
  private static func approvedOffers(_ context: RunContext<CardSetup>) async throws -> Set<String>? {
    let name = "approved_offers.csv"
    let stores = [ResultStore.folder(context.environment.configDirectory), try context.bucket(prefix: "")]
    for store in stores.compactMap(\.self) {
      guard let bytes = try await store.read(name) else { continue }
      do {
        let table = try CSVTable(bytes, needing: ["vendor"])
        return Set(table.rows.compactMap { table.text("vendor", $0) })
      } catch let error as RowProblems {
        throw SourceError(.notConfigured, error.description(in: name))
      }
    }
    return nil
  }
}
