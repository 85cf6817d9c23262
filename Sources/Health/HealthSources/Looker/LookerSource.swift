import Connectors
import HealthModel
import Looker
import Time

/// An independent part of the extraction: a Look, or a view's rows of one month.
public enum LookerSlice: Codable, Sendable, Hashable {
  /// By the Look's id.
  case look(String)
  /// By the view's name.
  case month(view: String, Period)
}

/// Platform value and adoption from Looker.
public struct LookerSource: HealthSource {
  public let extraction: Extraction
  let rules: LookerRules
  private let client: LookerClient
  private let brands: Set<String>
  private let time: TimeSource

  public init(client: LookerClient, rules: LookerRules, extraction: Extraction, time: TimeSource = .system) {
    self.client = client
    self.rules = rules
    self.time = time
    self.extraction = extraction
    brands = Set(extraction.accounts.compactMap(\.lookerCustomerID))
  }

  public func isMapped(_ account: MappedAccount) -> Bool { account.lookerCustomerID != nil }

  /// The licences in use, where no view is configured for them.
  public var unconfiguredMetrics: Set<Metric> { rules.licenceUsage == nil ? [.licenceUtilisation] : [] }

  /// The metrics of all Looks. A Look has no month: it shows today's values.
  public var currentOnlyMetrics: Set<Metric> { Set(Dimension.platformValue.metrics) }

  public func plan() async throws -> SlicePlan<LookerSlice, LookerPartial> {
    try await client.checkLogin()
    let looks = looks.keys.sorted().map { LookerSlice.look($0) }
    let months = views.flatMap { view in
      Set([0, -view.monthsBack]).sorted(by: >).map {
        LookerSlice.month(view: view.name, extraction.period.advanced(by: $0))
      }
    }
    var found = LookerPartial()
    if let warning = await timeZoneWarning() { found.suspicions.append(warning) }
    return SlicePlan(slices: looks + months, found: found)
  }

  private var views: [LookerRules.View] {
    [rules.platformScore, rules.featureUsage, rules.licenceUsage].compactMap(\.self)
  }

  /// A warning where the scored month may not be over yet in the instance's time zone.
  private func timeZoneWarning() async -> String? {
    let now = Timestamp(milliseconds: time.wall().components.seconds * 1000)
    guard LookerTimeZone.isAtRisk(period: extraction.period, readAt: now) else { return nil }
    var zone = rules.timeZone
    // No value depends on the time zone, so an error is not reported.
    if zone == nil { zone = (try? await client.timeZone()) ?? nil }
    return LookerTimeZone.warning(zone: zone, period: extraction.period, readAt: now)
  }

  /// Look id → its definition and fields.
  private var looks: [String: (look: LookerLook, fields: [LookerField])] {
    let bookings = rules.bookings
    var looks = [
      bookings.look.lookID: (
        bookings.look,
        [bookings.total, bookings.messages, bookings.checkIn, bookings.walletKey, bookings.mobileKey]
      )
    ]
    for single in [
      rules.sharedInbox, rules.sentiment, rules.automation, rules.responseTarget, rules.pageVisits,
      rules.itinerary,
    ] { looks[single.look.lookID] = (single.look, [single.field]) }
    return looks
  }

  /// A table whose number of rows equals a row limit counts as cut off.
  public func read(_ slice: LookerSlice) async throws -> LookerPartial {
    switch slice {
    case .look(let id):
      guard let (look, fields) = looks[id] else { throw SourceError(.malformed, "no Look \(id) in sources.yaml") }
      let name = "Look \(id)"
      let columns = [look.brand] + fields.map(\.name)
      async let savedLimit = client.rowLimit(ofLook: id)
      let table = try await client.run(
        look: id, columns: columns, limit: rules.client.rowLimit, timeout: look.timeout)
      // If the definition can't be read, only its row limit is unknown.
      let limit = (try? await savedLimit) ?? nil
      var filling = LookerFilling(name: name, brands: brands, fields: fields, brandField: look.brand)
      filling.takesAnyValue = id == rules.automation.look.lookID
      try filling.add(table.rows)
      filling.checkLimit(rows: table.rows.count, limits: [limit, rules.client.rowLimit, 500, 5000].compactMap(\.self))
      return filling.partial(slice)
    case .month(let name, let period):
      guard let view = views.first(where: { $0.name == name }) else {
        throw SourceError(.malformed, "no view \(name) in sources.yaml")
      }
      do {
        return try await read(view, of: period)
      } catch let error as SourceError where view == rules.licenceUsage && error.kind == .notConfigured {
        // Not every instance has it, and no score needs it until weights.yaml says so.
        var partial = LookerPartial()
        partial.absentViews.insert(name)
        partial.suspicions.append(
          "\(error); \(Metric.licenceUtilisation.path) is not configured. Leave out looker.adoption.license_usage in sources.yaml where there are no licences"
        )
        return partial
      }
    }
  }

  /// A view's rows of one month.
  private func read(_ view: LookerRules.View, of period: Period) async throws -> LookerPartial {
    let columns = [view.brand] + view.fields.map(\.name) + [view.month]
    let query = InlineQuery(
      model: rules.model, view: view.name, fields: [view.brand, view.month] + view.fields.map(\.name),
      filters: [view.month: "\(period)"], limit: rules.client.rowLimit)
    let table = try await client.run(query, columns: columns, timeout: rules.queryTimeout)
    guard table.rows.isEmpty || table.rows.contains(where: { $0.last != .some(nil) }) else {
      throw SourceError(.notConfigured, "view \(view.name) has no field \(view.month); check looker in sources.yaml")
    }
    var filling = LookerFilling(
      name: "view \(view.name)", brands: brands, fields: view.fields, brandField: view.brand)
    let rows = table.rows.filter { filling.isOf(period, month: $0[columns.count - 1], field: view.month, row: $0) }
    try filling.add(rows)
    filling.checkLimit(rows: table.rows.count, limits: [rules.client.rowLimit, 500, 5000])
    return filling.partial(.month(view: view.name, period))
  }

  /// Metrics of Looks are `notAsOf` unless the extraction is current.
  public func observe(_ partial: LookerPartial, failed: [LookerSlice]) async throws -> SourceObservations {
    let reading = LookerReading(rules: rules, period: extraction.period, partial: partial, failed: Set(failed))
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
    let problems = partial.problems.sorted()
    return SourceObservations(
      accounts: facts, received: partial.received, warnings: partial.suspicions.sorted().map { "Looker: \($0)" },
      problem: problems.isEmpty ? nil : "Looker: " + problems.joined(separator: "; "))
  }
}
