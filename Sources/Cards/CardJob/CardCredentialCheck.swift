import BILL
import BigQuery
import CardModel
import CardSources
import Concurrency
import ConfigurationReading
import Connectors
import HTTPClient
import HubSpot
import Runs
import SimpleFIN
import Smartlead
import Time
import Zendesk

/// Tries the credentials that only the cards use, without reading more than a login or a count. Intercom's are tried with the
/// health score's.
public struct CardCredentialCheck: Sendable {
  private let setup: CardSetup
  private let operations: Operations
  private let folder: ResultStore
  private let transport: any HTTPTransport
  private let time: TimeSource

  public init(
    _ configuration: RunConfiguration<CardSetup>, _ environment: Environment, transport: any HTTPTransport,
    time: TimeSource = .system
  ) {
    setup = configuration.setup
    operations = configuration.operations
    folder = .folder(environment.outputDirectory)
    self.transport = transport
    self.time = time
  }

  private var context: CardContext {
    CardContext(
      settings: setup.settings, today: setup.settings.zone.date(of: time.now), now: time.now, time: time, deadline: nil,
      sessions: VendorSessions(transport: transport), limits: setup.configuration.limits, asked: [],
      archive: CardArchive([:], zone: setup.settings.zone))
  }

  /// A line for each source, in order of their names.
  public func run() async -> [OperationsCheck.Finding] {
    let context = context
    // It takes one of the requests that SimpleFIN allows a day.
    let ledger = RequestLedger([folder], operations, transport, time, deadline: nil)
    var checks: [SourceID: @Sendable () async throws -> Void] = [:]
    if let credentials = setup.bill {
      checks[.bill] = { try await PayablesSource.check(credentials, context) }
    }
    if let credentials = setup.bigQuery {
      checks[.bigQuery] = { try await WarehouseSource.check(credentials, context) }
    }
    if let credentials = setup.hubSpot {
      let options = setup.configuration.hubSpot
      checks[.hubSpot] = { try await SalesSource.check(credentials, options, context) }
    }
    if let credentials = setup.simpleFIN {
      checks[.simpleFIN] = { try await CashSource.check(credentials, context) { try await ledger.permit() } }
    }
    if let credentials = setup.smartlead {
      checks[.smartlead] = { try await LeadsSource.check(credentials, context) }
    }
    if let credentials = setup.zendesk {
      checks[.zendesk] = { try await ZendeskSource.check(credentials, context) }
    }
    var findings: [SourceID: OperationsCheck.Finding] = [:]
    let active = checks.map { ($0.key, $0.value) }
    await concurrently(active) { entry in
      try await entry.1()
    } each: { entry, result in
      switch result {
      case .success: findings[entry.0] = .init(text: "\(entry.0.title): accepted", isGood: true)
      case .failure(let error): findings[entry.0] = .init(text: entry.0.message(for: error), isGood: false)
      }
    }
    return [SourceID.bill, .bigQuery, .hubSpot, .simpleFIN, .smartlead, .zendesk].map { source in
      findings[source] ?? .init(text: "\(source.title): inactive, no credentials", isGood: true)
    }
  }
}
