import Formats
import HealthModel
import Salesforce
import Time

/// A kind of rows that is read in bulk, and the metrics that need it.
enum SalesforceDataset: String, Codable, Sendable, CaseIterable {
  case accounts, renewals, contractChanges, payments, history, businessReviews, champions, expansion, signals,
    previousScores

  /// Metrics that can't be known without it. `accounts` shows whether an id exists at all, so all metrics need it.
  var metrics: [Metric] {
    switch self {
    case .accounts: SalesforceSource.metrics
    case .renewals: [.daysToRenewal]
    case .contractChanges: [.contractChanges]
    case .payments: [.paymentHealth]
    case .history: [.arrTrajectory]
    case .businessReviews: [.qbrAttendance]
    case .champions: [.championStability]
    case .expansion: [.expansionSignals]
    case .signals, .previousScores: []
    }
  }

  /// The object, the field that names the account, and further fields. Without one of `required`, the dataset can't be
  /// read.
  func schema(_ rules: SalesforceRules) -> Schema {
    switch self {
    case .accounts:
      let fields = rules.account
      return Schema(
        "Account", account: "Id", required: [],
        optional: [
          fields.arr, fields.successTier, fields.responsiveness, fields.executiveEngagement, SalesforceRules.ownerID,
        ].compactMap(\.self))
    case .renewals:
      return Schema("Opportunity", account: "AccountId", required: ["Type", "CloseDate", "IsClosed"])
    case .contractChanges:
      return Schema("Opportunity", account: "AccountId", required: ["Type", "CloseDate", "IsWon"])
    case .payments:
      let names = rules.payments
      return Schema(names.object, account: names.account, required: [names.date, names.status])
    case .history:
      let names = rules.history
      return Schema(names.object, account: names.account, required: [names.date, names.arr])
    case .businessReviews:
      return Schema(
        "Event", account: "AccountId", required: ["Type", "ActivityDate", rules.businessReviews.attended],
        optional: ["IsDeleted", "IsChild", "IsRecurrence"])
    case .champions:
      return Schema(
        "AccountContactRelation", account: "AccountId", required: ["Roles", "IsActive", "CreatedDate"],
        optional: ["StartDate"])
    case .expansion:
      let names = rules.expansion
      return Schema(names.object, account: names.account, required: [names.status])
    case .signals:
      let names = rules.signals
      return Schema(
        names.object, account: names.account,
        required: [names.severity, names.confidence, names.status, names.observed])
    case .previousScores:
      return Schema(
        rules.healthScores.object, account: "Account__c",
        required: ["Scoring_Period__c", "Health_Score__c", "Tier__c"])
    }
  }

  struct Schema {
    let object: String
    /// The field that holds the account's id.
    let account: String
    let required: [String]
    let optional: [String]

    init(_ object: String, account: String, required: [String], optional: [String] = []) {
      self.object = object
      self.account = account
      self.required = required
      self.optional = optional
    }
  }

  /// The query's conditions other than the account. Data that grows with time has explicit bounds.
  ///
  /// The query compares days; the exact instants decide afterwards.
  ///
  /// - Parameter dateTimes: Names, in lower case, of the fields that hold date and time.
  func conditions(_ rules: SalesforceRules, _ extraction: Extraction, dateTimes: Set<String>) -> [String] {
    let year = extraction.lastTwelveMonths
    func bounds(_ field: String) -> [String] {
      let isDateTime = dateTimes.contains(field.lowercased())
      let first = SOQL.literal(year.lowerBound.date, isDateTime: isDateTime)
      let last = SOQL.literal(year.upperBound.date.advanced(byDays: 1), isDateTime: isDateTime)
      return ["\(field) >= \(first)", "\(field) < \(last)"]
    }
    switch self {
    case .accounts: return []
    case .renewals: return ["Type IN \(SOQL.list(rules.opportunityTypes.renewal))", "IsClosed = false"]
    case .contractChanges:
      return ["Type IN \(SOQL.list(rules.opportunityTypes.contractChange))", "IsWon = true"] + bounds("CloseDate")
    case .payments: return bounds(rules.payments.date)
    case .history:
      let field = rules.history.date
      let newest = extraction.asOf.date.advanced(byDays: -rules.history.minimumAgeDays)
      let bound = SOQL.literal(newest.advanced(byDays: 1), isDateTime: dateTimes.contains(field.lowercased()))
      return ["\(field) < \(bound)"]
    case .businessReviews: return ["Type IN \(SOQL.list(rules.businessReviews.types))"] + bounds("ActivityDate")
    case .champions: return ["IsActive = true", "Roles INCLUDES (\(SOQL.quoted(rules.championRole)))"]
    case .expansion: return []
    case .signals:
      let states = rules.signals.values.active + rules.signals.values.monitoring
      return ["\(rules.signals.status) IN \(SOQL.list(states))"]
    case .previousScores:
      return ["Scoring_Period__c = \(SOQL.quoted("\(extraction.period.advanced(by: -1))"))"]
    }
  }
}

/// What the org has of a dataset, as a slice needs it for its query.
struct ReadableSchema: Codable, Sendable, Equatable {
  /// Fields to select, spelled as the org does.
  var fields: [String]
  /// Names, in lower case, of the fields that hold date and time.
  var dateTimes: Set<String> = []
  /// Currency fields that the query converts to one currency, in an org with several.
  var converted: Set<String> = []
  /// Paths of metrics that the org keeps no data for.
  var absentMetrics: Set<String> = []
  /// Paths of metrics that are unavailable although the rows can be read.
  var unavailableMetrics: Set<String> = []
  var warnings: Set<String> = []

  /// Whether fields of a parent's record are asked for, such as `Owner.Name`.
  var hasParents: Bool { fields.contains { $0.contains(".") } }

  var withoutParents: ReadableSchema {
    var schema = self
    schema.fields.removeAll { $0.contains(".") }
    return schema
  }
}

/// An independent part of the extraction: one dataset for some accounts, and what the org has of it.
public struct SalesforceSlice: Codable, Sendable, Equatable {
  enum State: Codable, Sendable, Equatable {
    case readable(ReadableSchema)
    /// The org lacks the object or a field.
    case absent(String)
    /// The org has the fields, but one of its picklists has none of the configured values.
    case unmatched(String)
    /// It is unknown what the org has, for this reason. Reading the slice throws it.
    case unreadable(String)
  }

  var dataset: SalesforceDataset
  var accountIDs: [SalesforceID]
  var state: State
}
