import AWSClient
import CustomerModel
import Runs

/// The customer sync's part of an answer.
public struct CustomerSyncSummary: RunSummary {
  public enum Mode: String, Codable, Sendable {
    /// Everything was read.
    case full
    /// What had changed was read.
    case incremental
  }

  /// From where to where changes were read, in ISO 8601.
  public struct Watermark: Codable, Sendable, Equatable {
    /// Nil: from the beginning.
    public var from: String?
    /// Nil: the run is not complete, and the next one begins where this one began.
    public var to: String?
  }

  public var mode: Mode
  /// Customers that were looked at: new, updated and unchanged ones.
  public var contactsSynced = 0
  public var newContacts = 0
  public var updatedContacts = 0
  public var unchangedContacts = 0
  /// Contacts that were left out.
  public var skippedContacts = 0
  /// By reason. `invalid_timestamp` counts times that are left out, not contacts.
  public var skipped: [String: Int] = [:]
  /// Customers whom no contact stands for any more.
  public var deletedContacts = 0
  /// Rows that could not be written, and conversations and contacts that could not be read.
  public var errors = 0
  public var alertsGenerated = 0
  /// By kind.
  public var alerts: [String: Int] = [:]
  /// To one decimal; nil without customers.
  public var averageQualityScore: Double?
  /// By currency, over all customers.
  public var mrrTotal: [String: Double] = [:]
  /// Customers in the table once the run has written.
  public var customers = 0
  public var syncDurationSeconds = 0.0
  public var watermark = Watermark()
  /// The path of a dry run's table; nil on a live run.
  public var csv: String?
  /// Never any: the rows are in the table.
  public var results: [String]?
  /// What the alerts are about; not in the answer.
  public var notices: [RunNotice] = []

  init(mode: Mode) { self.mode = mode }

  public var shortened: CustomerSyncSummary { self }

  public var place: String? { csv }

  public var logged: [String: String] {
    [
      "mode": mode.rawValue, "synced": "\(contactsSynced)", "new": "\(newContacts)", "updated": "\(updatedContacts)",
      "skipped": "\(skippedContacts)", "alerts": "\(alertsGenerated)",
    ]
  }

  public var counters: [RunCounter] {
    var counters = [
      RunCounter("Customers", customers, isGauge: true), RunCounter("ContactsSynced", contactsSynced),
      RunCounter("ContactsNew", newContacts), RunCounter("ContactsUpdated", updatedContacts),
      RunCounter("ContactsUnchanged", unchangedContacts), RunCounter("ContactsSkipped", skippedContacts),
      RunCounter("ContactsDeleted", deletedContacts), RunCounter("SyncErrors", errors),
      RunCounter("AlertsGenerated", alertsGenerated),
    ]
    if let averageQualityScore { counters.append(RunCounter("QualityMean", averageQualityScore, isGauge: true)) }
    return counters
  }

  public var attributes: DynamoDBItem {
    var item: DynamoDBItem = [
      "mode": .string(mode.rawValue), "customers": .number(customers), "contacts_synced": .number(contactsSynced),
      "new_contacts": .number(newContacts), "updated_contacts": .number(updatedContacts),
      "unchanged_contacts": .number(unchangedContacts), "skipped_contacts": .number(skippedContacts),
      "deleted_contacts": .number(deletedContacts), "errors": .number(errors),
      "alerts_generated": .number(alertsGenerated), "alerts": .map(alerts.mapValues { .number($0) }),
      "mrr_total": .map(mrrTotal.mapValues { .number($0) }),
    ]
    if let averageQualityScore { item["avg_quality_score"] = .number(averageQualityScore) }
    return item
  }

  private enum CodingKeys: String, CodingKey {
    case mode, skipped, errors, alerts, customers, watermark, csv, results
    case contactsSynced = "contacts_synced"
    case newContacts = "new_contacts"
    case updatedContacts = "updated_contacts"
    case unchangedContacts = "unchanged_contacts"
    case skippedContacts = "skipped_contacts"
    case deletedContacts = "deleted_contacts"
    case alertsGenerated = "alerts_generated"
    case averageQualityScore = "avg_quality_score"
    case mrrTotal = "mrr_total"
    case syncDurationSeconds = "sync_duration_seconds"
  }
}

extension RunCounter {
  fileprivate init(_ name: String, _ value: Double, isGauge: Bool) {
    self.init(name, value, unit: .count, isGauge: isGauge)
  }
}
