import HealthModel

/// Puts a row into its account's tally.
struct SalesforceRowReader {
  let dataset: SalesforceDataset
  let options: SalesforceOptions
  let extraction: Extraction

  /// - Returns: Why the row is left out; nil for a row that was used.
  func add(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    switch dataset {
    case .accounts: return addAccount(row, to: &tally)
    case .renewals:
      guard row.value("Type")?.text != nil, row.value("IsClosed")?.flag != nil else { return "malformed" }
      guard row.isOne(of: options.opportunityTypes.renewal, "Type"), row.value("IsClosed")?.flag == false else {
        return "another kind"
      }
      guard let date = instant(row, "CloseDate")?.date else { return "malformed" }
      tally.renewal = min(tally.renewal ?? date, date)
    case .contractChanges:
      guard row.value("Type")?.text != nil, row.value("IsWon")?.flag != nil else { return "malformed" }
      guard row.isOne(of: options.opportunityTypes.contractChange, "Type"), row.value("IsWon")?.flag == true else {
        return "another kind"
      }
      guard let date = instant(row, "CloseDate") else { return "malformed" }
      guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
      tally.contractChanges += 1
    case .payments:
      guard let date = instant(row, options.payments.date) else { return "malformed" }
      let status = row.value(options.payments.status)
      guard status == .null || status?.text != nil else { return "malformed" }
      guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
      tally.payments += 1
      if row.isOne(of: options.payments.failed, options.payments.status) { tally.failedPayments += 1 }
    case .history: return addSnapshot(row, to: &tally)
    case .businessReviews: return addReview(row, to: &tally)
    case .champions:
      let roles = row.value("Roles")?.text?.split(separator: ";").map { $0.lowercased() } ?? []
      guard row.value("IsActive")?.flag != nil else { return "malformed" }
      guard roles.contains(options.championRole.lowercased()), row.value("IsActive")?.flag == true else {
        return "another kind"
      }
      guard let since = instant(row, "StartDate") ?? instant(row, "CreatedDate") else { return "malformed" }
      guard since <= extraction.asOf else { return "outside the bounds" }
      tally.championSince = max(tally.championSince ?? since.date, since.date)
    case .expansion:
      guard !row.isOne(of: options.expansion.closed, options.expansion.status) else { return "closed" }
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
    let fields = options.account
    tally.isFound = true
    tally.arr = row.value(fields.arr)?.number
    tally.successTier = row.value(fields.successTier)?.text
    tally.responsiveness = fields.responsiveness.flatMap { row.value($0)?.number }
    if let field = fields.executiveEngagement {
      tally.executiveEngagement =
        instant(row, field).map { Double(extraction.asOf.date.day - $0.date.day) }
        ?? row.value(field)?.number
    }
    return nil
  }

  private func addSnapshot(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    guard let date = instant(row, options.history.date) else { return "malformed" }
    guard extraction.asOf.date.day - date.date.day >= options.history.minimumAgeDays else {
      return "outside the bounds"
    }
    let yearAgo = extraction.lastTwelveMonths.lowerBound
    tally.offer(
      .init(
        distance: abs(date.milliseconds - yearAgo.milliseconds), date: date, id: row.value("Id")?.text ?? "",
        arr: row.value(options.history.arr)?.number))
    return nil
  }

  /// `queryAll` gives archived events, which count, and deleted ones, invitees' copies and series masters, which don't.
  private func addReview(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    guard row.value("Type")?.text != nil, row.value(options.businessReviews.attended)?.flag != nil else {
      return "malformed"
    }
    guard row.isOne(of: options.businessReviews.types, "Type") else { return "another kind" }
    for field in ["IsDeleted", "IsChild", "IsRecurrence"] where row.value(field)?.flag == true {
      return "deleted, copied or a series"
    }
    guard let date = instant(row, "ActivityDate") else { return "malformed" }
    guard extraction.lastTwelveMonths.contains(date) else { return "outside the bounds" }
    tally.reviews += 1
    if row.value(options.businessReviews.attended)?.flag == true { tally.attendedReviews += 1 }
    return nil
  }

  private func addSignal(_ row: SalesforceRow, to tally: inout SalesforceTally) -> String? {
    let names = options.signals
    guard let severity = row.value(names.severity)?.text.flatMap({ ChurnSignal.Severity(named: $0) }) else {
      return "malformed"
    }
    tally.signals.append(
      ChurnSignal(
        severity: severity, confidence: row.value(names.confidence)?.text, status: row.value(names.status)?.text,
        observed: instant(row, names.observed)?.date))
    return nil
  }
}

extension SalesforceRow {
  /// Picklist values compare in any case.
  fileprivate func isOne(of values: [String], _ field: String) -> Bool {
    guard let text = value(field)?.text?.lowercased() else { return false }
    return values.contains { $0.lowercased() == text }
  }
}

/// What a tally says of a metric.
struct SalesforceReading {
  let options: SalesforceOptions
  let extraction: Extraction
  let partial: SalesforcePartial

  func observation(_ metric: Metric, _ tally: SalesforceTally) -> Observation {
    let today = extraction.asOf.date
    switch metric {
    case .daysToRenewal: return .known(tally.renewal.map { Double($0.day - today.day) })
    case .paymentHealth: return tally.payments > 0 ? .value(Double(tally.failedPayments)) : .missing(.noData)
    case .contractChanges: return .value(Double(tally.contractChanges))
    case .arrTrajectory:
      guard let arr = tally.arr, let earlier = tally.snapshot?.arr, earlier > 0 else { return .missing(.noData) }
      return .ratio(arr - earlier, of: earlier, times: 100)
    case .tierAlignment:
      guard let arr = tally.arr, let tier = tally.successTier else { return .missing(.noData) }
      let isMisaligned =
        arr > options.tierAlignment.arrAbove
        && options.tierAlignment.misalignedTiers.contains { $0.lowercased() == tier.lowercased() }
      return .value(isMisaligned ? 1 : 0)
    case .qbrAttendance: return .ratio(Double(tally.attendedReviews), of: Double(tally.reviews), times: 100)
    case .championStability: return .known(tally.championSince.map { Double(today.day - $0.day) })
    case .expansionSignals: return .value(Double(tally.expansionLeads))
    case .responsiveness: return .known(tally.responsiveness)
    case .executiveEngagement: return .known(tally.executiveEngagement)
    default: return .missing(.noData)
    }
  }
}
