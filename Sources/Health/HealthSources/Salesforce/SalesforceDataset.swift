import Formats
import HealthModel
import Salesforce
import Time

/// A kind of rows that is read in bulk, and what it feeds.
enum SalesforceDataset: String, Codable, Sendable, CaseIterable {
  case accounts, renewals, contractChanges, payments, history, businessReviews, champions, expansion, signals,
    previousScores

  /// Metrics that can't be known without it. The accounts decide whether an id exists at all, so they feed everything.
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

  /// The object, the field that names the account, and further fields; `required` ones make or break the dataset.
  func schema(_ rules: SalesforceRules) -> Schema {
    switch self {
    case .accounts:
      let fields = rules.account
      return Schema(
        "Account", account: "Id", required: [],
        optional: [fields.arr, fields.successTier, fields.responsiveness, fields.executiveEngagement].compactMap(\.self)
      )
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

  /// The conditions beside the account, with explicit bounds for everything that grows with time.
  ///
  /// Dates are asked to the day and sorted out by the instants afterwards.
  ///
  /// - Parameter dateTimes: Names in lower case of fields that hold an instant.
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

/// What a slice needs to know of the org to ask for its rows.
struct ReadableSchema: Codable, Sendable, Equatable {
  /// Fields to select, spelled as the org does.
  var fields: [String]
  /// In lower case, those of them that hold an instant.
  var dateTimes: Set<String> = []
  /// Those that are money in an org with several currencies; they are asked for in one.
  var converted: Set<String> = []
  /// Metrics that the org keeps nothing for, by path.
  var absentMetrics: Set<String> = []
  /// Metrics that can't be told although the rows can be read, by path.
  var unavailableMetrics: Set<String> = []
  var warnings: Set<String> = []
}

/// An independent part: a dataset for some accounts, with what the org turned out to have.
public struct SalesforceSlice: Codable, Sendable, Equatable {
  enum State: Codable, Sendable, Equatable {
    case readable(ReadableSchema)
    /// The org lacks the object or a field.
    case absent(String)
    /// The org has it, but none of the configured values of its picklists.
    case unmatched(String)
    /// What the org has could not be found out.
    case unreadable(String)
  }

  var dataset: SalesforceDataset
  var accountIDs: [SalesforceID]
  var state: State
}
