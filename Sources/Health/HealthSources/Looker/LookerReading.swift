import HealthModel
import Looker
import Time

/// Computes a brand's metrics from the tables.
struct LookerReading {
  let rules: LookerRules
  let period: Period
  let partial: LookerPartial
  let failed: Set<LookerSlice>

  func observations(of brand: String) -> [Metric: Observation] {
    var observations = platformValue(of: brand)
    observations.merge(adoption(of: brand)) { $1 }
    if isUnknownToLooks(brand) {
      for metric in Dimension.platformValue.metrics { observations[metric] = .missing(.notFound) }
      if isUnknownToViews(brand) {
        for metric in Dimension.adoptionEngagement.metrics { observations[metric] = .missing(.notFound) }
      }
    }
    if rules.licenceUsage.map({ partial.absentViews.contains($0.name) }) ?? true {
      observations[.licenceUtilisation] = .missing(.notConfigured)
    }
    return observations
  }

  /// A brand counts as unknown only where every Look was read and none of them has it.
  private func isUnknownToLooks(_ brand: String) -> Bool {
    isUnknown(brand) { if case .look = $0 { true } else { false } }
  }

  private func isUnknownToViews(_ brand: String) -> Bool {
    isUnknown(brand) { if case .month = $0 { true } else { false } }
  }

  private func isUnknown(_ brand: String, in isIncluded: (LookerSlice) -> Bool) -> Bool {
    !failed.contains(where: isIncluded)
      && !partial.tables.contains {
        isIncluded($0.key)
          && ($0.value.isCutOff || $0.value.unreadable.contains(brand) || $0.value.brands[brand] != nil)
      }
  }

  private func platformValue(of brand: String) -> [Metric: Observation] {
    let bookings = rules.bookings
    let walletKey = cell(bookings.look, 3, brand)
    let mobileKey = cell(bookings.look, 4, brand)
    let key: Reading = {
      guard case .cell(let wallet) = walletKey else { return walletKey }
      guard case .cell(let mobile) = mobileKey else { return mobileKey }
      guard let wallet = wallet.number.map({ $0 * bookings.walletKey.unit.factor }) else {
        return .cell(mobile.number.map { .number($0 * bookings.mobileKey.unit.factor) } ?? .null)
      }
      return .cell(.number(wallet + (mobile.number ?? 0) * bookings.mobileKey.unit.factor))
    }()
    return [
      .positiveSentiment: value(rules.sentiment, brand),
      .responseBeforeTarget: value(rules.responseTarget, brand),
      .allinConversations: value(rules.sharedInbox, brand),
      .conversationsPerBooking: observation(cell(bookings.look, 1, brand), bookings.messages.unit.factor),
      .arrivalCIOL: observation(cell(bookings.look, 2, brand), bookings.checkIn.unit.factor),
      .digitalKey: observation(key, 1),
      .automationActive: automation(of: brand),
      .itineraryBooking: perBooking(rules.itinerary, brand, factor: 100),
      .pageVisitsPerBooking: perBooking(rules.pageVisits, brand, factor: 1),
    ]
  }

  /// 1 where the brand has a flow, 0 where it has none but some Look knows the brand. Else it is unavailable, because
  /// the brand may be in a Look that failed.
  private func automation(of brand: String) -> Observation {
    switch cell(rules.automation.look, 0, brand) {
    case .unavailable: return .missing(.unavailable)
    case .cell(let cell): return .value(cell.isNull ? 0 : 1)
    case .noRow:
      let isKnown = partial.tables.contains { slice, table in
        if case .look = slice { table.brands[brand] != nil } else { false }
      }
      return isKnown ? .value(0) : .missing(.unavailable)
    }
  }

  private func perBooking(_ single: LookerRules.SingleField, _ brand: String, factor: Double) -> Observation {
    let visits = cell(single.look, 0, brand)
    let total = cell(rules.bookings.look, 0, brand)
    if case .unavailable = visits { return .missing(.unavailable) }
    if case .unavailable = total { return .missing(.unavailable) }
    guard let visits = visits.number, let total = total.number, total > 0 else { return .missing(.noData) }
    return .ratio(visits, of: total, times: factor)
  }

  private func adoption(of brand: String) -> [Metric: Observation] {
    let score = rules.platformScore
    let usage = rules.featureUsage
    let scoreNow = cell(score, 0, brand, monthsBack: 0)
    let scoreThen = cell(score, 0, brand, monthsBack: score.monthsBack)
    let visitsNow = visitsPerArrival(brand, monthsBack: 0)
    let visitsThen = visitsPerArrival(brand, monthsBack: usage.monthsBack)
    return [
      .platformScore: observation(scoreNow, score.fields[0].unit.factor),
      .platformScoreTrend: trend(
        from: observation(scoreThen, score.fields[0].unit.factor),
        to: observation(scoreNow, score.fields[0].unit.factor)
      ) { then, now in now - then },
      .featureBreadth: observation(cell(usage, 0, brand, monthsBack: 0), usage.fields[0].unit.factor),
      .licenceUtilisation: licences(of: brand),
      .pageVisitsPerArrival: visitsNow,
      .pageVisitsTrend: trend(from: visitsThen, to: visitsNow) { then, now in (now - then) / then * 100 },
    ]
  }

  private func licences(of brand: String) -> Observation {
    guard let view = rules.licenceUsage else { return .missing(.notConfigured) }
    let active = cell(view, 0, brand, monthsBack: 0)
    let licensed = cell(view, 1, brand, monthsBack: 0)
    if case .unavailable = active { return .missing(.unavailable) }
    if case .unavailable = licensed { return .missing(.unavailable) }
    guard let active = active.number, let licensed = licensed.number, licensed > 0 else { return .missing(.noData) }
    return .ratio(active, of: licensed, times: 100)
  }

  private func visitsPerArrival(_ brand: String, monthsBack: Int) -> Observation {
    let visits = cell(rules.featureUsage, 1, brand, monthsBack: monthsBack)
    let arrivals = cell(rules.featureUsage, 2, brand, monthsBack: monthsBack)
    if case .unavailable = visits { return .missing(.unavailable) }
    if case .unavailable = arrivals { return .missing(.unavailable) }
    guard let visits = visits.number, let arrivals = arrivals.number, arrivals > 0 else { return .missing(.noData) }
    return .ratio(visits, of: arrivals)
  }

  /// The change from the earlier to the later value. No data where the earlier value is 0; missing where one of the two
  /// is missing.
  private func trend(
    from then: Observation, to now: Observation, _ change: (Double, Double) -> Double
  ) -> Observation {
    guard let earlier = then.value, let later = now.value else {
      return .missing([then, now].compactMap(\.missingReason).min() ?? .noData)
    }
    return earlier == 0 ? .missing(.noData) : .known(change(earlier, later))
  }

  private enum Reading {
    case unavailable
    case noRow
    case cell(LookerCell)

    var number: Double? {
      if case .cell(let cell) = self { cell.number } else { nil }
    }
  }

  private func value(_ single: LookerRules.SingleField, _ brand: String) -> Observation {
    observation(cell(single.look, 0, brand), single.field.unit.factor)
  }

  private func observation(_ reading: Reading, _ factor: Double) -> Observation {
    if case .unavailable = reading { return .missing(.unavailable) }
    return .known(reading.number.map { $0 * factor })
  }

  private func cell(_ look: LookerLook, _ field: Int, _ brand: String) -> Reading {
    cell(.look(look.lookID), field, brand)
  }

  private func cell(_ view: LookerRules.View, _ field: Int, _ brand: String, monthsBack: Int) -> Reading {
    cell(.month(view: view.name, period.advanced(by: -monthsBack)), field, brand)
  }

  private func cell(_ slice: LookerSlice, _ field: Int, _ brand: String) -> Reading {
    if failed.contains(slice) { return .unavailable }
    guard let table = partial.tables[slice] else { return .noRow }
    if table.absentFields.contains(field) { return .unavailable }
    if table.unreadable.contains(brand) { return .unavailable }
    guard let cells = table.brands[brand] else { return table.isCutOff ? .unavailable : .noRow }
    return cells[field] == .unreadable ? .unavailable : .cell(cells[field])
  }
}
