import HTTPClient
import HealthModel

/// An independent part: a Look, or a view's rows of one month.
public enum LookerSlice: Codable, Sendable, Hashable {
  case look(String)
  case month(view: String, Period)
}

/// Rows by slice and brand; where a brand has several, the first.
public struct LookerPartial: PartialObservations {
  struct Table: Codable, Sendable {
    /// Brand → the fields' cells in the order asked.
    var brands: [String: [LookerCell]] = [:]
    /// Positions of fields that no row has.
    var absentFields: Set<Int> = []
    /// Brands with a row that can't be read.
    var unreadable: Set<String> = []
    /// Whether rows seem to be missing.
    var isCutOff = false
  }

  var tables: [LookerSlice: Table] = [:]
  public internal(set) var received = Received()
  var suspicions: [String] = []
  /// Fields that Looker no longer gives.
  var absences: [String] = []
  /// Tables that look cut off.
  var truncations: [String] = []

  public init() {}

  public mutating func merge(_ other: LookerPartial) {
    tables.merge(other.tables) { mine, _ in mine }
    received.merge(other.received)
    suspicions += other.suspicions
    absences += other.absences
    truncations += other.truncations
  }
}

/// Platform value and adoption from Looker.
public struct LookerSource: Source {
  public let id = SourceID.looker
  public let extraction: Extraction
  let options: LookerOptions
  private let client: LookerClient
  private let brands: Set<String>

  public init(
    api: APIClient, credentials: LookerCredentials, session: LookerSession, options: LookerOptions,
    extraction: Extraction, time: TimeSource = .system
  ) {
    client = LookerClient(api: api, credentials: credentials, session: session, time: time)
    self.options = options
    self.extraction = extraction
    brands = Set(extraction.accounts.compactMap(\.lookerCustomerID))
  }

  public func isMapped(_ account: MappedAccount) -> Bool { account.lookerCustomerID != nil }

  /// Looks have no month: they show today.
  public var currentOnlyMetrics: Set<Metric> { Set(Dimension.platformValue.metrics) }

  public func plan() async throws -> ExtractionPlan<LookerSlice, LookerPartial> {
    try await client.checkLogin()
    let looks = looks.keys.sorted().map { LookerSlice.look($0) }
    let months = [options.platformScore, options.featureUsage].flatMap { view in
      [0, -view.monthsBack].map { LookerSlice.month(view: view.name, extraction.period.advanced(by: $0)) }
    }
    return ExtractionPlan(slices: looks + months)
  }

  /// Look id → its definition and fields.
  private var looks: [String: (look: LookerLook, fields: [LookerField])] {
    let bookings = options.bookings
    var looks = [
      bookings.look.lookID: (
        bookings.look,
        [bookings.total, bookings.messages, bookings.checkIn, bookings.walletKey, bookings.mobileKey]
      )
    ]
    for single in [
      options.sharedInbox, options.sentiment, options.automation, options.responseTarget, options.pageVisits,
      options.itinerary,
    ] { looks[single.look.lookID] = (single.look, [single.field]) }
    return looks
  }

  public func read(_ slice: LookerSlice) async throws -> LookerPartial {
    var partial = LookerPartial()
    switch slice {
    case .look(let id):
      guard let (look, fields) = looks[id] else { throw SourceError(.malformed, "no Look \(id) in sources.yaml") }
      let columns = [look.brand] + fields.map(\.name)
      let table = try await client.table(
        .runLook(id: id, limit: options.rowLimit, timeout: look.timeout), columns: columns, name: "Look \(id)")
      try fill(&partial, slice, Array(table.rows.enumerated()), table.unreadable, columns: columns, name: "Look \(id)")
    case .month(let name, let period):
      let view = name == options.platformScore.name ? options.platformScore : options.featureUsage
      let columns = [view.brand] + view.fields.map(\.name) + [view.month]
      let query = InlineQuery(
        model: options.model, view: view.name, fields: [view.brand, view.month] + view.fields.map(\.name),
        filters: [view.month: "\(period)"], limit: "\(options.rowLimit)")
      let table = try await client.table(
        .runQuery(query, timeout: options.queryTimeout), columns: columns, name: "the query on \(view.name)")
      guard table.rows.isEmpty || table.rows.contains(where: { $0.last != .some(nil) }) else {
        throw SourceError(.malformed, "view \(view.name) has no field \(view.month); check looker in sources.yaml")
      }
      let rows = table.rows.enumerated().filter { $0.element.last??.id.map { $0.hasPrefix("\(period)") } ?? false }
      partial.received.skip("another month", count: table.rows.count - rows.count)
      try fill(
        &partial, slice, rows, table.unreadable, columns: columns.dropLast(), name: "view \(view.name)")
    }
    return partial
  }

  /// - Parameters:
  ///   - rows: With their positions.
  ///   - unreadable: Positions of rows that are not to be used.
  ///   - columns: The brand, then the fields.
  private func fill(
    _ partial: inout LookerPartial, _ slice: LookerSlice, _ rows: [(offset: Int, element: [LookerCell?])],
    _ unreadable: Set<Int>, columns: [String], name: String
  ) throws {
    var table = LookerPartial.Table()
    if !rows.isEmpty {
      let isAbsent = { (column: Int) in rows.allSatisfy { $0.element[column] == nil } }
      guard !isAbsent(0) else {
        throw SourceError(.malformed, "\(name) has no field \(columns[0]); check looker in sources.yaml")
      }
      for column in 1..<columns.count where isAbsent(column) {
        table.absentFields.insert(column - 1)
        partial.absences.append("\(name) has no field \(columns[column]); check looker in sources.yaml")
      }
    }
    partial.received.pages = 1
    if options.rowLimit < 0, rows.count == 500 || rows.count == 5000 {
      // Brands that are not among them may have been cut off.
      table.isCutOff = true
      partial.truncations.append(
        "\(name) gave exactly \(rows.count) rows, as if a row limit were in force; set looker.row_limit in sources.yaml"
      )
    }
    let isAutomation = slice == .look(options.automation.look.lookID)
    var repeated = 0
    for (position, row) in rows {
      guard let id = row[0]?.id else {
        partial.received.skip("no brand")
        continue
      }
      guard brands.contains(id) else {
        partial.received.skip("brand not mapped")
        continue
      }
      guard !unreadable.contains(position) else {
        table.unreadable.insert(id)
        partial.received.skip("malformed")
        continue
      }
      let cells = row[1..<columns.count].map { $0 ?? .null }
      guard let present = table.brands[id] else {
        table.brands[id] = cells
        partial.received.used += 1
        continue
      }
      partial.received.skip("several rows for a brand")
      repeated += 1
      // Any flow counts; elsewhere the first row stands.
      if isAutomation, present.allSatisfy(\.isNull) { table.brands[id] = cells }
    }
    if repeated > 0, !isAutomation {
      partial.suspicions.append("\(name) gave \(repeated) rows more than one for a brand")
    }
    partial.tables[slice] = table
  }

  public func observe(_ partial: LookerPartial, failed: [LookerSlice]) async throws -> SourceObservations {
    let reading = LookerReading(options: options, period: extraction.period, partial: partial, failed: Set(failed))
    let facts = extraction.accounts.map { account -> AccountFacts in
      guard let brand = account.lookerCustomerID else { return missing(.notMapped, for: account) }
      var observations = reading.observations(of: brand)
      if !extraction.isCurrent {
        for metric in currentOnlyMetrics where observations[metric] != .missing(.notFound) {
          observations[metric] = .missing(.notAsOf)
        }
      }
      return AccountFacts(observations: observations)
    }
    let problems = partial.absences.sorted() + partial.truncations.sorted()
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: partial.suspicions.sorted().map { "Looker: \($0)" },
      problem: problems.isEmpty ? nil : problems.joined(separator: "; "))
  }
}
