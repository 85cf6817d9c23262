import Formats
import Time

/// Makes the records of a run: what the sources said, beside targets and earlier days.
public struct CardBoard: Sendable {
  public let settings: CardSettings
  public let targets: CardTargets
  public let archive: CardArchive
  /// The day that the run is of.
  public let today: CalendarDate
  public let now: Timestamp

  public init(
    settings: CardSettings, targets: CardTargets, archive: CardArchive, today: CalendarDate, now: Timestamp
  ) {
    self.settings = settings
    self.targets = targets
    self.archive = archive
    self.today = today
    self.now = now
  }

  /// - Throws: ``NumberTooLarge``.
  public func record(_ card: CardID, _ outcome: CardOutcome) throws -> CardRecord {
    switch outcome {
    case .kept:
      if let last = archive.latest(card, upTo: today) { return last }
      var record = empty(card, .noData, "it was not read yet; run the job without cards")
      record.fetchedAt = nil
      return record
    case .failed(let reason):
      guard let last = archive.latestValue(card, upTo: today) else { return empty(card, .error, reason) }
      var record = empty(card, .stale, reason)
      record.label = last.label
      (record.value, record.display, record.asOf) = (last.value, last.display, last.asOf)
      record.breakdown = last.breakdown
      record.lastGood = last.value.map { .init(value: $0, asOf: last.asOf) }
      return record
    case .read(let reading): return try record(card, reading)
    }
  }

  private func record(_ card: CardID, _ reading: CardReading) throws -> CardRecord {
    var record = empty(card, reading.state, reading.reason)
    if let note = reading.labelNote { record.label += " (\(note))" }
    record.breakdown = reading.breakdown
    record.warnings += reading.warnings
    if reading.state == .blocked { record.fetchedAt = nil }
    guard let number = reading.value, reading.state.isGood else { return record }
    let text = CardText(card.unit, baseCurrency: settings.baseCurrency)
    let value = try text.value(number, isQuotient: reading.isQuotient)
    record.value = value
    record.display = text.display(number)
    record.asOf = reading.asOf ?? now
    if let target = record.target, reading.isComparable {
      record.targetStatus = target.status(of: number, nearPercent: settings.nearPercent)
    }
    record.delta = try delta(card, value, text, reading.isQuotient)
    return record
  }

  /// The difference of what was written, so that the figures on a card add up.
  private func delta(
    _ card: CardID, _ value: String, _ text: CardText, _ isQuotient: Bool
  ) throws -> CardRecord.Delta? {
    guard let base = archive.history(card, before: today, days: settings.windows.delta).last,
      let before = Rational(decimal: base.value), let number = Rational(decimal: value),
      let difference = number.subtracting(before)
    else { return nil }
    let percent =
      before.isZero
      ? nil : try difference.over(before.magnitude).multiplied(by: Rational(100))?.text(decimals: 2...2)
    return .init(
      versus: base.date, absolute: try text.value(difference, isQuotient: isQuotient), percent: percent)
  }

  /// A record without a value.
  private func empty(_ card: CardID, _ state: CardState, _ reason: String?) -> CardRecord {
    let target = targets.target(of: card)
    let isUnknown = target != nil || targets.isUnknown(card)
    let last = archive.latestValue(card, upTo: today.advanced(byDays: -1))
    return CardRecord(
      id: card, label: card.label, tabs: card.tabs, unit: card.unit.name(settings.baseCurrency), value: nil,
      display: "–", state: state, reason: reason, asOf: nil, fetchedAt: now,
      freshForSeconds: CardSettings.freshForSeconds,
      lastGood: last.flatMap { last in last.value.map { .init(value: $0, asOf: last.asOf) } }, target: target,
      targetStatus: isUnknown ? .unknown : .none, direction: card.direction, delta: nil,
      history: archive.history(card, before: today, days: settings.windows.history), breakdown: [],
      warnings: targets.warning(of: card).map { [$0] } ?? [],
      tooltip: CardTooltip(card, settings, target: target))
  }

  /// A card that can't be computed, and has nothing to show.
  public func failure(_ card: CardID, _ reason: String) -> CardRecord { empty(card, .error, reason) }

  /// Whether people should hear that a card missed its target: not again until it was met in between.
  public func isNewlyMissed(_ record: CardRecord) -> Bool {
    record.targetStatus == .missed && !archive.wasMissed(record.id, upTo: today)
  }
}
