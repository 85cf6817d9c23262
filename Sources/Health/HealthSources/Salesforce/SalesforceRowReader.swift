import Connectors
import Formats
import HealthModel
import Salesforce
import Time

/// Adds a row to its account's tally.
struct SalesforceRowReader {
  /// The reason for a row of a known account that can't be read, or a part of it.
  static let malformed = Received.spoiled

  let dataset: SalesforceDataset
  let rules: SalesforceRules
  let extraction: Extraction

  /// - Returns: Why the row is left out; nil for a row that was used.
  func add(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    switch dataset {
    case .accounts: return addAccount(row, to: &tally)
    case .renewals:
      guard row.value("Type")?.text != nil, row.value("IsClosed")?.flag != nil else { return Self.malformed }
      guard row.isOne(of: rules.opportunityTypes.renewal, "Type"), row.value("IsClosed")?.flag == false else {
        return "another kind"
      }
      guard let date = instant(row, "CloseDate")?.date else { return Self.malformed }
      tally.renewal = min(tally.renewal ?? date, date)
    case .contractChanges:
      guard row.value("Type")?.text != nil, row.value("IsWon")?.flag != nil else { return Self.malformed }
      guard row.isOne(of: rules.opportunityTypes.contractChange, "Type"), row.value("IsWon")?.flag == true else {
        return "another kind"
      }
      guard let date = instant(row, "CloseDate") else { return Self.malformed }
      guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
      tally.contractChanges += 1
    case .payments:
      guard let date = instant(row, rules.payments.date) else { return Self.malformed }
      let status = row.value(rules.payments.status)
      guard status == .null || status?.text != nil else { return Self.malformed }
      guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
      tally.payments += 1
      if row.isOne(of: rules.payments.failed, rules.payments.status) { tally.failedPayments += 1 }
    case .history: return addSnapshot(row, to: &tally)
    case .businessReviews: return addReview(row, to: &tally)
    case .champions:
      let roles = row.value("Roles")?.text?.split(separator: ";").map { String($0).comparisonKey } ?? []
      guard row.value("IsActive")?.flag != nil, isText(row, "Roles") else { return Self.malformed }
      guard roles.contains(rules.championRole.comparisonKey), row.value("IsActive")?.flag == true else {
        return "another kind"
      }
      let start = row.value("StartDate") ?? .null
      guard let since = instant(row, start == .null ? "CreatedDate" : "StartDate") else { return Self.malformed }
      guard since <= extraction.asOf else { return "outside the bounds" }
      tally.championSince = max(tally.championSince ?? since.date, since.date)
    case .expansion:
      guard isText(row, rules.expansion.status) else { return Self.malformed }
      guard !row.isOne(of: rules.expansion.closed, rules.expansion.status) else { return "closed" }
      tally.expansionLeads += 1
    case .signals: return addSignal(row, to: &tally)
    case .previousScores:
      tally.previousHealth = row.value("Health_Score__c")?.number
      tally.previousTier = row.value("Tier__c")?.text
    }
    return nil
  }

  /// A date counts as its midnight in UTC.
  private func instant(_ row: SalesforceRow, _ field: String) -> Timestamp? {
    row.value(field)?.text.flatMap { Timestamp(iso8601: $0) }
  }

  private func addAccount(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    let fields = rules.account
    tally.isFound = true
    tally.ownerID = row.value(SalesforceRules.ownerID)?.text
    tally.ownerName = row.value(SalesforceRules.ownerName)?.text
    tally.arr = number(row, fields.arr, [.arrTrajectory, .tierAlignment], &tally)
    switch row.value(fields.successTier) {
    case .text(let text): tally.successTier = text
    case .null: break
    case .flag, .number, .unreadable, nil: spoil(fields.successTier, [.tierAlignment], row, &tally)
    }
    if let field = fields.responsiveness { tally.responsiveness = number(row, field, [.responsiveness], &tally) }
    if let field = fields.executiveEngagement {
      tally.executiveEngagement =
        instant(row, field).map { Double(extraction.asOf.date.day - $0.date.day) }
        ?? number(row, field, [.executiveEngagement], &tally)
    }
    return nil
  }

  /// A number. A value that is not null and can't be read makes the metrics that need it unavailable.
  private func number(
    _ row: SalesforceRow, _ field: String, _ metrics: [Metric], _ tally: inout SalesforceTally
  ) -> Double? {
    let value = row.value(field)
    if let number = value?.number { return number }
    if value != .null { spoil(field, metrics, row, &tally) }
    return nil
  }

  /// Makes the metrics unavailable. Not where the query did not ask for the field: then the org does not have it.
  private func spoil(_ field: String, _ metrics: [Metric], _ row: SalesforceRow, _ tally: inout SalesforceTally) {
    if row.isSelected(field) { tally.spoiled.formUnion(metrics.map(\.path)) }
  }

  private func addSnapshot(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    guard let date = instant(row, rules.history.date) else { return Self.malformed }
    guard extraction.asOf.date.day - date.date.day >= rules.history.minimumAgeDays else {
      return "outside the bounds"
    }
    let value = row.value(rules.history.arr)
    guard value == .null || value?.number != nil || !row.isSelected(rules.history.arr) else { return Self.malformed }
    let yearAgo = extraction.lastTwelveMonths.lowerBound
    tally.offer(
      .init(
        distance: abs(date.milliseconds - yearAgo.milliseconds), date: date, id: row.value("Id")?.text ?? "",
        arr: row.value(rules.history.arr)?.number))
    return nil
  }

  /// `queryAll` returns archived events, which count. It also returns deleted events, copies for invitees and the
  /// masters of series, which do not count.
  private func addReview(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    guard row.value("Type")?.text != nil, row.value(rules.businessReviews.attended)?.flag != nil else {
      return Self.malformed
    }
    guard row.isOne(of: rules.businessReviews.types, "Type") else { return "another kind" }
    for field in ["IsDeleted", "IsChild", "IsRecurrence"] where row.value(field)?.flag == true {
      return "deleted, copied or a series"
    }
    guard let date = instant(row, "ActivityDate") else { return Self.malformed }
    guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
    tally.reviews += 1
    if row.value(rules.businessReviews.attended)?.flag == true { tally.attendedReviews += 1 }
    return nil
  }

  private func addSignal(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    let names = rules.signals
    let values = names.values
    let severities: [(ChurnSignal.Severity, [String])] = [
      (.critical, values.critical), (.moderate, values.moderate), (.watch, values.watch),
    ]
    guard let severity = severities.first(where: { row.isOne(of: $0.1, names.severity) })?.0 else {
      return Self.malformed
    }
    let observed = row.value(names.observed)
    let date = instant(row, names.observed)?.date
    // A signal without a date never expires. So a date that can't be read must not count as no date.
    guard date != nil || observed == .null, isText(row, names.confidence), isText(row, names.status) else {
      return Self.malformed
    }
    tally.signals.append(
      ChurnSignal(
        severity: severity,
        confidence: row.isOne(of: values.confirmed, names.confidence) ? "Confirmed" : row.value(names.confidence)?.text,
        status: row.isOne(of: values.active, names.status)
          ? "Active" : row.isOne(of: values.monitoring, names.status) ? "Monitoring" : row.value(names.status)?.text,
        observed: date))
    return nil
  }

  private func isText(_ row: SalesforceRow, _ field: String) -> Bool {
    row.value(field) == .null || row.value(field)?.text != nil
  }
}

extension SalesforceRow {
  /// Whether the field has one of these picklist values, in any case.
  fileprivate func isOne(of values: [String], _ field: String) -> Bool {
    guard let text = value(field)?.text?.comparisonKey else { return false }
    return values.contains { $0.comparisonKey == text }
  }
}
