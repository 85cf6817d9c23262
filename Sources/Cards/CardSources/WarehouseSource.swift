import BigQuery
import CardModel
import Connectors
import Formats
import HTTPClient
import Time

/// Cards whose number a query in the warehouse gives, and MQLs for `cost_per_mql`.
public struct WarehouseSource: CardSource {
  public let id = SourceID.bigQuery
  public let cards = [
    CardID.totalYearlyCapacity, .capacityByEventType, .q1NewInventoryValue, .totalLimitedCapacity,
  ]

  /// The file that counts MQLs.
  public static let leadsFile = "mqls.sql"

  private let context: CardContext
  private let api: APIClient
  private let client: BigQueryClient
  private let query: @Sendable (String) -> String?

  /// - Parameter query: The text of a file of `config/queries/`; nil where there is none.
  public init(
    _ credentials: BigQueryCredentials, _ context: CardContext, query: @escaping @Sendable (String) -> String?
  ) {
    self.context = context
    self.query = query
    api = context.api(.bigQuery, BigQueryOptions.rateLimit, verdict: BigQueryClient.verdict)
    client = BigQueryClient(
      api: api, credentials: credentials,
      session: context.sessions.login(BigQuerySession.self) { BigQuerySession(now: context.time.monotonic) },
      time: context.time)
  }

  /// Whether Google accepts the service account.
  public static func check(_ credentials: BigQueryCredentials, _ context: CardContext) async throws {
    try await WarehouseSource(credentials, context) { _ in nil }.client.checkLogin()
  }

  public var usage: RequestUsage { api.usage }

  public func read(_ card: CardID) async throws -> CardReading {
    let file = "\(card.rawValue).sql"
    guard let sql = query(file) else { return .blocked("queries/\(file) is not there") }
    do {
      let table = try await client.rows(sql, days: ["today": context.today])
      return try Self.reading(table, CardText(card.unit, baseCurrency: context.settings.baseCurrency), file: file)
    } catch BigQueryFailure.missing(let name) {
      return .blocked("the warehouse has no table \(name) yet")
    } catch BigQueryFailure.invalid(let place) {
      throw Self.invalid(file, place)
    }
  }

  /// What `mqls.sql` counts within some days; it names them as `@first_day` and `@last_day`.
  public func qualifiedLeads(_ window: DayWindow) async throws -> Int {
    let file = Self.leadsFile
    guard let sql = query(file) else {
      throw SourceError(.notConfigured, "queries/\(file) is not there, which mql_source: warehouse needs")
    }
    do {
      let table = try await client.rows(sql, days: ["first_day": window.first, "last_day": window.last])
      let reading = try Self.reading(table, CardText(.count, baseCurrency: context.settings.baseCurrency), file: file)
      guard let text = reading.value?.decimalText, let count = Int(text), count >= 0 else {
        throw SourceError(.malformed, "queries/\(file): column value: expected a whole number, one row")
      }
      return count
    } catch BigQueryFailure.missing(let name) {
      throw SourceError(.notConfigured, "the warehouse has no table \(name), which queries/\(file) needs")
    } catch BigQueryFailure.invalid(let place) {
      throw Self.invalid(file, place)
    }
  }

  private static func invalid(_ file: String, _ place: String?) -> SourceError {
    SourceError(
      .malformed,
      "queries/\(file)\(place.map { ":\($0)" } ?? ""): BigQuery can't run it; expected standard SQL over tables that it may read"
    )
  }

  /// A query's result as a card. Pure.
  static func reading(_ table: BigQueryTable, _ text: CardText, file: String) throws -> CardReading {
    func refused(_ what: String) -> SourceError { SourceError(.malformed, "queries/\(file): \(what)") }
    guard let position = table.columns.firstIndex(where: { $0.lowercased() == "value" }) else {
      throw refused(
        "the result has the columns \(NameInventory.words(table.columns)), expected value, and label for a breakdown")
    }
    let labels = table.columns.firstIndex { $0.lowercased() == "label" }
    func number(_ row: Int) throws -> Rational {
      guard let cell = table.rows[row][position], let number = Rational(amount: cell) else {
        throw refused("row \(row + 1), column value: expected a number below 10^15")
      }
      return number
    }
    guard !table.rows.isEmpty else { return .noData("queries/\(file) gave no row") }
    guard let labels else {
      guard table.rows[0][position] != nil else { return .noData("queries/\(file) gave no value") }
      return CardReading(try number(0))
    }
    var total: Rational?
    var parts: [Rational] = []
    var breakdown: [CardRecord.Entry] = []
    for row in table.rows.indices {
      let value = try number(row)
      let label = table.rows[row][labels]?.withoutControlCharacters.trimmed ?? ""
      if label.lowercased() == "total" {
        total = value
      } else {
        parts.append(value)
        breakdown.append(.init(label.isEmpty ? "not named" : String(label.prefix(60)), try text.value(value)))
      }
    }
    return CardReading(try total ?? Rational.sum(parts), breakdown: breakdown)
  }
}
